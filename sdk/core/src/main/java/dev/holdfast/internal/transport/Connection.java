package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import okio.ByteString;

/**
 * One WebSocket connection, opening, open or ended. What is sent before it is open waits until {@link ConnectionListener}
 * tells that it is. All methods are safe from any thread and none blocks.
 */
public interface Connection {
    /**
     * Queues a text message behind what is queued already.
     *
     * @param utf8Length the bytes of {@code text} in UTF-8
     * @return false if a close has begun or the connection has ended: the message will not go out
     */
    boolean sendText(String text, long utf8Length);

    /** As {@link #sendText} for a binary message. */
    boolean sendBinary(ByteString bytes);

    /** Sends a ping ahead of queued messages. One that still waits is replaced: only the newest proves anything. */
    void sendPing(ByteString payload);

    /**
     * Begins the closing handshake behind what is queued, RFC 6455 section 7.1.2. It has a time limit, after which the
     * connection is dropped. Has no effect once a close has begun.
     *
     * @return whether it had: the close frame will go out unless the connection fails
     */
    boolean close(CloseStatus status);

    /** Lets go at once. The listener still hears of the end. */
    void cancel();

    /** Stops, or goes on, reading. What is read and not yet told is still told. The peer is held back by TCP. */
    void setReading(boolean reading);

    /** Whether the server is one that must not get secrets, because it was redirected to. Known once the connection is open. */
    default boolean areSecretsWithheld() {
        return false;
    }

    /** The ticker's nanoseconds when a byte last came in; while reading is stopped, the time now: nothing is known then. */
    long lastInboundAt();

    /** The ticker's nanoseconds when a whole ping or pong last came in, or when the connection was made. */
    long lastControlFrameAt();

    /** The ticker's nanoseconds when bytes last went out. */
    long lastOutboundAt();
}
