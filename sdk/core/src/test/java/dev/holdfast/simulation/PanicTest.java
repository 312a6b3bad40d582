package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectRateLimit;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.HoldfastListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Message;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.SessionSnapshot;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failure inside the client ends it with a report; a failure in the application's code does not end it. */
class PanicTest {
    private final World world = new World(1);
    private final SimTransport network = new SimTransport(world, new Script());
    private final List<String> reports = new ArrayList<>();
    private final List<ConnectionFailure> failures = new ArrayList<>();
    private final List<Throwable> uncaught = new ArrayList<>();

    /** The next of its calls that throws, by name; null if none is to. */
    private String broken;

    private RuntimeException thrown = new IllegalStateException("broken");
    private int refusals;
    private Thread.UncaughtExceptionHandler before;

    private final Random jitter = new Random(1) {
        @Override
        public double nextDouble() {
            breakIf("jitter");
            return super.nextDouble();
        }

        @Override
        public long nextLong() {
            breakIf("jitter");
            return super.nextLong();
        }

        @Override
        protected int next(int bits) {
            breakIf("jitter");
            return super.next(bits);
        }
    };

    private final Scheduler scheduler = (task, delay) -> {
        breakIf("schedule");
        return world.scheduler.schedule(task, delay);
    };

    private final Executor threads = task -> {
        if (refusals > 0) {
            refusals--;
            throw new RejectedExecutionException("shut down");
        }
        world.threads.execute(task);
    };

