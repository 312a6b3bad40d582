package dev.holdfast.sample.demo;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.NetworkMonitor;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.http.Carriers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The client's side of a scenario, and its only use of the SDK. */
final class DemoClient implements HoldfastListener, AutoCloseable {
    private static final String OWN = "from the client";
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(10);

    private final HoldfastClient client;
    private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
    private final StreamCheck stream = new StreamCheck();

    /** The echoes of the client's own messages, if the server echoes them. */
    private final StreamCheck echoes = new StreamCheck();

    private final AtomicInteger reportedMissing = new AtomicInteger();
    private final AtomicInteger lostSilently = new AtomicInteger();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger sessionsLost = new AtomicInteger();
    private final Detection detection = new Detection();
    private final Carried carried = new Carried();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean lossReported;
    private volatile boolean open;

    /** Why the client stopped, if it should not have. */
    private volatile @Nullable String stoppedBy;

    /** @param fallsBack whether the client goes on over HTTP if no WebSocket opens */
    DemoClient(Peer peer, boolean fallsBack) {
        this(peer.url(), peer.network(), () -> peer.credential(TOKEN_LIFE), fallsBack);
    }

    DemoClient(String url, NetworkMonitor network, Supplier<Credential> token) {
        this(url, network, token, false);
    }

    private DemoClient(String url, NetworkMonitor network, Supplier<Credential> token, boolean fallsBack) {
        HoldfastClientBuilder builder = HoldfastClient.builder(url)
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200)))
                .heartbeat(Heartbeat.every(Duration.ofMillis(300)).withDeadline(Duration.ofMillis(300)))
                .credentialProvider(reason -> CompletableFuture.completedFuture(token.get()))
                .networkMonitor(network)
                .connectTimeout(Duration.ofSeconds(2))
                .listener(this);
        if (fallsBack) builder.carrier(Carriers.webSocketThenHttp()).addEventListener(new CarrierEvents());
        client = builder.build();
        client.connect();
    }

    void send(int number) {
        Delivery delivery = client.send(new Numbered(number, OWN));
        var unused = delivery.outcome().thenAccept(outcome -> {
            if (outcome.isSuccess()) carried.count();
        });
        deliveries.add(delivery);
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
        if (missing > 0) (lossReported ? reportedMissing : lostSilently).addAndGet(missing);
        lossReported = false;
        stream.arrived(number);
        carried.count();
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        if (state == ClientState.OPEN) {
            detection.opened();
            carried.opened();
            opened.incrementAndGet();
        }
        open = state == ClientState.OPEN;
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        if (!failure.willRetry()) stopped(failure);
        detection.reported();
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
        lossReported = true;
    }

    @Override
    public void onClosed(HoldfastClient from, CloseReason reason) {
        closed.countDown();
    }

    /** Returns the measurement of how long this client takes to detect a broken connection. */
    Detection detection() {
        return detection;
    }

    /** Returns the counts of messages for each carrier. */
    Carried carried() {
        return carried;
    }

    /** Returns whether no message is under way and the server's message {@code last} has arrived. */
    boolean hasAll(int last) {
        return stream.highest() == last && deliveries.stream().allMatch(delivery -> delivery.outcomeNow() != null);
    }

    /** Returns whether the connection is open, and the listener knows it. */
    boolean isOpen() {
        return open && client.state() == ClientState.OPEN;
    }

    /** Ends the session. Returns false if that takes too long. */
    boolean end() throws InterruptedException {
        client.close();
        return closed.await(10, TimeUnit.SECONDS);
    }

    /**
     * Returns the totals of this client's messages.
     *
     * @param server what has arrived at the server
     */
    DirectionTotals toServer(StreamCheck server) {
        return new DirectionTotals(
                deliveries.size(),
                server.distinct(),
                count(Outcome.Kind.ACKNOWLEDGED),
                count(Outcome.Kind.UNKNOWN),
                lostOnTheWayOut(server),
                server.duplicated(),
                server.reordered());
    }

    /**
     * Returns the totals of the server's messages.
     *
     * @param sent how many messages the server has sent
     * @param acknowledged how many of them this client has acknowledged to the server
     */
    DirectionTotals fromServer(int sent, int acknowledged) {
        return new DirectionTotals(
                sent,
                stream.distinct(),
                acknowledged,
                reportedMissing.get(),
                lostSilently.get() + sent - stream.highest(),
                stream.duplicated(),
                stream.reordered());
    }

    private int count(Outcome.Kind kind) {
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
    private int lostOnTheWayOut(StreamCheck server) {
        int lost = 0;
        for (int i = 0; i < deliveries.size(); i++) {
            Outcome outcome = deliveries.get(i).outcomeNow();
            if (!server.has(i + 1) && (outcome == null || outcome.isSuccess())) lost++;
        }
        return lost;
    }

    int sessionsLost() {
        return sessionsLost.get();
    }

    /** Returns why the client stopped on its own; null if it has not. */
    @Nullable
    String stoppedBy() {
        return stoppedBy;
    }

    int reconnects() {
        return Math.max(0, opened.get() - 1);
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

    /** Notes the carrier of each connection, on the SDK's threads. */
    private final class CarrierEvents implements HoldfastEventListener {
        @Override
        public void onConnectionOpened(long connection) {
            carried.connected(false);
        }

        @Override
        public void onConnectionOverHttp(long connection) {
            carried.connected(true);
        }
    }
}
