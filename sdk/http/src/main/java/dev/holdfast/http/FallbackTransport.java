package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import dev.holdfast.internal.transport.WebSocketConnection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Request;

/**
 * Opens WebSockets, or connections over HTTP on a network where these do not open. It remembers what it has learned about the
 * network. Safe from any thread.
 */
class FallbackTransport implements Transport {
    /** The number of WebSockets in a row that must end before their first message. */
    private static final int ENOUGH_DEATHS = 2;

    private static final long FIRST_INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long MAX_INTERVAL_NANOS = TimeUnit.HOURS.toNanos(1);

    final OkHttpTransport webSockets;
    final HttpTransport http;
    private final long firstIntervalNanos;

    private final ReentrantLock lock = new ReentrantLock();

    /** Whether HTTP has worked on this network and no WebSocket has since. */
    @GuardedBy("lock")
    private boolean usesHttp;

    /** When a WebSocket is tried again, by the ticker. */
    @GuardedBy("lock")
    private long tryAt;

    @GuardedBy("lock")
    private long intervalNanos;

    @GuardedBy("lock")
    private int deaths;

    FallbackTransport(OkHttpTransport webSockets) {
        this(webSockets, FIRST_INTERVAL_NANOS);
    }

    /** @param firstIntervalNanos how long after the first fallback a WebSocket is tried again */
    FallbackTransport(OkHttpTransport webSockets, long firstIntervalNanos) {
        this.webSockets = webSockets;
        this.http = new HttpTransport(webSockets);
        this.firstIntervalNanos = firstIntervalNanos;
        this.intervalNanos = firstIntervalNanos;
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        FallbackConnection connection = new FallbackConnection(this, request, listener);
        connection.start();
        return connection;
    }

    // A simulation has WebSockets of its own.

    /** Returns a WebSocket that has not been started. */
    Connection webSocket(Request request, ConnectionListener listener) {
        return webSockets.connection(request, listener, null);
    }

    /** Starts to open a WebSocket. */
    void start(Connection webSocket) {
        ((WebSocketConnection) webSocket).start();
    }

    @Override
    public void onNetworkChanged() {
        http.onNetworkChanged();
        lock.lock();
        try {
            usesHttp = false;
            deaths = 0;
            intervalNanos = firstIntervalNanos;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the next connection is opened over HTTP. */
    boolean startsWithHttp() {
        lock.lock();
        try {
            return deaths >= ENOUGH_DEATHS || (usesHttp && webSockets.ticker().nanos() - tryAt < 0);
        } finally {
            lock.unlock();
        }
    }

    /** A message has come over HTTP. Returns after how many nanoseconds a WebSocket is to be tried. */
    long httpWorks() {
        lock.lock();
        try {
            long now = webSockets.ticker().nanos();
            // Unless this connection began before the time to try has come.
            if (!usesHttp || deaths > 0 || now - tryAt >= 0) later(now);
            usesHttp = true;
            deaths = 0;
            return tryAt - now;
        } finally {
            lock.unlock();
        }
    }

    /** No WebSocket opens yet. Returns after how many nanoseconds to try again. */
    long tryFailed() {
        lock.lock();
        try {
            long now = webSockets.ticker().nanos();
            later(now);
            return tryAt - now;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void later(long now) {
        tryAt = now + intervalNanos;
        intervalNanos = Math.min(2 * intervalNanos, MAX_INTERVAL_NANOS);
    }

    /** A WebSocket may be opened now. */
    void trySucceeded() {
        lock.lock();
        try {
            tryAt = webSockets.ticker().nanos();
        } finally {
            lock.unlock();
        }
    }

    /** A WebSocket has received something. */
    void webSocketWorks() {
        lock.lock();
        try {
            usesHttp = false;
            deaths = 0;
            intervalNanos = firstIntervalNanos;
        } finally {
            lock.unlock();
        }
    }

    /** A WebSocket has ended before its first message. Returns whether that is enough to try HTTP. */
    boolean webSocketDied() {
        lock.lock();
        try {
            return ++deaths >= ENOUGH_DEATHS;
        } finally {
            lock.unlock();
        }
    }

    /** HTTP does not work either: the WebSockets did not end because of what is between. */
    void httpFailed() {
        lock.lock();
        try {
            deaths = 0;
            usesHttp = false;
        } finally {
            lock.unlock();
        }
    }
}
