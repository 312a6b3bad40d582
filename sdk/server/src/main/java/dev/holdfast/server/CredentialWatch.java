package dev.holdfast.server;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A timer that warns one connection's client before its credential expires, and closes the connection when it has
 * expired.
 */
final class CredentialWatch {
    private static final Duration MAX_WARNING = Duration.ofSeconds(30);
    private static final int SHARE_FOR_WARNING = 4;

    private final ServerConnection connection;
    private final ScheduledExecutorService timer;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final List<Future<?>> due = new ArrayList<>();
    private boolean stopped;

    CredentialWatch(ServerConnection connection, ScheduledExecutorService timer) {
        this.connection = connection;
        this.timer = timer;
    }

    /** Watches a new credential of the client in place of the previous one. */
    void shown(@Nullable Instant expires) {
        lock.lock();
        try {
            cancel();
            if (expires != null && !stopped) {
                schedule(Duration.between(Instant.now(), expires));
            }
        } finally {
            lock.unlock();
        }
    }

    private void schedule(Duration life) {
        Duration share = life.dividedBy(SHARE_FOR_WARNING);
        Duration warning = share.compareTo(MAX_WARNING) < 0 ? share : MAX_WARNING;
        after(life.minus(warning), () -> connection.answer(Envelopes.authExpiring(warning)));
        after(life, connection::credentialExpired);
    }

    private void after(Duration delay, Runnable task) {
        due.add(timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Stops watching, because the connection is gone. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            cancel();
        } finally {
            lock.unlock();
        }
    }

    private void cancel() {
        due.forEach(task -> task.cancel(false));
        due.clear();
    }
}
