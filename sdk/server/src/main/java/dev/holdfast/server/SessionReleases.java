package dev.holdfast.server;

import java.time.Duration;
import java.util.Collection;
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

    private final Workers workers;
    private final Queue<Runnable> waiting;
    private final AtomicInteger unfinished;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private volatile boolean givenUp;

    /** @param releases releases one session each; may block, and may throw */
    SessionReleases(Workers workers, Collection<Runnable> releases) {
        this.workers = workers;
        this.waiting = new ConcurrentLinkedQueue<>(releases);
        this.unfinished = new AtomicInteger(releases.size());
    }

    /** Starts the releases on threads of the server's own: those of the application may all be blocked. */
    void start() {
        int threads = Math.min(MAX_THREADS, unfinished.get());
        if (threads == 0) {
            finished.complete(null);
        }
        for (int i = 0; i < threads; i++) {
            // Without a thread now, the report says so, and the server closes all the same.
            workers.run(() -> workers.executeApart(this::run));
        }
    }

    private void run() {
        for (Runnable release = waiting.poll(); release != null && !givenUp; release = waiting.poll()) {
            workers.run(release);
            if (unfinished.decrementAndGet() == 0) {
                finished.complete(null);
            }
        }
    }

    /** Waits until all are released, or gives up after the limit. Returns the number of sessions that are not released. */
    int await(Duration limit) {
        finished.copy()
                .completeOnTimeout(null, Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS)
                .join();
        givenUp = true;
        return unfinished.get();
    }
}
