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
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** Pings at an interval, as {@code OkHttpClient.pingIntervalMillis} asks for, and wants a pong before the next. */
final class PongWatch {
    private final Scheduler scheduler;
    private final long intervalNanos;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Scheduled next;

    @GuardedBy("lock")
    private boolean stopped;

    @GuardedBy("lock")
    private boolean awaiting;

    @GuardedBy("lock")
    private long pongs;

    /** A watch that pings nobody if the interval is 0. */
    PongWatch(Scheduler scheduler, long intervalNanos) {
        this.scheduler = scheduler;
        this.intervalNanos = intervalNanos;
    }

    /** Begins. {@code onDead} is called, once at most, when a pong has not come in time or no ping can be sent. */
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
            connection.sendPing(ByteString.EMPTY);
            schedule(connection, onDead);
        } catch (Throwable t) {
            // No ping would follow, and nobody would notice.
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
