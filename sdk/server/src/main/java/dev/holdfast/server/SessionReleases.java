package dev.holdfast.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The sessions of a closing server, which are released in the store several at a time. A release that the store does not
 * answer costs the session nothing but time: it then expires by its last renewal.
 */
final class SessionReleases {
    /** More would wait for a connection of {@link RedisSessionStore}. */
    private static final int MAX_THREADS = 16;

    private record Held(ServerSession session, ServerConnection connection) {}

    private final Workers workers;
    private final int size;
    private final Queue<Held> waiting;
    private final AtomicInteger unfinished;
    private final AtomicInteger unreleased;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile boolean givenUp;

    /** @param connections connections that are shut; one that has no session yet detaches itself */
    SessionReleases(Workers workers, List<ServerConnection> connections) {
        List<Held> held = new ArrayList<>();
        for (ServerConnection connection : connections) {
            ServerSession session = connection.session();
            if (session != null) {
                held.add(new Held(session, connection));
            }
        }
        this.workers = workers;
        this.size = held.size();
        this.waiting = new ConcurrentLinkedQueue<>(held);
        this.unfinished = new AtomicInteger(size);
        this.unreleased = new AtomicInteger(size);
    }

    /** Returns the number of sessions that are to be released. */
    int size() {
        return size;
    }

    /** Starts the releases on threads of the server's own: those of the application may all be blocked. */
    void start() {
        int threads = Math.min(MAX_THREADS, size);
        if (threads == 0) {
            finished.complete(null);
        }
        for (int i = 0; i < threads; i++) {
            // Without a thread now, the report says so, and the server closes all the same.
            workers.run(() -> workers.executeApart(this::run));
        }
    }

    private void run() {
        while (!givenUp) {
            Held next = waiting.poll();
            if (next == null) {
                return;
            }
            workers.run(() -> release(next));
            if (unfinished.decrementAndGet() == 0) {
                finished.complete(null);
            }
        }
    }

    private void release(Held held) {
        if (held.session().detach(held.connection())) {
            unreleased.decrementAndGet();
        }
    }

    /** Waits until all are released, or gives up after the limit. Returns the number of sessions that are not released. */
    int await(Duration limit) {
        finished.copy()
                .completeOnTimeout(null, Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS)
                .join();
        givenUp = true;
        return unreleased.get();
    }

    /**
     * Detaches, without asking the store, the connections of the sessions whose release has not begun. Otherwise another
     * server on the same store object would renew those sessions for ever. Called after {@link #await}.
     */
    void abandon() {
        // Apart, because a session whose own step waits for the store lets nobody in until then.
        workers.run(() -> workers.executeApart(() -> {
            for (Held next = waiting.poll(); next != null; next = waiting.poll()) {
                next.session().abandon(next.connection());
            }
        }));
    }
}
