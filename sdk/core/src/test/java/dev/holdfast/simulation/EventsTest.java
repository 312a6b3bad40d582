package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.EventsRecorder;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Metrics;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** A client's events and metrics, with a server that sends exactly what a test wants. */
class EventsTest {
    private static final String NEW = welcome("\"resumed\":false,\"reason\":\"new\"");
    private static final String LIVE = "{\"t\":\"live\"}";

    private final World world = new World(1);
    private final Script server = new Script();
    private final SimTransport transport = new SimTransport(world, server);
    private final EventsRecorder events = new EventsRecorder();
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private long asleep;

    private HoldfastClientBuilder builder() {
        Environment environment = new Environment(
                world.ticker,
                () -> world.now() + asleep,
                world.scheduler,
                world.threads,
                new Random(1),
                new Random(1),
                transport);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1))
                        .withoutJitter())
                .networkMonitor(network)
                .addEventListener(events);
    }

    private HoldfastClient open() {
        HoldfastClient client = builder().build();
        server.answers(NEW, LIVE);
        client.connect();
        pass(World.seconds(2));
        assertEquals(ClientState.OPEN, client.state());
        events.take();
        return client;
    }

    // ---- events ----

    @Test
    void aSessionThatBeginsGoesOnAndIsLost() {
        HoldfastClient client = builder().build();
        server.answers(NEW, LIVE);
        client.connect();
        pass(World.seconds(2));
        told("CONNECTING", "attempt 1 simulated.example", "opened 1", "RESUMING", "session new, 0 replayed", "OPEN");

        server.answers(welcome("\"resumed\":true"), message(1), message(2), LIVE);
        current().cut();
        pass(World.seconds(2));
        told(
                "failure SESSION, connection reset: again, backoff",
                "WAITING",
                "CONNECTING",
                "attempt 2 simulated.example",
                "opened 2",
                "RESUMING",
                "session resumed, 2 replayed",
                "OPEN");

        client.send("of unknown outcome");
        pass(World.seconds(2));
        server.answers(welcome("\"resumed\":false,\"reason\":\"expired\""), LIVE);
        current().serverCloses(1001, "");
        pass(World.seconds(2));
        told(
                "failure SESSION, server closed with 1001: again, backoff",
                "WAITING",
                "CONNECTING",
                "attempt 3 simulated.example",
                "opened 3",
                "RESUMING",
                "session lost, expired, 1 unknown",
                "session new, 0 replayed",
                "OPEN");
        client.cancel();
        pass(World.seconds(1));
        told("CLOSED");
    }

    @Test
    void attemptsThatFail() {
        HoldfastClient client = builder().build();
        transport.weather = SimTransport.Weather.REFUSED;
        client.connect();
        pass(World.millis(500));
        told("CONNECTING", "attempt 1 simulated.example", "failure TCP, connection refused: again, backoff", "WAITING");
        client.cancel();
    }

    @Test
    void heartbeats() {
        HoldfastClient client = open();
        pass(World.seconds(25));
        told("round trip");
        client.cancel();
    }

    @Test
    void handoverThatSucceeds() {
        HoldfastClient client = open();
        server.answers(welcome("\"resumed\":true"), LIVE);
        network.changed();
        pass(World.seconds(2));
        told(
                "handover to 2",
                "attempt 2 simulated.example",
                "opened 2",
                "handed over to 2",
                "RESUMING",
                "session resumed, 0 replayed",
                "OPEN");
        client.cancel();
    }

    @Test
    void handoverThatCanNotConnect() {
        HoldfastClient client = open();
        transport.weather = SimTransport.Weather.REFUSED;
        network.changed();
        pass(World.millis(200));
        told("handover to 2", "attempt 2 simulated.example", "no handover to 2: connection refused", "round trip");
        client.cancel();
    }

    @Test
    void handoverThatComesTooLate() {
        HoldfastClient client = open();
        transport.weather = SimTransport.Weather.SILENT;
        network.changed();
        pass(World.seconds(2));
        current().cut();
        pass(World.seconds(2));
        told(
                "handover to 2",
                "attempt 2 simulated.example",
                "failure SESSION, connection reset: again, another connection is being opened",
                "no handover to 2: the current connection was lost first",
                "CONNECTING");
        client.cancel();
    }

    @Test
    void handoverThatIsNotWantedAnyMore() {
        HoldfastClient client = open();
        transport.weather = SimTransport.Weather.SILENT;
        network.changed();
        pass(World.seconds(2));
        client.close();
        pass(World.seconds(2));
        told("handover to 2", "attempt 2 simulated.example", "CLOSING", "no handover to 2: no longer wanted", "CLOSED");
    }

    @Test
    void queueThatFillsAndDrains() {
        HoldfastClient client = builder()
                .session(Session.none())
                .queue(OutboundQueue.ofBytes(100).withWaterMarks(10, 5))
                .build();
        for (int i = 0; i < 4; i++) client.send("four");
        pass(World.seconds(1));
        told("high, 4 messages, 16 bytes");
        Metrics metrics = client.metrics();
        assertEquals(4, metrics.queuedMessages());
        assertEquals(16, metrics.queuedBytes());
        assertEquals(16, metrics.bufferedAmount());
        client.connect();
        pass(World.seconds(1));
        told("CONNECTING", "attempt 1 simulated.example", "opened 1", "OPEN", "low, 0 messages, 0 bytes");
        client.cancel();
    }

    @Test
    void sleep() {
        HoldfastClient client = open();
        asleep = World.seconds(3600);
        pass(World.seconds(25));
        told("suspended for 3600 s", "round trip");
        client.cancel();
    }

    @Test
    void whatTheyThrowChangesNothing() {
        Queue<Throwable> uncaught = new ArrayDeque<>();
        Thread thread = Thread.currentThread();
        thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
        try {
            HoldfastClient client = builder()
                    .addEventListener(new HoldfastEventListener() {
                        @Override
                        public void onAttempt(long connection, String host) {
                            throw new IllegalStateException("attempt");
                        }

                        @Override
                        public void onState(ClientState state) {
                            throw new AssertionError("state");
                        }
                    })
                    .build();
            server.answers(NEW, LIVE);
            client.connect();
            pass(World.seconds(2));
            assertEquals(ClientState.OPEN, client.state());
            assertEquals(1, transport.attempts.size());
            assertEquals(4, uncaught.size());
            client.cancel();
        } finally {
            thread.setUncaughtExceptionHandler(null);
        }
    }

    @Test
    void severalListenersAreCalledInTurnAndOneThatThrowsStopsNoOther() {
        List<String> order = new ArrayList<>();
        Queue<Throwable> uncaught = new ArrayDeque<>();
        Thread thread = Thread.currentThread();
        thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
        try {
            HoldfastClient client = TestHooks.in(
                            new Environment(
                                    world.ticker,
                                    world.scheduler,
                                    world.threads,
                                    new Random(1),
                                    new Random(1),
                                    transport),
                            HoldfastClient.builder("ws://simulated.example/"))
                    .addEventListener(naming("first", order))
                    .addEventListener(new HoldfastEventListener() {
                        @Override
                        public void onState(ClientState state) {
                            throw new IllegalStateException("second");
                        }
                    })
                    .addEventListener(naming("third", order))
                    .build();
            client.connect();
            pass(World.seconds(2));
            assertEquals(List.of("first CONNECTING", "third CONNECTING", "first OPEN", "third OPEN"), order);
            assertEquals(2, uncaught.size());
            client.cancel();
        } finally {
            thread.setUncaughtExceptionHandler(null);
        }
    }

    private static HoldfastEventListener naming(String name, List<String> order) {
        return new HoldfastEventListener() {
            @Override
            public void onState(ClientState state) {
                order.add(name + " " + state);
            }
        };
    }

    // ---- metrics ----

    @Test
    void everythingIsCounted() {
        HoldfastClient client = builder().build();
        Map<Counter, Long> expected = new EnumMap<>(Counter.class);
        for (Counter counter : Counter.values()) expected.put(counter, 0L);
        assertEquals(expected, client.metrics().counts());

        transport.weather = SimTransport.Weather.REFUSED;
        client.connect();
        pass(World.millis(500));
        add(expected, 1, Counter.ATTEMPTS, Counter.FAILURES);
        assertEquals(expected, client.metrics().counts());

        transport.weather = SimTransport.Weather.FAIR;
        server.answers(NEW, LIVE);
        client.send("Hëllo");
        client.send(ByteString.decodeHex("0102"));
        pass(World.seconds(2));
        current().serverSends(Item.text("{\"t\":\"ack\",\"c\":1}"));
        pass(World.seconds(1));
        add(expected, 1, Counter.ATTEMPTS, Counter.CONNECTIONS_OPENED, Counter.SESSIONS_NEW);
        add(expected, 2, Counter.MESSAGES_SENT, Counter.MESSAGES_WRITTEN);
        add(expected, 8, Counter.BYTES_WRITTEN);
        add(expected, 1, Counter.MESSAGES_ACKNOWLEDGED);
        assertEquals(expected, client.metrics().counts());

        current().serverSends(Item.text(message(1)));
        current().serverSends(Item.text(message(1)));
        current()
                .serverSends(Item.binary(new Buffer()
                        .writeByte(1)
                        .writeByte(3)
                        .writeUtf8("e-2abc")
                        .readByteString()));
        pass(World.seconds(1));
        add(expected, 2, Counter.MESSAGES_RECEIVED);
        add(expected, 8 + 3, Counter.BYTES_RECEIVED);
        add(expected, 1, Counter.DUPLICATES_DROPPED);
        assertEquals(expected, client.metrics().counts());

        server.answers(welcome("e-2", 1, "\"resumed\":true"), message(2), message(3), LIVE);
        current().cut();
        pass(World.seconds(2));
        add(expected, 1, Counter.FAILURES, Counter.ATTEMPTS, Counter.CONNECTIONS_OPENED, Counter.SESSIONS_RESUMED);
        add(expected, 1, Counter.MESSAGES_RESENT, Counter.MESSAGES_RECEIVED, Counter.MESSAGES_REPLAYED);
        add(expected, 8, Counter.BYTES_RECEIVED);
        add(expected, 1, Counter.DUPLICATES_DROPPED);
        assertEquals(expected, client.metrics().counts());

        pass(World.seconds(25));
        add(expected, 1, Counter.PINGS, Counter.PONGS);
        assertEquals(expected, client.metrics().counts());
        assertEquals(client.roundTripTime(), client.metrics().roundTripTime());

        server.answers(welcome("\"resumed\":false,\"reason\":\"unknown\""), LIVE);
        network.changed();
        pass(World.seconds(2));
        add(expected, 1, Counter.ATTEMPTS, Counter.CONNECTIONS_OPENED, Counter.HANDOVERS);
        add(expected, 1, Counter.SESSIONS_LOST, Counter.SESSIONS_NEW);
        assertEquals(expected, client.metrics().counts());
        assertEquals(0, client.metrics().queuedMessages());
        assertEquals(0, client.metrics().bufferedAmount());
        client.cancel();
    }

    private static void add(Map<Counter, Long> counts, long more, Counter... counters) {
        for (Counter counter : counters) counts.merge(counter, more, Long::sum);
    }

    // ---- the world ----

    private void told(String... expected) {
        assertEquals(List.of(expected), events.take());
    }

    private SimConnection current() {
        return transport.connections().get(0);
    }

    private static String welcome(String members) {
        return welcome("e-0", 0, members);
    }

    private static String welcome(String last, long handled, String members) {
        return "{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"last\":\"" + last + "\",\"c\":" + handled
                + ",\"ttl\":1000," + members + "}";
    }

    private static String message(int number) {
        return "{\"t\":\"msg\",\"id\":\"e-" + number + "\",\"d\":\"größer\"}";
    }

    private void pass(long nanos) {
        long end = world.now() + nanos;
        while (world.step(end)) {}
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
