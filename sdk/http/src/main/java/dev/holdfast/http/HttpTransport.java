package dev.holdfast.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Request;

/** Opens connections over plain HTTP. */
final class HttpTransport implements Transport {
    /** One may have been a slow server. */
    private static final int ENOUGH_HELD_BACK = 2;

    /** The time after which a stream is tried again, or a request twice as large as allowed after a refusal. */
    static final long MEMORY_NANOS = TimeUnit.MINUTES.toNanos(10);

    /** The maximum number of openings that a request names. */
    static final int MAX_GIVEN_UP = 8;

    /** The time for which a name keeps its place. A proxy rarely holds a request for longer. */
    static final long HELD_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** After these any size is allowed again. */
    private static final int MAX_DOUBLINGS = 20;

    /** Its settings, clock and threads serve the connections here as well. */
    final OkHttpTransport webSockets;

    final HttpCalls calls;

    private final ReentrantLock lock = new ReentrantLock();

    /** The number of streams in a row of which nothing came through. */
    @GuardedBy("lock")
    private int heldBack;

    /** When the last of them was given up, by the ticker. */
    @GuardedBy("lock")
    private long heldBackAt;

    /** When the openings were given up of which no event had come, by their names, the first one first. */
    @GuardedBy("lock")
    private final Map<String, Long> givenUp = new LinkedHashMap<>();

    @GuardedBy("lock")
    private long maxRequestBytes = Uploads.MAX_BYTES;

    /** When a request was last refused for its size, by the ticker. */
    @GuardedBy("lock")
    private long refusedAt;

    /** The number of changes of the network. */
    @GuardedBy("lock")
    private int network;

    HttpTransport(OkHttpTransport webSockets) {
        this.webSockets = webSockets;
        this.calls = new HttpCalls(webSockets.client());
    }

    @Override
    public Connection open(Request request, ConnectionListener listener) {
        HttpConnection connection =
                connection(request, listener, webSockets.settings().connectTimeoutNanos());
        connection.start();
        return connection;
    }

    /**
     * Returns a connection that has not been started.
     *
     * @param limitNanos the time limit until it is open
     */
    HttpConnection connection(Request request, ConnectionListener listener, long limitNanos) {
        return new HttpConnection(this, request, listener, limitNanos);
    }

    @Override
    public void onNetworkChanged() {
        streamCameThrough();
        lock.lock();
        try {
            network++;
            maxRequestBytes = Uploads.MAX_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of the network, which a connection remembers from its begin. */
    int network() {
        lock.lock();
        try {
            return network;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the maximum size of a request on this network, unless one message is longer. */
    long maxRequestBytes() {
        lock.lock();
        try {
            return currentMaxRequestBytes();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private long currentMaxRequestBytes() {
        if (maxRequestBytes == Uploads.MAX_BYTES) return maxRequestBytes;
        // Not all at once: each refusal costs a connection.
        long doublings = Math.min((webSockets.ticker().nanos() - refusedAt) / MEMORY_NANOS, MAX_DOUBLINGS);
        return Math.min(Uploads.MAX_BYTES, maxRequestBytes << doublings);
    }

    /**
     * A request of this size with several messages was refused.
     *
     * @param on the number of the network on which its connection began
     */
    void requestWasTooLarge(long bytes, int on) {
        lock.lock();
        try {
            if (on != network) return;
            maxRequestBytes = Math.max(1, Math.min(currentMaxRequestBytes(), bytes / 2));
            refusedAt = webSockets.ticker().nanos();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether something on this network seems to hold streams back, so that the next connection polls at once. */
    boolean polls() {
        lock.lock();
        try {
            return heldBack >= ENOUGH_HELD_BACK && webSockets.ticker().nanos() - heldBackAt < MEMORY_NANOS;
        } finally {
            lock.unlock();
        }
    }

    /**
     * An opening was given up. It may still reach the server, after a newer connection has resumed the session. So later openings name
     * it until one of them has succeeded.
     */
    void gaveUp(String name) {
        long now = webSockets.ticker().nanos();
        lock.lock();
        try {
            if (givenUp.size() == MAX_GIVEN_UP) {
                Iterator<Long> oldest = givenUp.values().iterator();
                // Many that fail at once take no place from one that something holds back.
                if (now - oldest.next() < HELD_NANOS) return;
                oldest.remove();
            }
            givenUp.put(name, now);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the names of the openings that were given up, with commas between them. */
    String givenUp() {
        lock.lock();
        try {
            return String.join(",", givenUp.keySet());
        } finally {
            lock.unlock();
        }
    }

    /** The server knows that these were given up. */
    void replaced(String names) {
        lock.lock();
        try {
            givenUp.keySet().removeAll(Arrays.asList(names.split(",", -1)));
        } finally {
            lock.unlock();
        }
    }

    void streamWasHeldBack() {
        lock.lock();
        try {
            heldBack++;
            heldBackAt = webSockets.ticker().nanos();
        } finally {
            lock.unlock();
        }
    }

    void streamCameThrough() {
        lock.lock();
        try {
            heldBack = 0;
        } finally {
            lock.unlock();
        }
    }
}