    private final Transport transport = (request, events) -> {
        Connection connection = network.open(request, events);
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    breakIf(method.getName());
                    try {
                        return method.invoke(connection, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    };

    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onState(HoldfastClient from, ClientState state) {
            reports.add(state.toString());
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            failures.add(failure);
            reports.add(failure.phase().toString());
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            reports.add(message.text());
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            reports.add("closed " + reason.code());
        }
    };

    private void breakIf(String what) {
        if (!what.equals(broken)) return;
        if (thrown != null) throw thrown;
        throw new AssertionError(what);
    }

    @BeforeEach
    void takeWhatIsNotCaught() {
        before = Thread.currentThread().getUncaughtExceptionHandler();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
    }

    @AfterEach
    void giveTheHandlerBack() {
        Thread.currentThread().setUncaughtExceptionHandler(before);
    }

    private HoldfastClientBuilder builder() {
        Environment environment = new Environment(world.ticker, scheduler, threads, new Random(1), jitter, transport);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable())
                .queue(OutboundQueue.ofBytes(100).withWaterMarks(2, 1))
                .backoff(Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .listener(listener);
    }

    private HoldfastClient open(HoldfastClientBuilder builder) {
        HoldfastClient client = builder.build();
        client.connect();
        pass(2);
        assertEquals(ClientState.OPEN, client.state());
        reports.clear();
        return client;
    }

    private void assertEndedByItself(HoldfastClient client) {
        assertEquals(ClientState.CLOSED, client.state());
        assertEquals(List.of("INTERNAL", "CLOSED", "closed 1006"), reports);
        ConnectionFailure failure = failures.get(failures.size() - 1);
        assertEquals(Phase.INTERNAL, failure.phase());
        assertFalse(failure.willRetry());
        assertEquals(0, client.bufferedAmount());
        assertEquals(List.of(), network.connections(), "connections that are still open");
        int attempts = network.attempts.size();
        client.connect();
        client.close();
        client.cancel();
        client.disconnect();
        assertEquals(Outcome.Kind.CANCELLED, client.send("late").outcomeNow().kind());
        assertTrue(client.writable().isCancelled());
        CompletableFuture<Optional<SessionSnapshot>> snapshot = client.snapshot();
        client.onSessionStart("late", "late");
        pass(60);
        assertEquals(Optional.empty(), snapshot.getNow(null));
        assertEquals(attempts, network.attempts.size());
        assertEquals(3, reports.size(), "reports after the end");
        assertEquals(List.of(), uncaught);
    }

    /** A message handed over and one that waits, and all that one can wait for. */
    private final class Waits {
        final CompletableFuture<Void> writable;
        final Delivery handedOver;
        final Delivery waiting;
        final CompletableFuture<Outcome> first;
        final CompletableFuture<Outcome> second;
        final CompletableFuture<Boolean> written;
        final CompletableFuture<Optional<SessionSnapshot>> snapshot;

        Waits(HoldfastClient client) {
            handedOver = client.send("sent");
            pass(1);
            network.connections().get(0).hold(true, true);
            for (int i = 0; i < 2; i++) client.disconnect();
            pass(1);
            waiting = client.send("waits");
            writable = client.writable();
            assertFalse(writable.isDone());
            first = handedOver.outcome();
            second = waiting.outcome();
            written = waiting.written();
            snapshot = client.snapshot();
        }

        void assertEnded() {
            assertEquals(Outcome.Kind.UNKNOWN, handedOver.outcomeNow().kind());
            assertEquals(Outcome.Kind.CANCELLED, waiting.outcomeNow().kind());
            assertEquals(handedOver.outcomeNow(), first.getNow(null));
            assertEquals(waiting.outcomeNow(), second.getNow(null));
            assertEquals(false, written.getNow(null));
            assertTrue(writable.isCancelled());
            assertNotNull(snapshot.getNow(null));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anExceptionBetweenTwoStatesEndsTheClientAndEveryWait(boolean isError) {
        if (isError) thrown = null;
        HoldfastClient client = open(builder());
        Waits waits = new Waits(client);
        pass(10);
        assertEquals(ClientState.IDLE, client.state());
        reports.clear();
        network.weather = SimTransport.Weather.REFUSED;
        broken = "jitter";
        client.connect();
        pass(2);
        assertEquals(List.of("CONNECTING", "INTERNAL"), reports.subList(0, 2));
        reports.remove(0);
        waits.assertEnded();
        assertSame(
                isError ? AssertionError.class : IllegalStateException.class,
                failures.get(0).cause().getClass());
        assertEndedByItself(client);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sendText", "schedule"})
    void anEffectOrATimerThatFailsEndsTheClientAndEveryWait(String what) {
        HoldfastClient client = open(builder());
        Waits waits = new Waits(client);
        pass(10);
        client.connect();
        pass(0);
        broken = what;
        pass(2);
        waits.assertEnded();
        reports.removeIf(report -> !List.of("INTERNAL", "CLOSED", "closed 1006").contains(report));
        assertSame(thrown, failures.get(failures.size() - 1).cause());
        assertEndedByItself(client);
    }

    @Test
    void aConnectionThatIsToTakeOverIsCancelledAsWell() {
        ManualNetworkMonitor monitor = new ManualNetworkMonitor();
        HoldfastClient client = open(builder().networkMonitor(monitor));
        network.weather = SimTransport.Weather.SILENT;
        monitor.changed();
        pass(1);
        assertEquals(2, network.connections().size());
        broken = "sendText";
        client.send("sent");
        pass(1);
        assertEndedByItself(client);
    }

    @Test
    void allThatFailsInOneTurnIsKept() {
        HoldfastClient client = open(builder().session(Session.none()));
        client.send("1");
        client.send("2");
        List<Throwable> all = new ArrayList<>();
        thrown = null;
        broken = "sendAscii";
        pass(1);
        Throwable cause = failures.get(0).cause();
        all.add(cause);
        all.addAll(Arrays.asList(cause.getSuppressed()));
        assertEquals(2, all.size(), all.toString());
        assertEndedByItself(client);
    }

    @Test
    void aConnectionThatCanNotBeCancelledDoesNotKeepTheEndFromBeingReported() {
        HoldfastClient client = open(builder().session(Session.none()));
        thrown = null;
        broken = "cancel";
        client.cancel();
        pass(1);
        assertEquals(List.of("CLOSED", "closed 1006"), reports);
        assertEquals(1, uncaught.size());
        assertEquals(ClientState.CLOSED, client.state());
    }

    @Test
    void aTurnOfASharedRateLimitIsGivenBack() {
        ConnectRateLimit limit = ConnectRateLimit.perHost(1, Duration.ofSeconds(10));
        network.weather = SimTransport.Weather.REFUSED;
        HoldfastClient client = builder().connectRateLimit(limit).build();
        client.connect();
        pass(4);
        assertEquals(2, network.attempts.size());
        assertEquals(ClientState.WAITING, client.state());
        broken = "schedule";
        client.send("expires", SendOptions.expiringAfter(Duration.ofSeconds(1)));
        pass(1);
        broken = null;
        assertEquals(ClientState.CLOSED, client.state());
        HoldfastClient other = builder().connectRateLimit(limit).build();
        other.connect();
        pass(9);
        // Without the turn that the first client had, the second has to wait for half that time only.
        assertEquals(4, network.attempts.size());
    }

    // ---- executors ----

    @ParameterizedTest
    @ValueSource(ints = {1, Integer.MAX_VALUE})
    void anIoExecutorThatRefusesEndsTheClientWithAReport(int times) {
        HoldfastClient client = open(builder());
        Delivery delivery = client.send("sent");
        CompletableFuture<Outcome> outcome = delivery.outcome();
        pass(1);
        network.connections().get(0).serverSends(Item.text(message(1)));
        refusals = times;
        for (long end = world.now() + World.seconds(5); reports.isEmpty() && world.step(end); ) {}
        pass(1);
        assertEquals("1", reports.remove(0));
        assertTrue(outcome.isDone());
        assertEquals(Outcome.Kind.UNKNOWN, delivery.outcomeNow().kind());
        assertTrue(failures.get(0).cause() instanceof RejectedExecutionException);
        assertEndedByItself(client);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, Integer.MAX_VALUE})
    void anIoExecutorThatRefusesFromTheStartIsReported(int times) {
        HoldfastClient client = builder().build();
        Delivery delivery = client.send("never");
        pass(1);
        refusals = times;
        client.connect();
        pass(5);
        if (times == 1) {
            assertEquals(ClientState.OPEN, client.state());
            return;
        }
        assertEquals(Outcome.Kind.CANCELLED, delivery.outcomeNow().kind());
        assertEquals("CONNECTING", reports.remove(0));
        assertEndedByItself(client);
    }

    // ---- the application's code ----

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anApplicationWhoseEveryCallThrowsHasAClientThatWorks(boolean handlerThrows) {
        if (handlerThrows) {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {
                uncaught.add(e);
                throw new AssertionError("handler");
            });
        }
        int[] asked = {0};
        HoldfastClient client = builder()
                .credentialProvider(reason -> {
                    if (asked[0]++ == 0) throw new AssertionError("supplier");
                    return CompletableFuture.completedFuture(null);
                })
                .build();
        client.connect();
        pass(1);
        assertEquals(Phase.CREDENTIAL, failures.get(0).phase());
        assertSame(AssertionError.class, failures.get(0).cause().getClass());
        client.cancel();
        pass(1);
        assertEquals("closed 1006", reports.get(reports.size() - 1));
        assertEquals(List.of(), uncaught);

        HoldfastClient other = builder()
                .listener(new ThrowingListener())
                .addEventListener(new ThrowingEvents())
                .networkMonitor(new ThrowingMonitor())
                .build();
        other.connect();
        pass(2);
        assertEquals(ClientState.OPEN, other.state());
        reports.clear();
        int reported = uncaught.size();
        network.connections().get(0).serverSends(Item.text(message(1)));
        network.connections().get(0).serverSends(Item.text(message(2)));
        pass(1);
        assertEquals(List.of("1", "2"), reports);
        assertEquals(reported + 2, uncaught.size());
        Delivery delivery = other.send("sent");
        CompletableFuture<Outcome> outcome = delivery.outcome();
        other.cancel();
        pass(2);
        assertEquals(List.of("1", "2", "closed 1006"), reports);
        assertTrue(outcome.isDone());
    }

    private final class ThrowingListener implements HoldfastListener {
        @Override
        public void onState(HoldfastClient from, ClientState state) {
            throw new AssertionError("onState");
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            reports.add(message.text());
            throw new AssertionError("onMessage");
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            reports.add("closed " + reason.code());
            throw new AssertionError("onClosed");
        }
    }

    private static final class ThrowingEvents implements HoldfastEventListener {
        @Override
        public void onState(ClientState state) {
            throw new AssertionError("events");
        }

        @Override
        public boolean wantsFrames() {
            throw new AssertionError("wantsFrames");
        }
    }

    private static final class ThrowingMonitor implements NetworkMonitor {
        @Override
        public Registration watch(Listener listener) {
            throw new AssertionError("watch");
        }
    }

    // ---- waiting in a callback ----

    @Test
    void nothingIsWaitedForInACallback() {
        List<Throwable> refused = new ArrayList<>();
        HoldfastClient client = open(builder().listener(new HoldfastListener() {
            @Override
            public void onMessage(HoldfastClient from, Message message) {
                Delivery delivery = from.send("more than the high mark");
                CompletableFuture<?>[] all = {delivery.outcome(), delivery.written(), from.writable(), from.snapshot()};
                for (CompletableFuture<?> future : all) {
                    refused.add(assertThrows(IllegalStateException.class, () -> future.get(1, TimeUnit.MILLISECONDS)));
                }
            }
        }));
        network.connections().get(0).serverSends(Item.text(message(1)));
        pass(2);
        assertEquals(4, refused.size());
        CompletableFuture<Optional<SessionSnapshot>> snapshot = client.snapshot();
        pass(1);
        assertNotNull(snapshot.getNow(null));
        client.cancel();
    }

    @Test
    void nothingIsWaitedForInAnEventListener() {
        List<Throwable> refused = new ArrayList<>();
        HoldfastClient[] client = new HoldfastClient[1];
        client[0] = builder()
                .addEventListener(new HoldfastEventListener() {
                    @Override
                    public void onState(ClientState state) {
                        Delivery delivery = client[0].send("sent");
                        refused.add(assertThrows(
                                IllegalStateException.class,
                                () -> delivery.outcome().get(1, TimeUnit.MILLISECONDS)));
                    }
                })
                .build();
        client[0].connect();
        pass(2);
        assertEquals(ClientState.OPEN, client[0].state());
        assertEquals(3, refused.size());
        assertEquals(List.of(), uncaught);
        client[0].cancel();
    }

    // ---- the world ----

    private static String message(int number) {
        return "{\"t\":\"msg\",\"id\":\"e-" + number + "\",\"d\":" + number + "}";
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    /** Opens every session and acknowledges nothing. */
    private static final class Script implements SimServer {
        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            if (!text.contains("\"t\":\"open\"")) return;
            boolean again = text.contains("\"sid\"");
            connection.serverSends(Item.text("{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"last\":\"e-0\",\"c\":0,"
                    + "\"ttl\":1000,\"resumed\":" + again + (again ? "" : ",\"reason\":\"new\"") + "}"));
            connection.serverSends(Item.text("{\"t\":\"live\"}"));
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {}

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}
