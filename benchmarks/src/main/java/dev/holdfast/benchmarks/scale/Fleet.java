package dev.holdfast.benchmarks.scale;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectRateLimit;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.OkHttpClient;

/**
 * The sessions under test and what was observed of them. Each has one client with the defaults, except for threads and
 * a rate limit of attempts.
 */
final class Fleet implements AutoCloseable {
    /** The maximum number of connections that are being opened at once, limited by the server's backlog. */
    private static final int OPENING = 50;

    private static final long PATIENCE_SECONDS = 120;

    private final String url;
    private final Executor threads;
    private final OkHttpClient okHttpClient = new OkHttpClient();
    private final ConnectRateLimit budget;
    private final List<HoldfastClient> clients = new ArrayList<>();
    private final Semaphore opened = new Semaphore(0);
    private final ConcurrentLinkedQueue<Long> attempts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Long> openings = new ConcurrentLinkedQueue<>();

    /** @param attempts the maximum number of connection attempts per second of all sessions together */
    Fleet(String url, Executor threads, int attempts) {
        this.url = url;
        this.threads = threads;
        this.budget = ConnectRateLimit.perHost(attempts, Duration.ofSeconds(1));
    }

    /** Adds sessions, a few at a time, and returns when all of them are open. */
    void open(int count) throws InterruptedException, TimeoutException {
        for (int i = 0; i < count; i++) {
            HoldfastClient client = HoldfastClient.builder(url)
                    .session(Session.resumable())
                    .okHttpClient(okHttpClient)
                    .ioExecutor(threads)
                    .connectRateLimit(budget)
                    .listener(new Watch())
                    .build();
            clients.add(client);
            client.connect();
            if (i >= OPENING) awaitOpened(1);
        }
        awaitOpened(Math.min(count, OPENING));
    }

    /** Waits until this many sessions have opened since the last call. */
    void awaitOpened(int count) throws InterruptedException, TimeoutException {
        if (!opened.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new TimeoutException(count + " sessions are not open");
        }
    }

    /** Sends a message in every session and waits until the server has handled all of them. */
    void sendInAll() throws Exception {
        List<CompletableFuture<?>> outcomes = new ArrayList<>();
        for (HoldfastClient client : clients) {
            Delivery delivery = client.send("still here");
            outcomes.add(delivery.outcome());
        }
        CompletableFuture.allOf(outcomes.toArray(new CompletableFuture<?>[0])).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    int size() {
        return clients.size();
    }

    long count(Counter counter) {
        return clients.stream()
                .mapToLong(client -> client.metrics().count(counter))
                .sum();
    }

    /** Discards the times recorded so far. */
    void forget() {
        attempts.clear();
        openings.clear();
    }

    /** Returns when sessions began to connect, on the clock of {@link System#nanoTime}, in order. */
    List<Long> attempts() {
        return attempts.stream().sorted().toList();
    }

    /** Returns when sessions opened. */
    List<Long> openings() {
        return openings.stream().sorted().toList();
    }

    @Override
    public void close() {
        clients.forEach(HoldfastClient::cancel);
        okHttpClient.dispatcher().executorService().shutdown();
        okHttpClient.connectionPool().evictAll();
    }

    private final class Watch implements HoldfastListener {
        @Override
        public void onState(HoldfastClient client, ClientState state) {
            if (state == ClientState.CONNECTING) attempts.add(System.nanoTime());
            if (state != ClientState.OPEN) return;
            openings.add(System.nanoTime());
            opened.release();
        }

        /** The default logs it: 10,000 lines at once would be measured too. */
        @Override
        public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {}
    }
}
