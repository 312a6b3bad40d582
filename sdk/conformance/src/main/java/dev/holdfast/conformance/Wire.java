package dev.holdfast.conformance;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What carries the messages of one connection: a WebSocket, or requests over HTTP. */
interface Wire extends AutoCloseable {
    /** Something that came from the server, and when: {@link System#nanoTime}. */
    sealed interface Event {
        long nanos();
    }

    record Text(String text, long nanos) implements Event {}

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Binary(byte[] bytes, long nanos) implements Event {}

    record Pong(long nanos) implements Event {}

    /** The server's close; code 1005 if it has none. */
    record Closed(int code, long nanos) implements Event {}

    /** The end without a close, or a breach of the carrier's own rules by the server. Nothing follows. */
    record Lost(String why, long nanos) implements Event {}

    void text(String text) throws IOException;

    void binary(byte[] bytes) throws IOException;

    void ping() throws IOException;

    void sendClose(int code) throws IOException;

    /** Returns what came next, or null if nothing comes until the deadline, which is a {@link System#nanoTime}. */
    @Nullable
    Event poll(long deadline) throws InterruptedException;

    /** Ends the connection without a close: what the network does. */
    void cut() throws IOException;

    @Override
    void close() throws IOException;
}
