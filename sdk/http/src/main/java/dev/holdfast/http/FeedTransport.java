package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.transport.CarrierFactory;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Request;

/** Opens connections that receive server-sent events, or the answers to polls. Remembers what outlives a connection. */
final class FeedTransport implements Transport {
    private static final long DEFAULT_RETRY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long MAX_RETRY_MILLIS = TimeUnit.DAYS.toMillis(1);

    /** Its settings, clock and threads serve the connections here as well. */
    final OkHttpTransport webSockets;

    final HttpCalls calls;
    /** The time between an answer and the next request; 0 for a carrier that does not poll. */
    final long intervalNanos;

    private final ReentrantLock lock = new ReentrantLock();

    /** The time that the server has named; 0 if it has not. */
    @GuardedBy("lock")
    private long retryNanos;

    /** Makes the transport of one client. */
    static final class Factory implements CarrierFactory {
        private final long intervalNanos;

        /** @param intervalNanos 0 for one that does not poll */
        Factory(long intervalNanos) {
            this.intervalNanos = intervalNanos;
        }

        @Override
        public Transport transport(OkHttpTransport webSockets) {
            return new FeedTransport(webSockets, intervalNanos);
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }
    }

    private FeedTransport(OkHttpTransport webSockets, long intervalNanos) {
        this.webSockets = webSockets;
        this.calls = new HttpCalls(webSockets.client());
        this.intervalNanos = intervalNanos;
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        FeedConnection connection = new FeedConnection(this, request, listener);
        connection.start();
        return connection;
    }

    boolean polls() {
        return intervalNanos > 0;
    }

    void retryAfter(long millis) {
        lock.lock();
        try {
            retryNanos = TimeUnit.MILLISECONDS.toNanos(Math.min(millis, MAX_RETRY_MILLIS));
        } finally {
            lock.unlock();
        }
    }

    /** Returns the time that the server wants to pass after a failure; 0 if it has named none. */
    long retryNanos() {
        lock.lock();
        try {
            return retryNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the time from an answer to the next request. */
    long pauseNanos(long retryAfterNanos) {
        long asked = Math.max(retryAfterNanos, retryNanos());
        if (polls()) return Math.max(asked, intervalNanos);
        long pause = asked == 0 ? DEFAULT_RETRY_NANOS : asked;
        // The clients of a server that has ended their streams must not come back at the same moment.
        return pause + (long) (webSockets.secureRandom().nextDouble() * pause / 4);
    }
}
