package dev.holdfast.sample.demo;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The client's side of a scenario, and its only use of the SDK. */
final class DemoClient implements HoldfastListener, AutoCloseable {
    private static final String OWN = "from the client";
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(10);

    private final HoldfastClient client;
    private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
    private final StreamCheck stream = new StreamCheck();

    /** The echoes of the client's own messages, if the server echoes them. */
    private final StreamCheck echoes = new StreamCheck();

    private final AtomicInteger toldMissing = new AtomicInteger();
    private final AtomicInteger lostSilently = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger sessionsLost = new AtomicInteger();
    private final AtomicLong brokenAt = new AtomicLong();
    private final AtomicLong slowestDetection = new AtomicLong();
    private final Semaphore noticed = new Semaphore(0);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean lossTold;

    /** Why the client stopped, if it should not have. */
    private volatile String stoppedBy = "";

    DemoClient(Peer peer) {
        this(peer.url(), peer.network(), () -> peer.credential(TOKEN_LIFE));
    }

    DemoClient(String url, NetworkMonitor network, Supplier<Credential> token) {
        client = HoldfastClient.builder(url)
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200)))
                .heartbeat(Heartbeat.every(Duration.ofMillis(300)).withDeadline(Duration.ofMillis(300)))
                .credentialProvider(reason -> CompletableFuture.completedFuture(token.get()))
                .networkMonitor(network)
                .connectTimeout(Duration.ofSeconds(2))
                .listener(this)
                .build();
        client.connect();
    }

    void send(int number) {
        deliveries.add(client.send(new Numbered(number, OWN)));
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        Numbered numbered = message.read(Numbered.class);
        int number = numbered.number();
        if (numbered.text().equals(OWN)) {
            echoes.arrived(number);
            return;
        }
        int missing = number - stream.highest() - 1;
        if (missing > 0) (lossTold ? toldMissing : lostSilently).addAndGet(missing);
        lossTold = false;
        stream.arrived(number);
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        if (state == ClientState.OPEN) opened.incrementAndGet();
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        if (!failure.willRetry()) stopped(failure);
        long since = brokenAt.getAndSet(0);
        if (since == 0) return;
        slowestDetection.accumulateAndGet(System.nanoTime() - since, Math::max);
        noticed.release();
    }

    /**
     * Handles the end of the client. The storm causes two credentials in a row that expire as soon as they are issued;
     * a user would sign in again.
     */
    private void stopped(ConnectionFailure failure) {
        if (Peer.wantsCredential(failure)) {
            client.connect();
        } else {
            stoppedBy = failure.toString();
        }
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        sessionsLost.incrementAndGet();
        lossTold = true;
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        closed.countDown();
    }

    /** Notes that the connection is about to break. */
    void breaking() {
        noticed.drainPermits();
        brokenAt.set(System.nanoTime());
    }

    boolean awaitNoticed(Duration limit) throws InterruptedException {
        return noticed.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns whether no message is under way and the server's message {@code last} has arrived. */
    boolean hasAll(int last) {
        return stream.highest() == last && deliveries.stream().allMatch(delivery -> delivery.outcomeNow() != null);
    }

    boolean isOpen() {
        return client.state() == ClientState.OPEN;
    }

    /** Ends the session. Returns false if that takes too long. */
    boolean end() throws InterruptedException {
        client.close();
        return closed.await(10, TimeUnit.SECONDS);
    }

    int count(Outcome.Kind kind) {
        int count = 0;
        for (Delivery delivery : deliveries) {
            Outcome outcome = delivery.outcomeNow();
            if (outcome != null && outcome.kind() == kind) count++;
        }
        return count;
    }

    /**
     * Counts the messages that the server does not have although the client reported their arrival or nothing at all.
     */
    int lostOnTheWayOut(StreamCheck server) {
        int lost = 0;
        for (int i = 0; i < deliveries.size(); i++) {
            Outcome outcome = deliveries.get(i).outcomeNow();
            if (!server.has(i + 1) && (outcome == null || outcome.isSuccess())) lost++;
        }
        return lost;
    }

    int lostOnTheWayIn() {
        return lostSilently.get();
    }

    int toldMissing() {
        return toldMissing.get();
    }

    int sessionsLost() {
        return sessionsLost.get();
    }

    String stoppedBy() {
        return stoppedBy;
    }

    int reconnects() {
        return Math.max(0, opened.get() - 1);
    }

    Duration slowestDetection() {
        return Duration.ofNanos(slowestDetection.get());
    }

    StreamCheck stream() {
        return stream;
    }

    StreamCheck echoes() {
        return echoes;
    }

    String status() {
        return String.format(
                "%-10s sent %6d  acked %6d  got %6d  queued %5d B",
                client.state(),
                deliveries.size(),
                count(Outcome.Kind.ACKNOWLEDGED),
                stream.received(),
                client.bufferedAmount());
    }

    @Override
    public void close() {
        client.cancel();
    }
}
