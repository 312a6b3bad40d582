package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.EncodedPayload;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.PayloadException;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import dev.holdfast.protocol.Subscription;
import java.nio.CharBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unwelcome behaviour of the application, its executor or the server. */
class EdgeTest {
    private final World world = new World(1);
    private final ModelServer server = new ModelServer(world);
    private final SimTransport transport = new SimTransport(world, server);
    private final List<String> told = new ArrayList<>();
    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onState(HoldfastClient from, ClientState state) {
            told.add(state.toString());
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            told.add(failure.phase() + ": " + failure.message());
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            told.add("closed " + reason);
        }
    };

    private HoldfastClientBuilder builder(Transport through) {
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), through);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .listener(listener);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rejects", "throws", "fails"})
    void anExecutorThatRefusesEndsTheClientAndEveryDelivery(String how) {
        boolean[] refuses = {false};
        Executor executor = task -> {
            if (refuses[0]) {
                switch (how) {
                    case "rejects":
                        throw new RejectedExecutionException("shut down");
                    case "throws":
                        throw new IllegalStateException("Toolkit not initialized");
                    default:
                        throw new OutOfMemoryError("unable to create native thread");
                }
            }
            world.threads.execute(task);
        };
        HoldfastClient client = builder(transport).callbackExecutor(executor).build();
        client.connect();
        pass(5);
        Delivery acknowledged = client.send("c/1/");
        pass(5);
        assertEquals(Outcome.acknowledged(), acknowledged.outcomeNow());
        refuses[0] = true;
        told.clear();
        Delivery last = client.send("c/2/");
        CompletableFuture<Outcome> asked = last.outcome();
        pass(5);
        assertEquals(ClientState.CLOSED, client.state());
        assertTrue(asked.isDone(), "hangs");
        assertEquals(List.of(), told);
        assertEquals(0, client.bufferedAmount());
        assertEquals(List.of(), transport.connections());
    }

    @Test
    void anExecutorThatRefusesFromTheStart() {
        HoldfastClient client = builder(transport)
                .callbackExecutor(task -> {
                    throw new IllegalStateException("Toolkit not initialized");
                })
                .build();
        Delivery delivery = client.send("never");
        client.connect();
        pass(5);
        assertEquals(ClientState.CLOSED, client.state());
        assertEquals(Outcome.Kind.CANCELLED, delivery.outcomeNow().kind());
    }

    /** An old OkHttp is one cause, an event listener factory that throws another. */
    @Test
    void aTransportThatThrowsStopsTheClientUntilItIsAskedAgain() {
        int[] attempts = {0};
        Transport broken = (request, events) -> {
            if (++attempts[0] == 1) throw new NoSuchMethodError("okhttp3.Response.socket()");
            if (attempts[0] == 2) throw new IllegalStateException("event listener factory broke");
            return transport.open(request, events);
        };
        HoldfastClient client = builder(broken).build();
        for (int i = 0; i < 3; i++) {
            client.connect();
            pass(60);
        }
        assertEquals(
                List.of(
                        "CONNECTING",
                        "CONFIGURATION: the libraries on the class path do not fit together, or OkHttp is too old: "
                                + "java.lang.NoSuchMethodError: okhttp3.Response.socket()",
                        "IDLE",
                        "CONNECTING",
                        "CONFIGURATION: the application's configuration or code failed: "
                                + "java.lang.IllegalStateException: event listener factory broke",
                        "IDLE",
                        "CONNECTING",
                        "RESUMING",
                        "OPEN"),
                told);
        client.cancel();
    }

    /** Memory may be there again. */
    @Test
    void anAttemptThatRunsOutOfMemoryIsTriedAgain() {
        int[] attempts = {0};
        Transport broken = (request, events) -> {
            if (++attempts[0] == 1) throw new OutOfMemoryError("no more threads");
            return transport.open(request, events);
        };
        HoldfastClient client = builder(broken).build();
        client.connect();
        pass(60);
        assertEquals(
                List.of(
                        "CONNECTING",
                        "UPGRADE: java.lang.OutOfMemoryError: no more threads",
                        "WAITING",
                        "CONNECTING",
                        "RESUMING",
                        "OPEN"),
                told);
        client.cancel();
    }

    @Test
    void anAvailableNetworkIsNoReasonToHurryWhenItsWatchBegins() {
        HoldfastClient client = builder(transport)
                .networkMonitor(new ManualNetworkMonitor())
                .reconnectPolicy(ReconnectPolicy.standard().withHttpStatusReaction(503, Reaction.stop("overloaded")))
                .build();
        transport.weather = SimTransport.Weather.UNAVAILABLE;
        transport.retryAfter = 0;
        long end = world.now() + World.seconds(7);
        do {
            // The client watches the network only while it is not idle.
            if (client.state() == ClientState.IDLE) client.connect();
        } while (world.step(end));
        assertEquals(5, transport.attempts.size());
        client.cancel();
    }

    @Test
    void aLossThatIsReportedWhenNobodyWatchesAnyMoreIsForgotten() {
        ManualNetworkMonitor network = new ManualNetworkMonitor();
        HoldfastClient client = builder(transport).networkMonitor(network).build();
        client.connect();
        pass(1);
        world.freeze(World.seconds(1));
        client.disconnect();
        network.lost();
        pass(2);
        assertEquals(ClientState.IDLE, client.state());
        network.available();
        client.connect();
        pass(1);
        transport.connections().get(transport.connections().size() - 1).cut();
        pass(2);
        assertEquals(ClientState.OPEN, client.state());
        client.cancel();
    }

    @Test
    void deliveriesEndOnTheCallbackExecutor() {
        Queue<Runnable> turns = new ArrayDeque<>();
        HoldfastClient client = builder(transport).callbackExecutor(turns::add).build();
        client.connect();
        Delivery delivery = client.send("c/1/");
        List<String> order = new ArrayList<>();
        CompletableFuture<?> first = delivery.outcome().thenAccept(outcome -> order.add("first"));
        CompletableFuture<?> second = delivery.outcome().thenAccept(outcome -> order.add("second"));
        pass(5);
        assertFalse(first.isDone() || second.isDone());
        while (!turns.isEmpty()) {
            turns.remove().run();
            pass(1);
        }
        assertTrue(first.isDone() && second.isDone());
        assertEquals(2, order.size());
        assertEquals(Outcome.acknowledged(), delivery.outcome().join());
        client.cancel();
    }

    @Test
    void aFutureBelongsToWhoAskedForIt() {
        HoldfastClient client = builder(transport).build();
        Delivery delivery = client.send("c/1/");
        assertTrue(delivery.outcome().cancel(true));
        assertTrue(delivery.outcome().complete(Outcome.written()));
        client.connect();
        pass(5);
        assertEquals(Outcome.acknowledged(), delivery.outcome().join());
        client.cancel();
    }

    @Test
    void emptyMessagesWeighSomethingToo() {
        Echo echo = new Echo();
        SimTransport plain = new SimTransport(world, echo);
        Queue<Runnable> turns = new ArrayDeque<>();
        HoldfastClient client = builder(plain)
                .session(Session.none())
                .inboundLimitBytes(10_000)
                .callbackExecutor(turns::add)
                .build();
        client.connect();
        pass(1);
        SimConnection connection = plain.connections().get(0);
        for (int i = 0; i < 1_000; i++) connection.serverSends(Item.text(""));
        pass(5);
        assertFalse(connection.isReading(), "reads on without a bound");
        int received = 0;
        while (!turns.isEmpty()) {
            turns.remove().run();
            pass(1);
            received++;
        }
        assertTrue(connection.isReading());
        assertTrue(received > 0);
        client.cancel();
    }

    @Test
    void timesThatStandForNeverDoNotWrapAround() {
        Duration never = Duration.ofSeconds(Long.MAX_VALUE);
        HoldfastClient client = builder(transport)
                .heartbeat(Heartbeat.every(never).withDeadline(never))
                .connectTimeout(never)
                .closeTimeout(never)
                .backoff(Backoff.exponential(Duration.ofSeconds(1), never).withResetAfter(never))
                .build();
        client.connect();
        pass(5);
        transport.connections().get(0).cut();
        pass(5);
        assertEquals(ClientState.OPEN, client.state());
        assertEquals(2, transport.attempts.size());
        client.cancel();
    }

    @Test
    void whatIsSentAsAnObjectGoesOutAsWhatItIs() {
        Echo echo = new Echo();
        HoldfastClient client =
                builder(new SimTransport(world, echo)).session(Session.none()).build();
        client.connect();
        pass(1);
        CharSequence text = CharBuffer.wrap("text");
        Object bytes = new byte[] {1, 2};
        Object string = ByteString.of((byte) 3);
        client.send(text);
        client.send(bytes);
        client.send(new byte[] {4});
        client.send(string);
        client.send(client.send("again").message());
        client.send(ClientState.OPEN);
        pass(5);
        assertEquals(
                List.of(
                        "TEXT text",
                        "BINARY 0102",
                        "BINARY 04",
                        "BINARY 03",
                        "TEXT again",
                        "TEXT again",
                        "TEXT \"OPEN\""),
                echo.received);
        client.cancel();
    }

    @Test
    void jsonStringsAreReadAsJson() {
        List<Object> read = new ArrayList<>();
        HoldfastClient client = builder(transport)
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        read.add(message.read(ClientState.class));
                    }
                })
                .build();
        client.connect();
        pass(5);
        SimConnection connection = transport.connections().get(0);
        connection.serverSends(Item.text("{\"t\":\"msg\",\"id\":\"s1-1\",\"d\":\"OPEN\"}"));
        // Before the acknowledgement of what this server never sent is due.
        for (long end = world.now() + World.millis(150); world.step(end); ) {}
        assertEquals(List.of(ClientState.OPEN), read);
        client.cancel();
    }

    @Test
    void noBusyWaitWhileTheServerIsSlowToClose() {
        HoldfastClient client = builder(transport).build();
        client.connect();
        pass(5);
        transport.connections().get(0).serverSends(Item.text("{\"t\":\"reconnect\",\"afterMs\":2000}"));
        pass(1);
        transport.connections().get(0).hold(true, true);
        client.close();
        long before = world.steps();
        pass(4);
        assertTrue(world.steps() - before < 100, (world.steps() - before) + " steps");
        pass(60);
        assertEquals(ClientState.CLOSED, client.state());
    }

    @Test
    void nonsenseIsRefusedWithAWord() {
        HoldfastClientBuilder builder = builder(transport);
        assertThrows(IllegalArgumentException.class, () -> builder.connectTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> Heartbeat.every(Duration.ofSeconds(-1)));
        HoldfastClient client = builder.build();
        Object selfReference = new Object() {
            @Override
            public String toString() {
                return "no properties";
            }
        };
        assertThrows(PayloadException.class, () -> client.send(selfReference));
        assertEquals(0, client.bufferedAmount());
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    private static final class Echo implements SimServer {
        final List<String> received = new ArrayList<>();

        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            received.add("TEXT " + text);
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {
            received.add("BINARY " + bytes.hex());
        }

        @Override
        public void onDisconnect(SimConnection connection) {}
    }

    /** A protocol without an opening, whose messages are texts. */
    private static final class Texts implements Protocol {
        private ProtocolClient client;

        @Override
        public void attach(ProtocolClient newClient) {
            client = newClient;
        }

        @Override
        public OpenedBy openedBy() {
            return OpenedBy.NOBODY;
        }

        @Override
        public ProtocolConnection newConnection() {
            return new ProtocolConnection() {
                @Override
                public Outgoing open(String credential) {
                    throw new IllegalStateException("there is no opening");
                }

                @Override
                public void onText(String text, ProtocolEvents events) {
                    events.deliver(EncodedPayload.text(text));
                }
            };
        }

        @Override
        public Outgoing outgoing(EncodedPayload payload) {
            return Outgoing.text(payload.text());
        }
    }

    @Test
    void reportsCountTowardsTheInboundLimitOnce() {
        SimTransport plain = new SimTransport(world, new Echo());
        Queue<Runnable> turns = new ArrayDeque<>();
        Texts texts = new Texts();
        HoldfastClient client = builder(plain)
                .session(Session.of(() -> texts))
                .inboundLimitBytes(10_000)
                .callbackExecutor(turns::add)
                .build();
        client.connect();
        pass(1);
        AtomicInteger failed = new AtomicInteger();
        for (int i = 0; i < 200; i++) texts.client.subscribe(new FailingSubscription("s" + i, failed), null);
        pass(1);
        while (!turns.isEmpty()) {
            turns.remove().run();
            pass(1);
        }
        assertEquals(200, failed.get());
        SimConnection connection = plain.connections().get(0);
        assertTrue(connection.isReading());
        for (int i = 0; i < 60; i++) connection.serverSends(Item.text(""));
        pass(5);
        assertFalse(connection.isReading(), "the reports were given back without having been counted");
        client.cancel();
    }

    private static final class FailingSubscription implements Subscription {
        private final String name;
        private final AtomicInteger failed;

        FailingSubscription(String name, AtomicInteger failed) {
            this.name = name;
            this.failed = failed;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Outgoing start(String cursor) {
            throw new IllegalStateException("planted");
        }

        @Override
        public Outgoing end() {
            return null;
        }

        @Override
        public void onFailed(Throwable thrown) {
            failed.incrementAndGet();
        }
    }
}
