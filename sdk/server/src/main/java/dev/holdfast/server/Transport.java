package dev.holdfast.server;

/**
 * What carries the messages of one connection: a WebSocket of some container, or requests of plain HTTP. An adapter
 * implements it and passes it to {@link Admission.Granted#open}.
 *
 * <p>Any thread calls these methods, and none of them may block or throw. {@link #sendText} and {@link #sendBinary} are
 * called by one thread at a time, and their callbacks bound what is on its way: at most 256 messages, or 256 KiB and one
 * message more.
 */
public interface Transport {
    /**
     * Asks for the client's next message. A container that cannot pause reading leaves this method as it is and calls
     * {@link ServerConnection#awaitRoom} after each message.
     */
    default void demand() {}

    /**
     * Sends a text message. Messages are sent in order. The callback says when there is room for another.
     *
     * @param text the message
     * @param callback called once, by any thread, also before this method returns
     */
    void sendText(String text, SendCallback callback);

    /**
     * Sends a binary message, like {@link #sendText}. The receiver must not change the array.
     *
     * @param bytes the message
     * @param callback called once, by any thread, also before this method returns
     */
    void sendBinary(byte[] bytes, SendCallback callback);

    /** Sends a ping if the transport has pings. */
    void ping();

    /**
     * Sends the close, after everything that was sent before.
     *
     * @param code the close code
     * @param reason the reason, at most 123 bytes in UTF-8
     */
    void close(int code, String reason);

    /** Ends the connection at once, without a close if that is possible. */
    void abort();
}
