package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * A subscription of a protocol: the packets that begin and end it on the server, and what the application receives if it
 * fails. The machine sends the first packet on each connection whose session was not resumed, made anew from the newest cursor.
 *
 * <p>The methods are called on the serial context and must return at once.
 */
public interface Subscription {
    int MAX_STORE_NAME = 256;

    /**
     * Returns a name that can be a {@link #storeName}.
     *
     * @throws IllegalArgumentException if it is empty or too long
     */
    static String checkedStoreName(String storeName) {
        if (!storeName.isEmpty() && storeName.length() <= MAX_STORE_NAME) return storeName;
        throw new IllegalArgumentException(
                "storeName must have 1 to " + MAX_STORE_NAME + " characters, but has " + storeName.length());
    }

    /** Returns its name, unique in the client, by which the protocol's reader attributes messages to it. */
    String name();

    /**
     * Returns the packet that begins the subscription, a text without attachments. If it has an {@link Packet#ackId}, the
     * server's answer is expected within the packet's time limit; its number of tries does not count.
     *
     * @param cursor the position of the newest message of the subscription; null before the first, and after a gap
     */
    Packet start(@Nullable String cursor);

    /** Reports that the newest packet of {@link #start} is handed to the connection. Default: nothing. */
    default void handedOver() {}

    /**
     * Returns the packet that ends the subscription, a text without attachments; null if nothing needs to be sent. It is
     * sent only if {@link #start} was handed to this connection.
     */
    @Nullable
    Packet end();

    /**
     * Returns what the protocol's own code receives on the callback executor, in the place of a message that came before; null
     * for nothing. Default: null.
     *
     * @param message the message, which is dropped
     */
    default @Nullable Payload duplicate(Payload message) {
        return null;
    }

    /** Returns what the application receives if the answer does not come in time. */
    Payload unanswered();

    /**
     * Returns whether it is removed with the answer, or when that does not come in time. It has no messages then. Default: false, it
     * stays.
     */
    default boolean endsWithAnswer() {
        return false;
    }

    /** Returns what the application receives if {@link #start} throws, or has no room. The subscription has ended. */
    Payload failed(Throwable thrown);

    /** Returns the name under which the client's store keeps its cursor, null for none. Always the same. Default: null. */
    default @Nullable String storeName() {
        return null;
    }

    /**
     * Returns whether the application has ended it. Called on any thread: a message of a subscription with a {@link #storeName} whose
     * callback has not begun by then is not handled. The protocol's callback must not ask again: what has begun counts as handled.
     * Default: false.
     */
    default boolean isOver() {
        return false;
    }

    /** Reports that it is removed: the server has ended it, its answer does so, or it failed. Default: nothing. */
    default void removed() {}
}
