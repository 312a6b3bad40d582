package dev.holdfast.benchmarks.wire;

import java.net.URI;
import java.util.Locale;

/**
 * The work that a client requests from the server, as the path of its URL.
 *
 * @param kind how the server treats the client's messages
 * @param session whether the connection speaks {@code resume.v1.json}
 * @param binary whether the server's messages are binary
 * @param bytes the payload size of each of the server's messages
 * @param count a number whose meaning depends on the {@link Kind}
 */
public record Work(Kind kind, boolean session, boolean binary, int bytes, int count) {
    /** The server's treatment of the client's messages. */
    public enum Kind {
        /** Answers every {@code count} messages with one. */
        SINK,
        /** Answers each message with {@code count} messages. */
        SOURCE,
        /** Reads and discards the messages, {@code count} bytes per second. */
        SLOW_SINK,
        /** Echoes each message. */
        ECHO,
        /** Adds {@code count} messages to the session for each message, then cuts the connection. */
        CUT
    }

    /** Returns work that answers every {@code count} messages with a short one. */
    public static Work sink(int count) {
        return new Work(Kind.SINK, false, false, 32, count);
    }

    /** Returns work that answers nothing and reads at most this many bytes per second. */
    public static Work slowSink(int bytesPerSecond) {
        return new Work(Kind.SLOW_SINK, false, false, 32, bytesPerSecond);
    }

    /** Returns work that answers every message with {@code count} messages of this size. */
    public static Work source(boolean binary, int bytes, int count) {
        return new Work(Kind.SOURCE, false, binary, bytes, count);
    }

    /** Returns work that echoes every message. */
    public static Work echo(int bytes) {
        return new Work(Kind.ECHO, false, false, bytes, 1);
    }

    /**
     * Returns work in which every message makes the server cut the connection, so that the client misses {@code count}
     * messages.
     */
    public static Work cut(int bytes, int count) {
        return new Work(Kind.CUT, true, false, bytes, count);
    }

    /** Returns the same work in a session. */
    public Work inSession() {
        return new Work(kind, true, binary, bytes, count);
    }

    /** Returns the URL that requests this work. */
    public URI at(int port) {
        return URI.create(
                "ws://127.0.0.1:" + port + "/" + kind + "/" + session + "/" + binary + "/" + bytes + "/" + count);
    }

    /** Returns the work that a path requests. */
    public static Work of(String path) {
        String[] parts = path.split("/", -1);
        return new Work(
                Kind.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                Boolean.parseBoolean(parts[2]),
                Boolean.parseBoolean(parts[3]),
                Integer.parseInt(parts[4]),
                Integer.parseInt(parts[5]));
    }
}
