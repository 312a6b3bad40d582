package dev.holdfast.jsonrpc;

import org.jspecify.annotations.Nullable;

/**
 * Receives what a subscription brings, one call at a time, in order, on the client's callback executor. An exception goes to the
 * thread's uncaught exception handler.
 */
@FunctionalInterface
public interface SubscriptionListener {
    /**
     * Called for each value.
     *
     * @param value the value
     */
    void onValue(JsonValue value);

    /**
     * Called when the server has subscribed the client, on each connection.
     *
     * @param id the server's id of the subscription, as JSON text without quotes
     */
    default void onSubscribed(String id) {}

    /**
     * Called when values may be missing: the subscription begins again on another connection and has no backfill, no value before
     * had a position, or the backfill failed. The values that follow are those of the new connection.
     *
     * @param cause why the backfill failed; null if there was none
     */
    default void onGap(@Nullable Throwable cause) {}

    /**
     * Called when the server did not subscribe the client in time. The subscription stays: the client asks again on the next
     * connection.
     */
    default void onUnanswered() {}

    /**
     * Called when the subscription has ended for another reason than {@link RpcSubscription#close}, and is not begun again: the
     * server refused it, or the client has ended.
     *
     * @param cause a {@link JsonRpcErrorException} if the server refused it
     */
    default void onEnded(Throwable cause) {}
}
