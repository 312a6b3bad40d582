package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.Transport;
import java.lang.reflect.Proxy;
import java.nio.CharBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import okhttp3.Request;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that names the last message it has, against a server that knows what to do with that, or does not. */
class LastMessageIdTest {
    /** Writes down what it is told, and says nothing of its own accord. */
    private static final class Server implements SimServer {
        final List<SimConnection> connections = new ArrayList<>();
        final List<String> got = new ArrayList<>();

        /** What it sends to those who come, one after the other. */
        final Queue<List<String>> greetings = new ArrayDeque<>();

        @Override
        public void onConnect(SimConnection connection) {
            connections.add(connection);
            List<String> greeting = greetings.poll();
            if (greeting != null) greeting.forEach(text -> connection.serverSends(Item.text(text)));
        }

        @Override
        public void onText(SimConnection connection, String text) {
            got.add(connections.indexOf(connection) + ": " + text);
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {
            got.add(connections.indexOf(connection) + ": bytes " + bytes.utf8());
        }

        @Override
        public void onDisconnect(SimConnection connection) {}

        SimConnection newest() {
            return connections.get(connections.size() - 1);
        }

        Request request(int connection) {
            return connections.get(connection).request;
        }
    }

    private static final Set<String> SENDING = Set.of("sendText", "sendAscii");

    private final World world = new World(1);
    private final Server server = new Server();
    private final SimTransport transport = new SimTransport(world, server);
    /** What was given to connections, though they may be cancelled before it has left. */
    private final List<String> given = new ArrayList<>();

