package dev.holdfast.sample.demo;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The number of messages that each carrier has brought to an end. A message of the server counts when it arrives, one of the
 * client when its acknowledgement arrives. Thread-safe.
 */
final class Carried {
    private final AtomicInteger byWebSocket = new AtomicInteger();
    private final AtomicInteger byHttp = new AtomicInteger();

    /** The carrier of the newest connection. */
    private volatile boolean newestIsHttp;

    /** The carrier of the connection on which messages arrive. */
    private volatile boolean isHttp;

    /** Notes a connection whose session is not open yet. */
    void connected(boolean overHttp) {
        newestIsHttp = overHttp;
    }

    /** Notes that the session is open on the newest connection. */
    void opened() {
        isHttp = newestIsHttp;
    }

    void count() {
        (isHttp ? byHttp : byWebSocket).incrementAndGet();
    }

    /** Returns whether HTTP carries the session, and not a WebSocket. */
    boolean isHttp() {
        return isHttp;
    }

    /** Returns the counts by now. */
    Counts counts() {
        return new Counts(byWebSocket.get(), byHttp.get());
    }

    /**
     * @param webSocket the messages that arrived or were acknowledged over a WebSocket
     * @param http those over plain HTTP
     */
    record Counts(int webSocket, int http) {
        /** Returns whether each carrier has had its part. */
        boolean areBoth() {
            return webSocket > 0 && http > 0;
        }

        @Override
        public String toString() {
            return webSocket + " messages over WebSockets, " + http + " over HTTP";
        }
    }
}
