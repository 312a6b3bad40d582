package dev.holdfast.graphql;

/**
 * Receives what comes of a subscription: one call at a time, in order, on the client's callback executor. An exception goes to the
 * thread's uncaught exception handler.
 */
@FunctionalInterface
public interface SubscriptionListener {
    /**
     * Called for each result.
     *
     * @param result data, errors or both. Errors in a result do not end the subscription
     */
    void onNext(Result result);

    /**
     * Called when results may be missing between the one before and the next one. Without {@link CatchUp} that is so on every
     * new connection. The default does nothing.
     *
     * @param reason why, for a log
     */
    default void onGap(String reason) {}

    /**
     * Called when the subscription has failed. It has ended, and other subscriptions go on. The default does nothing.
     *
     * @param failure the server's errors, or why the subscription can't be sent
     */
    default void onError(OperationException failure) {}

    /** Called when the server has completed the subscription. The default does nothing. */
    default void onComplete() {}
}
