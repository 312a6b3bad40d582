package dev.holdfast.stomp;

/** A listener of the messages of a subscription. */
@FunctionalInterface
public interface StompListener {
    /**
     * Handles a message. It is called on the callback executor of the client, one message at a time, in order.
     *
     * @param message the message
     */
    void onMessage(StompMessage message);
}
