package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The client, for its protocol's own code. Safe from any thread; no method blocks. The order of the calls is kept. After the client
 * was closed they have no effect; the application learns of that by {@code HoldfastListener.onClosed}. The SDK implements this
 * interface, and may add methods to it. Experimental: it may change in any release.
 */
public interface ProtocolClient {
    /**
     * Begins a subscription, at once or when there is an open connection, and again on each later connection. It replaces one of
     * the same name, for which {@link Subscription#name} has a warning. A client has at most 1,024; a further one fails by {@link Subscription#onFailed}.
     *
     * @param subscription the subscription
     * @param cursor the position of the message after which it begins, such as one that the application has stored; null for the
     *     present. Has no effect if the client's store has a cursor under {@link Subscription#storeName}
     * @throws IllegalArgumentException if the store name is empty, or longer than 256 characters
     */
    void subscribe(Subscription subscription, @Nullable String cursor);

    /**
     * Ends a subscription. Messages of it that still arrive are dropped. Callbacks of messages that arrived before still run, unless
     * the subscription has a {@linkplain Subscription#storeName store name}. Call this before you forget what the callbacks need: a
     * callback that drops its message counts as handled.
     *
     * @param name its name; one that is unknown has no effect
     */
    void unsubscribe(String name);

    /**
     * Ends the wait for the acknowledgement of a message, whose outcome is then {@code UNKNOWN}. Has no effect on a message that
     * still waits in the queue: {@code Delivery.cancel} takes that one back.
     *
     * @param ackId the id in {@link Outgoing#withAcknowledgement} or {@link Outgoing#withAnswer}
     */
    void abandon(long ackId);
}
