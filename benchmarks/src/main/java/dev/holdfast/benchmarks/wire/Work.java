package dev.holdfast.benchmarks.wire;

import java.net.URI;
import java.util.Locale;

/**
 * What a client asks of the server, as the path of its URL.
 *
 * @param kind what becomes of the client's messages
 * @param session whether {@code resume.v1.json} is spoken
 * @param binary whether the server's messages are binary
 * @param bytes the payload of each of the server's messages
 * @param count a number of messages, see {@link Kind}
 */
public record Work(Kind kind, boolean session, boolean binary, int bytes, int count) {
    /** What becomes of the client's messages. */
    public enum Kind {
        /** Every {@code count} of them are answered by one. */
        SINK,
        /** Each is answered by {@code count} messages. */
        SOURCE,
        /** They are read and forgotten, {@code count} bytes a second. */
        SLOW_SINK,
        /** Each comes back. */
        ECHO,
        /** Each adds {@code count} messages to the session, and then the server cuts the connection. */
        CUT
    }

    /** Every {@code count} messages are answered by a short one. */
    public static Work sink(int count) {
        return new Work(Kind.SINK, false, false, 32, count);
    }

    /** Nothing is answered, and no more read than so many bytes a second. */
    public static Work slowSink(int bytesPerSecond) {
        return new Work(Kind.SLOW_SINK, false, false, 32, bytesPerSecond);
    }

    /** Every message is answered by {@code count} of that size. */
    public static Work source(boolean binary, int bytes, int count) {
        return new Work(Kind.SOURCE, false, binary, bytes, count);
    }

    /** Every message comes back. */
    public static Work echo(int bytes) {
        return new Work(Kind.ECHO, false, false, bytes, 1);
    }

    /** Every message costs the connection, and {@code count} messages are missed. */
    public static Work cut(int bytes, int count) {
        return new Work(Kind.CUT, true, false, bytes, count);
    }

    /** The same in a session. */
    public Work inSession() {
        return new Work(kind, true, binary, bytes, count);
    }

    /** Where to ask for it. */
    public URI at(int port) {
        return URI.create(
                "ws://127.0.0.1:" + port + "/" + kind + "/" + session + "/" + binary + "/" + bytes + "/" + count);
    }

    /** The work that a path asks for. */
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
