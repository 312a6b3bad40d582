package dev.holdfast.websocket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Scheduler.Scheduled;
import dev.holdfast.internal.transport.Connection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a ping at each interval of {@code OkHttpClient.pingIntervalMillis}, and reports the connection dead if no pong came
 * before the next. Any pong counts.
 */
final class PongWatch {
    private final Scheduler scheduler;
    private final long intervalNanos;
    private final PendingPings pings;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Scheduled next;

    @GuardedBy("lock")
    private boolean stopped;

    @GuardedBy("lock")
    private boolean awaiting;

    @GuardedBy("lock")
    private long pongs;

    /** @param intervalNanos the interval, in nanoseconds; 0 for no pings */
    PongWatch(Scheduler scheduler, long intervalNanos, PendingPings pings) {
        this.scheduler = scheduler;
        this.intervalNanos = intervalNanos;
        this.pings = pings;
    }

    /** Starts. Calls {@code onDead} once at most, if a pong has not come in time or no ping can be sent. */
    void start(Connection connection, Consumer<IOException> onDead) {
        if (intervalNanos > 0) schedule(connection, onDead);
    }

    private void schedule(Connection connection, Consumer<IOException> onDead) {
        lock.lock();
        try {
            if (!stopped) next = scheduler.schedule(() -> tick(connection, onDead), intervalNanos);
        } finally {
            lock.unlock();
        }
    }

    private void tick(Connection connection, Consumer<IOException> onDead) {
        boolean dead;
        long successful;
        lock.lock();
        try {
            if (stopped) return;
            dead = awaiting;
            successful = pongs;
            awaiting = true;
        } finally {
            lock.unlock();
        }
        if (dead) {
            onDead.accept(new SocketTimeoutException("no pong within " + TimeUnit.NANOSECONDS.toMillis(intervalNanos)
                    + " ms of a ping, after " + successful + " that were answered"));
            return;
        }
        try {
            pings.send(connection);
            schedule(connection, onDead);
        } catch (Throwable t) {
            // No further ping is scheduled, so a dead connection would go unnoticed.
            onDead.accept(new IOException("the heartbeat failed: " + t, t));
        }
    }

    void onPong() {
        lock.lock();
        try {
            if (awaiting) pongs++;
            awaiting = false;
        } finally {
            lock.unlock();
        }
    }

    void stop() {
        lock.lock();
        try {
            stopped = true;
            if (next != null) next.cancel();
        } finally {
            lock.unlock();
        }
    }
}
