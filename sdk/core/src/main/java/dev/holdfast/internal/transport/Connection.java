package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import java.nio.charset.StandardCharsets;
import okio.ByteString;

/**
 * One WebSocket connection: opening, open or ended. What is sent before it is open waits. All methods are safe from any
 * thread, and none blocks.
 */
public interface Connection {
    /**
     * Queues a text message behind what is queued already.
     *
     * @param utf8Length the length of {@code text} in UTF-8, in bytes
     * @return false if a close has begun, the connection has ended, or the message exceeds {@link
     *     ConnectionSettings#maxBufferedBytes}; the message is not sent then
     */
    boolean sendText(String text, long utf8Length);

    /** Queues a text message that is ASCII, as {@link #sendText(String, long)}. */
    default boolean sendAscii(String text) {
        return sendText(text, text.length());
    }

    /**
     * Queues a text message whose UTF-8 is the first {@code size} bytes of an array, as {@link #sendText(String, long)}. The
     * caller may change the array afterwards.
     */
    default boolean sendText(byte[] utf8, int size) {
        return sendText(new String(utf8, 0, size, StandardCharsets.UTF_8), size);
    }

    /** Queues a binary message, as {@link #sendText(String, long)}. */
    boolean sendBinary(ByteString bytes);

    /** Queues a ping ahead of messages. It replaces a ping that still waits. */
    void sendPing(ByteString payload);

    /**
     * Begins the closing handshake behind what is queued (RFC 6455 section 7.1.2). It has a time limit, after which the
     * connection is dropped.
     *
     * @return false if a close has begun already or the connection has ended; nothing changes then
     */
    boolean close(CloseStatus status);

    /** Ends the connection at once. The listener is still notified of the end. */
    void cancel();

    /** Pauses or resumes reading. What has been read is still reported. While reading is paused, TCP holds the peer back. */
    void setReading(boolean reading);

    /** Returns whether a redirect led to a server that must not get secrets. Known once the connection is open. */
    default boolean areSecretsWithheld() {
        return false;
    }

    /** Returns whether plain HTTP carries the messages, and no WebSocket. Known once the connection is open. */
    default boolean isOverHttp() {
        return false;
    }

    /** Returns the ticker's nanoseconds when a byte last came in; while reading is paused, the time now. */
    long lastInboundAt();

    /** Returns the ticker's nanoseconds when a whole ping or pong last came in, at first those of the connection's creation. */
    long lastControlFrameAt();

    /** Returns the ticker's nanoseconds when bytes last went out. */
    long lastOutboundAt();
}