    private final Transport noting = (request, events) -> {
        Connection connection = transport.open(request, events);
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    if (SENDING.contains(method.getName())) given.add((String) args[0]);
                    return method.invoke(connection, args);
                });
    };
    private final List<String> received = new ArrayList<>();
    private final List<ConnectionFailure> failures = new ArrayList<>();
    private HoldfastClient client;

    private void connect(ResumeFrom from) {
        connect(Session.resumeFrom(from));
    }

    private void connect(Session session) {
        connect("ws://simulated.example/", session);
    }

    private void connect(String url, Session session) {
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), noting);
        client = TestHooks.in(environment, HoldfastClient.builder(url))
                .session(session)
                .backoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        received.add(message.id() + " " + message.text());
                    }

                    @Override
                    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
                        failures.add(failure);
                    }
                })
                .build();
        client.connect();
        pass(3);
        assertEquals(ClientState.OPEN, client.state());
    }

    @AfterEach
    void end() {
        if (client == null) return;
        client.cancel();
        pass(10);
        assertEquals(ClientState.CLOSED, client.state());
        assertEquals(0, client.bufferedAmount());
        assertEquals(List.of(), transport.connections());
    }

    @Test
    void anotherProcessMayGoOnWhereTheFirstStopped() {
        server.greetings.add(List.of("{\"id\":\"7\"}", "{\"id\":\"8\"}"));
        connect(byId().inQuery("since").withStart("7"));
        assertEquals("7", server.request(0).url().queryParameter("since"));
        assertEquals(List.of("8 {\"id\":\"8\"}"), received);
    }

    @Test
    void anotherProcessMaySayWhereTheFirstStopped() {
        connect(byId().firstMessage(last -> "from " + last).withStart("7"));
        assertEquals(List.of("0: from 7"), server.got);
    }

    private static ResumeFrom.Place byId() {
        return ResumeFrom.jsonPointer("/id");
    }

    private void serverSends(String... texts) {
        for (String text : texts) server.newest().serverSends(Item.text(text));
        pass(1);
    }

    private void cut() {
        server.newest().cut();
        pass(4);
        assertEquals(ClientState.OPEN, client.state());
    }

    @Test
    void theMessageIsTheFirstOnEveryConnectionButTheOneThatHasNothingToGoOnFrom() {
        connect(byId().firstMessage(last -> Map.of("after", last)));
        cut();
        client.send("hello");
        pass(1);
        serverSends("{\"id\":7}");
        transport.weather = SimTransport.Weather.REFUSED;
        server.newest().cut();
        pass(1);
        Delivery waiting = client.send("waits");
        transport.weather = SimTransport.Weather.FAIR;
        pass(4);
        cut();
        assertEquals(List.of("1: hello", "2: {\"after\":\"7\"}", "2: waits", "3: {\"after\":\"7\"}"), server.got);
        assertEquals(Outcome.Kind.WRITTEN, waiting.outcomeNow().kind());
    }

    @Test
    void theMessageMayBeTextOrBytesOrAnythingForJson() {
        Queue<Function<String, Object>> kinds = new ArrayDeque<>(List.of(
                last -> "text " + last,
                last -> CharBuffer.wrap("chars " + last),
                ByteString::encodeUtf8,
                last -> ByteString.encodeUtf8(last).toByteArray(),
                List::of));
        connect(byId().firstMessage(last -> kinds.remove().apply(last)));
        serverSends("{\"id\":\"a\\n\\\"1\"}");
        while (!kinds.isEmpty()) cut();
        assertEquals(
                List.of(
                        "1: text a\n\"1",
                        "2: chars a\n\"1",
                        "3: bytes a\n\"1",
                        "4: bytes a\n\"1",
                        "5: [\"a\\n\\\"1\"]"),
                server.got);
    }

    @Test
    void whatTheServerReplaysForNothingIsDroppedAndTheFirstNewMessageIsNot() {
        server.greetings.add(List.of("{\"id\":1}", "{\"id\":2}"));
        server.greetings.add(List.of("{\"id\":2}", "{\"id\":3}"));
        server.greetings.add(List.of("{\"id\":4}", "{\"id\":5}"));
        server.greetings.add(List.of("{\"hello\":1}", "{\"id\":1}", "{\"id\":\"5\"}", "{\"id\":6}", "{\"id\":6}"));
        connect(byId().inQuery("since"));
        for (int i = 0; i < 3; i++) cut();
        assertEquals(
                List.of(
                        "1 {\"id\":1}",
                        "2 {\"id\":2}",
                        "3 {\"id\":3}",
                        "4 {\"id\":4}",
                        "5 {\"id\":5}",
                        "null {\"hello\":1}",
                        "6 {\"id\":6}"),
                received);
        cut();
        assertEquals("6", server.request(4).url().queryParameter("since"));
    }

    @Test
    void asManyIdsAreRememberedAsIsAskedFor() {
        List<String> replay = List.of("{\"id\":1}", "{\"id\":2}", "{\"id\":3}");
        for (int i = 0; i < 4; i++) server.greetings.add(replay);
        connect(byId().inQuery("since").withRememberedIds(2));
        cut();
        // Each is forgotten just before it comes again.
        assertEquals(6, received.size());
        client.cancel();
        pass(1);
        received.clear();
        connect(byId().inQuery("since").withRememberedIds(3));
        cut();
        assertEquals(3, received.size());
        assertThrows(
                IllegalArgumentException.class, () -> byId().inQuery("since").withRememberedIds(0));
    }

    @Test
    void theHeaderTakesThePlaceOfTheRequestsOwn() {
        connect(byId().inHeader("Last-Event-ID"));
        serverSends("{\"id\":\"17-3\"}");
        cut();
        assertEquals(List.of(), server.request(0).headers("Last-Event-ID"));
        assertEquals(List.of("17-3"), server.request(1).headers("Last-Event-ID"));
        assertEquals(List.of(), server.got);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a b/~!\\\"%41 | a b/~!\"%41",
                "a\\r\\nX-Evil: 1 | a%0D%0AX-Evil:%201",
                "1\\n | 1%0A",
                "\\u0000\\u007f | %00%7F",
                "` 1` | %201",
                "`1 ` | 1%20",
                "\\u00e9 100% | %C3%A9%20100%25",
                "\\ud83d\\ude00 | %F0%9F%98%80",
            })
    void anIdThatNoHeaderCanHoldIsPercentEncoded(String id, String header) {
        String json = id.replace("`", "");
        connect(byId().inHeader("Last-Event-ID"));
        serverSends("{\"id\":\"" + json + "\"}");
        cut();
        assertEquals(List.of(header), server.request(1).headers("Last-Event-ID"));
        assertEquals(1, server.request(1).headers().size());
    }

    @Test
    void theParameterTakesThePlaceOfTheUrlsOwnAndNothingElse() {
        connect("ws://simulated.example/feed?since=0&room=a%20b&since=1", Session.resumeFrom(byId().inQuery("since")));
        serverSends("{\"id\":\"a&room=c#\\u00e9\\r\\n\"}");
        cut();
        assertEquals("since=0&room=a%20b&since=1", server.request(0).url().encodedQuery());
        Request again = server.request(1);
        assertEquals("a&room=c#\u00e9\r\n", again.url().queryParameter("since"));
        assertEquals(List.of("a b"), again.url().queryParameterValues("room"));
        assertEquals("/feed", again.url().encodedPath());
        assertEquals(2, again.url().querySize());
    }

    @Test
    void whatCanBeNoNameIsRefusedAtOnce() {
        assertThrows(IllegalArgumentException.class, () -> byId().inHeader("Last Event\r\n"));
        assertThrows(IllegalArgumentException.class, () -> byId().inHeader(""));
        assertThrows(IllegalArgumentException.class, () -> ResumeFrom.jsonPointer("id"));
        assertThrows(NullPointerException.class, () -> ResumeFrom.jsonPointer(null));
        assertThrows(NullPointerException.class, () -> byId().inQuery(null));
        assertThrows(NullPointerException.class, () -> byId().firstMessage(null));
    }

    @Test
    void anApplicationThatDisconnectsGoesOnFromWhereItWas() {
        connect(byId().inQuery("since"));
        serverSends("{\"id\":1}");
        client.disconnect();
        // Still on its way when the application has turned its back.
        server.newest().serverSends(Item.text("{\"id\":2}"));
        pass(3);
        client.connect();
        pass(3);
        int had = received.size();
        assertEquals(String.valueOf(had), server.request(1).url().queryParameter("since"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"throws", "gives nothing", "gives what is no JSON"})
    void whereTheMessageCanNotBeBuiltTheConnectionIsGivenUpAndTriedAgain(String how) {
        List<Throwable> thrown = new ArrayList<>();
        int[] builds = {0};
        connect(byId().firstMessage(last -> {
            if (++builds[0] > 1) return "after " + last;
            switch (how) {
                case "throws":
                    throw new IllegalStateException("no");
                case "gives nothing":
                    return null;
                default:
                    return new Object();
            }
        }));
        serverSends("{\"id\":1}");
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
        try {
            cut();
            pass(5);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertEquals(List.of("2: after 1"), server.got);
        assertEquals(2, failures.size());
        assertEquals(1, thrown.size());
    }

    @Test
    void aFunctionThatThrowsLeavesItsMessageWithoutAnId() {
        RuntimeException mine = new IllegalStateException("no");
        List<Throwable> thrown = new ArrayList<>();
        connect(ResumeFrom.idFrom(text -> {
                    if (text.equals("bad")) throw mine;
                    return text.equals("none") ? null : text.substring(0, 1);
                })
                .inQuery("since"));
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> thrown.add(e));
        try {
            serverSends("7 a", "bad", "none", "7 b");
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertEquals(List.of("7 7 a", "null bad", "null none"), received);
        assertEquals(List.of(mine), thrown);
        cut();
        pass(5);
        assertEquals("7", server.request(1).url().queryParameter("since"));
    }

    @Test
    void nothingIsSentOnAConnectionWhoseFirstMessageCanNotBeBuilt() {
        RuntimeException mine = new IllegalStateException("no");
        int[] builds = {0};
        connect(byId().firstMessage(last -> {
            if (++builds[0] == 1) throw mine;
            return "after " + last;
        }));
        serverSends("{\"id\":1}");
        Thread.UncaughtExceptionHandler before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {});
        try {
            client.onSessionStart("s", "standing");
            pass(1);
            server.newest().cut();
            while (client.state() == ClientState.OPEN) assertTrue(world.step(world.now() + World.seconds(1)));
            given.clear();
            client.send("queued");
            pass(5);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(before);
        }
        assertEquals(List.of("after 1", "standing"), given);
        assertEquals(2, failures.size());
        assertSame(mine, failures.get(1).cause());
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }
}
