package dev.holdfast.benchmarks.client;

import java.net.URI;

/** A WebSocket client under test: what all of them can do. */
public interface Client extends AutoCloseable {
    /** Opens a connection, and returns when it is open. */
    Connection connect(URI uri, Receiver receiver) throws Exception;

    /** Lets go of everything that the client has. */
    @Override
    default void close() {}

    /** One connection, used by one thread at a time. */
    interface Connection {
        /** Sends a text message, at once or from a queue. */
        void sendText(String text) throws Exception;

        /** Sends a binary message. The bytes don't change. */
        void sendBinary(byte[] bytes) throws Exception;

        /** Nothing more will be sent for now. Only the raw reference, which is no client, has any use for it. */
        default void flush() throws Exception {}

        /** Ends the connection, in whatever way is the client's simplest. */
        void close() throws Exception;
    }

    /** Who is given the messages, one after another. */
    interface Receiver {
        /** A text message, as the client gives it to an application. */
        void onText(String text);

        /** A binary message, whole. */
        void onBinary(int bytes);
    }
}
