package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailedException;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Message;
import dev.holdfast.Opening;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import okhttp3.Headers;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** When a client is open and when it has ended, as the application learns it. */
class OpeningsTest {
    private static final String LIVE = "{\"t\":\"live\"}";

    private final World world = new World(1);
    private final Script server = new Script();
    private final SimTransport transport = new SimTransport(world, server);
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final List<String> calls = new ArrayList<>();

    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onState(HoldfastClient client, ClientState state) {
            calls.add(state.toString());
        }

        @Override
        public void onOpen(HoldfastClient client, Opening opening) {
            calls.add("open, attempt " + opening.attempt()
                    + (opening.isResumed() ? ", resumed with " + opening.replayedMessages() : ""));
        }

        @Override
        public void onMessage(HoldfastClient client, Message message) {
            calls.add("message " + message.text());
        }

        @Override
        public void onClosed(HoldfastClient client, CloseReason reason) {
            calls.add("closed");
        }
    };

    private HoldfastClientBuilder builder() {
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .backoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1))
                        .withoutJitter())
                .networkMonitor(network)
                .listener(listener);
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    private void called(String... expected) {
        assertEquals(List.of(expected), calls);
        calls.clear();
    }

    private static String welcome(String more) {
        return "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"last\":\"e-0\",\"c\":0,\"ttl\":60000," + more + "}";
    }

    private SimConnection current() {
        return transport.connections().get(transport.connections().size() - 1);
    }

    /** Returns the value of a future that must be complete. */
    private static <T> T done(CompletableFuture<T> future) {
        assertTrue(future.isDone(), "not complete");
        return future.join();
    }

    // ---- onOpen ----

    @Test
    void eachConnectionOfAPlainSessionIsAnOpening() {
        HoldfastClient client = builder().build();
        client.connect();
        pass(2);
        called("CONNECTING", "OPEN", "open, attempt 1");
        current().cut();
        pass(2);
        called("WAITING", "CONNECTING", "OPEN", "open, attempt 1");
        transport.weather = SimTransport.Weather.REFUSED;
        current().cut();
        pass(4);
        transport.weather = SimTransport.Weather.FAIR;
        calls.clear();
        pass(2);
        called("CONNECTING", "OPEN", "open, attempt 4");
        client.cancel();
    }

    @Test
    void aResumedSessionSaysWhatWasReplayed() {
        HoldfastClient client = builder().session(Session.resumable()).build();
        server.answers(welcome("\"resumed\":false"), LIVE);
        client.connect();
        pass(2);
        called("CONNECTING", "RESUMING", "OPEN", "open, attempt 1");
        server.answers(welcome("\"resumed\":true"), "{\"t\":\"msg\",\"id\":\"e-1\",\"d\":1}", LIVE);
        current().cut();
        pass(2);
        called("WAITING", "CONNECTING", "RESUMING", "message 1", "OPEN", "open, attempt 1, resumed with 1");
        server.answers(welcome("\"resumed\":true").replace("e-0", "e-1"), LIVE);
        network.changed();
        pass(2);
        called("RESUMING", "OPEN", "open, attempt 1, resumed with 0");
        client.cancel();
    }

    // ---- opened ----

    @Test
    void openedCompletesWithTheNextOpeningAndThenWithTheCurrentOne() {
        HoldfastClient client = builder().build();
        CompletableFuture<Opening> next = client.opened();
        CompletableFuture<?> unused = next.thenAccept(opening -> calls.add("future"));
        client.connect();
        pass(2);
        called("CONNECTING", "OPEN", "open, attempt 1", "future");
        CompletableFuture<Opening> current = client.opened();
        pass(1);
        assertEquals(done(next), done(current));
        current().cut();
        transport.weather = SimTransport.Weather.REFUSED;
        pass(1);
        CompletableFuture<Opening> later = client.opened();
        pass(1);
        assertFalse(later.isDone());
        transport.weather = SimTransport.Weather.FAIR;
        pass(2);
        assertTrue(later.isDone());
        client.cancel();
    }

    private static ConnectionFailedException failure(CompletableFuture<?> future) {
        assertTrue(future.isDone());
        return (ConnectionFailedException)
                assertThrows(CompletionException.class, future::join).getCause();
    }

    @Test
    void openedFailsWhenTheClientStopsTrying() {
        HoldfastClient client = builder()
                .reconnectPolicy(ReconnectPolicy.standard().withMaxAttempts(2))
                .build();
        transport.weather = SimTransport.Weather.REFUSED;
        CompletableFuture<Opening> opened = client.opened();
        client.connect();
        pass(5);
        assertEquals(ClientState.IDLE, client.state());
        ConnectionFailedException thrown = failure(opened);
        assertEquals("connection refused", thrown.getMessage());
        assertEquals(ConnectionFailure.Phase.TCP, thrown.failure().phase());
        assertFalse(thrown.failure().willRetry());
        // The next one is of the next connect.
        transport.weather = SimTransport.Weather.FAIR;
        CompletableFuture<Opening> again = client.opened();
        pass(5);
        assertFalse(again.isDone());
        client.connect();
        pass(5);
        assertEquals(1, done(again).attempt());
        client.cancel();
    }

    @Test
    void openedFailsWhenTheApplicationDisconnects() {
        transport.weather = SimTransport.Weather.SILENT;
        HoldfastClient client = builder().build();
        client.connect();
        CompletableFuture<Opening> opened = client.opened();
        client.disconnect();
        transport.weather = SimTransport.Weather.FAIR;
        client.connect();
        CompletableFuture<Opening> after = client.opened();
        pass(5);
        assertEquals("the client was disconnected", failure(opened).getMessage());
        assertNull(failure(opened).failure());
        assertNotNull(done(after));
        client.cancel();
    }

    @Test
    void openedFailsWhenTheClientEnds() {
        HoldfastClient client = builder().build();
        CompletableFuture<Opening> before = client.opened();
        client.close();
        pass(1);
        assertEquals("the client is closed", failure(before).getMessage());
        CompletableFuture<Opening> after = client.opened();
        pass(1);
        assertEquals("the client is closed", failure(after).getMessage());
    }

    // ---- reconnect ----

    @Test
    void aPlainSessionThatReconnectsIsClosedAndOpenedAgain() {
        HoldfastClient client = builder().build();
        client.connect();
        pass(2);
        calls.clear();
        CompletableFuture<Opening> again = client.reconnect();
        pass(5);
        called("CONNECTING", "OPEN", "open, attempt 1");
        assertEquals(1, done(again).attempt());
        assertEquals(2, transport.attempts.size());
        client.cancel();
    }

    @Test
    void aResumableSessionThatReconnectsHandsOver() {
        HoldfastClient client = builder().session(Session.resumable()).build();
        server.answers(welcome("\"resumed\":false"), LIVE);
        client.connect();
        pass(60);
        calls.clear();
        server.answers(welcome("\"resumed\":true"), LIVE);
        CompletableFuture<Opening> again = client.reconnect();
        pass(5);
        called("RESUMING", "OPEN", "open, attempt 1, resumed with 0");
        assertTrue(done(again).isResumed());
        client.cancel();
    }

    @Test
    void reconnectConnectsWhatIsNotOpen() {
        HoldfastClient client = builder().build();
        CompletableFuture<Opening> first = client.reconnect();
        pass(2);
        called("CONNECTING", "OPEN", "open, attempt 1");
        assertTrue(first.isDone());
        client.cancel();
        CompletableFuture<Opening> late = client.reconnect();
        pass(1);
        assertEquals("the client is closed", failure(late).getMessage());
    }

    // ---- ping ----

    @Test
    void aPingMeasuresTheRoundTrip() {
        HoldfastClient client = builder().heartbeat(Heartbeat.none()).build();
        client.connect();
        pass(2);
        CompletableFuture<Duration> first = client.ping();
        CompletableFuture<Duration> second = client.ping();
        pass(2);
        assertTrue(done(first).compareTo(Duration.ofMillis(30)) > 0, done(first).toString());
        assertEquals(done(first), done(second));
        CompletableFuture<Duration> third = client.ping();
        assertFalse(third.isDone());
        pass(2);
        assertTrue(third.isDone());
        client.cancel();
    }

    @Test
    void aPingNeedsAConnection() {
        HoldfastClient client = builder().heartbeat(Heartbeat.none()).build();
        CompletableFuture<Duration> early = client.ping();
        pass(1);
        assertEquals("not connected", pingFailure(early));
        client.connect();
        pass(2);
        current().hold(true, true);
        List<CompletableFuture<Duration>> all = new ArrayList<>();
        for (int i = 0; i < 17; i++) all.add(client.ping());
        pass(1);
        assertEquals("16 pings wait for a pong already", pingFailure(all.get(16)));
        assertFalse(all.get(15).isDone());
        client.cancel();
        pass(1);
        assertEquals("the connection ended before the pong", pingFailure(all.get(0)));
    }

    /** A heartbeat's ping without a pong ends the connection, however often the application pings. */
    @Test
    void pingsDoNotProlongTheHeartbeatsDeadline() {
        HoldfastClient client =
                builder().heartbeat(Heartbeat.every(Duration.ofSeconds(10))).build();
        client.connect();
        pass(2);
        current().hold(false, true);
        calls.clear();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Duration> unused = client.ping();
            pass(1);
        }
        assertEquals("WAITING", calls.isEmpty() ? "still open" : calls.get(0));
        client.cancel();
    }

    private static String pingFailure(CompletableFuture<?> ping) {
        assertTrue(ping.isDone());
        return assertThrows(CompletionException.class, ping::join).getCause().getMessage();
    }

    // ---- closed ----

    @Test
    void closedCompletesAfterTheListenerWasCalled() {
        HoldfastClient client = builder().build();
        CompletableFuture<CloseReason> closed = client.closed();
        CompletableFuture<?> unused = closed.thenAccept(reason -> calls.add("future"));
        client.connect();
        pass(2);
        assertFalse(closed.isDone());
        calls.clear();
        client.cancel();
        pass(1);
        called("CLOSED", "closed", "future");
        assertEquals(1006, done(closed).code());
        CompletableFuture<CloseReason> after = client.closed();
        pass(1);
        assertEquals(done(closed), done(after));
    }

    @Test
    void closedCompletesThoughNoCallbackCanCome() {
        HoldfastClient client = builder()
                .callbackExecutor(task -> {
                    throw new IllegalStateException("shut down");
                })
                .build();
        CompletableFuture<CloseReason> closed = client.closed();
        CompletableFuture<Opening> opened = client.opened();
        client.connect();
        pass(5);
        assertEquals(ClientState.CLOSED, client.state());
        assertTrue(closed.isDone());
        failure(opened);
        called();
    }

    @Test
    void aCallbackDoesNotWaitForTheFutures() {
        List<Throwable> refused = new ArrayList<>();
        HoldfastClient client = builder()
                .onState((c, state) -> {
                    if (state != ClientState.CONNECTING) return;
                    refused.add(assertThrows(
                            IllegalStateException.class,
                            () -> c.opened().get(1, java.util.concurrent.TimeUnit.MILLISECONDS)));
                    refused.add(assertThrows(
                            IllegalStateException.class,
                            () -> c.closed().get(1, java.util.concurrent.TimeUnit.MILLISECONDS)));
                })
                .build();
        client.connect();
        pass(2);
        assertEquals(2, refused.size());
        client.cancel();
    }

    // ---- an opening ----

    @Test
    void anOpeningSaysWhatTheServerSelected() {
        Opening opening = new Opening(
                Headers.of(
                        "Sec-WebSocket-Protocol", "chat", "Sec-WebSocket-Extensions", "x; y", "Set-Cookie", "secret"),
                true,
                3,
                2);
        assertEquals("chat", opening.subprotocol());
        assertEquals("x; y", opening.extensions());
        assertEquals("session resumed, 3 replayed, attempt 2, subprotocol chat, extensions x; y", opening.toString());
        assertNull(new Opening(Headers.of(), false, 0, 1).subprotocol());
        assertNull(new Opening(Headers.of(), false, 0, 1).extensions());
        assertEquals(new Opening(Headers.of(), false, 0, 1), new Opening(Headers.of(), false, 0, 1));
    }

    /** Answers each {@code open} with what is next. */
    private static final class Script implements SimServer {
        private final Queue<List<String>> answers = new ArrayDeque<>();

        void answers(String... envelopes) {
            answers.add(List.of(envelopes));
        }

        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            if (!text.contains("\"t\":\"open\"")) return;
            for (String envelope : answers.remove()) connection.serverSends(Item.text(envelope));
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {}

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}
