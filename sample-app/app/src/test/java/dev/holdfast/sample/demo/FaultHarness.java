package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.Authenticator;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import dev.holdfast.testkit.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * A client and a reference server, a faulty network between them, and numbered messages both ways from {@link #talk} to the
 * end of the test, when every one of them must have come to its end: once, in order, and as the sender was told.
 */
abstract class FaultHarness {
    static final Duration INTERVAL = Duration.ofMillis(250);
    static final Duration DEADLINE = Duration.ofMillis(500);

    /** Finds a dead connection while a test lasts. A busy machine may make it find one that is not dead. */
    static final Heartbeat QUICK = Heartbeat.every(INTERVAL).withDeadline(DEADLINE);

    /** Finds nothing while a test lasts: what is noticed all the same, is noticed without a heartbeat. */
    static final Heartbeat PATIENT = Heartbeat.every(Duration.ofHours(1)).withDeadline(Duration.ofHours(1));

    /** What a busy machine may add. The SDK's own tests are exact: they have a fake clock. */
    static final Duration SLACK = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long BETWEEN_MESSAGES_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Credentials that the server takes, if any is asked for. */
    final Set<String> goodTokens = ConcurrentHashMap.newKeySet();

    /** Who the server has let in, oldest first. */
    final List<String> tokensTaken = new CopyOnWriteArrayList<>();

    final StreamCheck handledByServer = new StreamCheck();
    final Told told = new Told();
    final SessionStore store = SessionStore.inMemory();
    ReferenceServer server = start(0, store);
    final FaultProxy proxy = FaultProxy.start(server.port());

    private final List<FaultProxy> otherWays = new ArrayList<>();

    /** How often the test makes the server lose the session. */
    int sessionsToBeLost;

    private volatile @Nullable ServerSession session;
    private volatile @Nullable HoldfastClient client;

    private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
    private volatile boolean talking = true;
    private volatile int sentByServer;
    private @Nullable Thread talker;

    ReferenceServer start(int port, SessionStore sessions) {
        ReferenceServer started = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withPort(port)
                .withStore(sessions)
                .withMaxUnacked(400)
                .withAckDelay(Duration.ofMillis(10))
                .withAuth(credential -> authenticate(credential == null ? "nobody" : credential.asText())));
        started.onSession(created -> session = created);
        started.onMessage((from, seq, payload) -> {
            handledByServer.arrived(((Payload.Json) payload).value().asInt());
            return HandlerResult.accepted();
        });
        return started;
    }

    private Authenticator.Outcome authenticate(String token) {
        if (!goodTokens.isEmpty() && !goodTokens.contains(token)) {
            return new Authenticator.Unauthenticated("expired", "no longer good");
        }
        tokensTaken.add(token);
        return new Authenticator.User("ada");
    }

    /** Another proxy to the server. */
    FaultProxy otherWay() {
        FaultProxy other = FaultProxy.start(server.port());
        otherWays.add(other);
        return other;
    }

    static String url(int port) {
        return "ws://127.0.0.1:" + port + "/live";
    }

    /** A client that reaches the server through the proxy. */
    HoldfastClientBuilder builder() {
        return HoldfastClient.builder(url(proxy.port()))
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50)))
                .heartbeat(PATIENT)
                .connectTimeout(Duration.ofSeconds(20))
                .listener(told);
    }

    /** Connects, and has both sides send one number after another from now on. */
    void talk(HoldfastClientBuilder builder) {
        connect(builder);
        Thread thread = new Thread(this::sendOnAndOn, "talker");
        thread.setDaemon(true);
        talker = thread;
        thread.start();
        awaitExchange();
    }

    void connect(HoldfastClientBuilder builder) {
        HoldfastClient built = builder.build();
        client = built;
        built.connect();
        await("open", () -> state() == ClientState.OPEN);
    }

    private void sendOnAndOn() {
        while (talking) {
            deliveries.add(client().send(deliveries.size() + 1));
            ServerSession current = session();
            if (current.alive()) {
                int number = sentByServer + 1;
                sentByServer = number;
                current.send(IntNode.valueOf(number));
            }
            LockSupport.parkNanos(BETWEEN_MESSAGES_NANOS);
        }
    }

    HoldfastClient client() {
        HoldfastClient current = client;
        if (current == null) throw new AssertionError("no client yet");
        return current;
    }

    /** The newest of the server's sessions. */
    ServerSession session() {
        ServerSession current = session;
        if (current == null) throw new AssertionError("no session yet");
        return current;
    }

    ClientState state() {
        return client().state();
    }

    /** Waits until each side has heard from the other what it does not send before now. */
    void awaitExchange() {
        int fromClient = deliveries.size() + 20;
        int fromServer = sentByServer + 20;
        await("exchange", () -> handledByServer.highest() > fromClient && told.stream.highest() > fromServer);
    }

    /** Waits until so many more have arrived at the client, whenever they were sent. */
    void awaitArrivals(int more) {
        int before = told.stream.received();
        await("arrivals", () -> told.stream.received() > before + more);
    }

    /** Waits until the client has told of a connection that failed, the {@code number}th, and gives its words. */
    Told.Failure awaitFailure(int number) {
        await("failure " + number, () -> told.failures.size() >= number);
        return told.failures.get(number - 1);
    }

    /** Waits for the first failure since a moment, and gives its words. */
    Told.Failure awaitFailureSince(long moment) {
        return awaitFailure(failure -> failure.at() > moment);
    }

    /** Waits for the first failure that is looked for, and gives its words. */
    Told.Failure awaitFailure(Predicate<Told.Failure> wanted) {
        await("a failure", () -> told.failures.stream().anyMatch(wanted));
        return told.failures.stream().filter(wanted).findFirst().orElseThrow();
    }

    /** Waits until the server has taken the session up again so often, on this very server. */
    void awaitResumed(long times) {
        await("resumption", () -> server.stats().resumed() >= times && state() == ClientState.OPEN);
    }

    static void await(String what, BooleanSupplier condition) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, () -> "waited too long for " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    static void assertWithin(Duration limit, Duration taken) {
        assertTrue(taken.compareTo(limit) <= 0, () -> "took " + taken.toMillis() + " ms");
    }

    @AfterEach
    void nothingIsLostTwiceThereOrOutOfOrder() throws InterruptedException {
        try {
            talking = false;
            if (talker != null) talker.join();
            await("the end of every message", this::isAllOver);
            assertEquals(0, told.lostSilently.get(), "lost on the way from the server");
            assertEquals(0, told.stream.duplicated(), "duplicated on the way from the server");
            assertEquals(0, told.stream.reordered(), "reordered on the way from the server");
            assertEquals(0, handledByServer.duplicated(), "duplicated on the way to the server");
            assertEquals(0, handledByServer.reordered(), "reordered on the way to the server");
            assertEquals(sessionsToBeLost, told.losses.size(), "sessions lost");
            int unknown = 0;
            for (int i = 0; i < deliveries.size(); i++) {
                Outcome outcome = deliveries.get(i).outcomeNow();
                if (outcome != null && outcome.kind() == Outcome.Kind.UNKNOWN) {
                    unknown++;
                } else {
                    assertEquals(Outcome.acknowledged(), outcome);
                    assertTrue(handledByServer.has(i + 1), "acknowledged, and never arrived: " + (i + 1));
                }
            }
            int toldUnknown =
                    told.losses.stream().mapToInt(loss -> loss.unknown().size()).sum();
            assertEquals(toldUnknown, unknown, "unknown outcomes");
            client().close();
            await("onClosed", () -> told.closed);
            assertEquals(0, client().bufferedAmount());
        } finally {
            client().cancel();
            proxy.close();
            otherWays.forEach(FaultProxy::close);
            server.close();
        }
    }

    private boolean isAllOver() {
        return told.stream.highest() == sentByServer
                && deliveries.stream().allMatch(delivery -> delivery.outcomeNow() != null);
    }
}
