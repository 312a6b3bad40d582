package dev.holdfast.benchmarks.client;

import java.net.URI;

/** A WebSocket client under test, reduced to what all of them can do. */
public interface Client extends AutoCloseable {
    /** Opens a connection, and returns when it is open. */
    Connection connect(URI uri, Receiver receiver) throws Exception;

    /** Releases everything that the client holds. */
    @Override
    default void close() {}

    /** One connection, used by one thread at a time. */
    interface Connection {
        /** Sends a text message, at once or from a queue. */
        void sendText(String text) throws Exception;

        /** Sends a binary message. The bytes must not change afterwards. */
        void sendBinary(byte[] bytes) throws Exception;

        /**
         * Flushes, because nothing more will be sent for now. Only the raw reference, which is not a client, needs
         * this.
         */
        default void flush() throws Exception {}

        /** Closes the connection in the client's simplest way. */
        void close() throws Exception;
    }

    /** The receiver of the messages, which are delivered one after another. */
    interface Receiver {
        /** Receives a text message in the form in which the client delivers it to an application. */
        void onText(String text);

        /** Receives a whole binary message. */
        void onBinary(int bytes);
    }
}
