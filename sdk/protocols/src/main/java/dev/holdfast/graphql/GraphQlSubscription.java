package dev.holdfast.graphql;

/**
 * A subscription that {@link GraphQl#subscribe} has begun. The client begins it again on each new connection, until it ends. Safe
 * from any thread.
 */
public final class GraphQlSubscription implements AutoCloseable {
    private final ActiveSubscription subscription;
    private final GraphQlProtocol protocol;

    GraphQlSubscription(ActiveSubscription subscription, GraphQlProtocol protocol) {
        this.subscription = subscription;
        this.protocol = protocol;
    }

    /**
     * {@return whether the subscription goes on: the application has not closed it, and its listener has received neither an error
     * nor the completion}
     */
    public boolean isActive() {
        return !subscription.isEnded();
    }

    /**
     * Ends the subscription, on the server as well. After that no call of its listener begins; with a {@link CatchUp#storeName} one
     * that another thread is just beginning may still run. Has no effect on a subscription that has ended.
     */
    @Override
    public void close() {
        if (subscription.finish()) protocol.unsubscribe(subscription);
    }

    /** Returns the name of the subscription and whether it goes on. */
    @Override
    public String toString() {
        return "subscription " + subscription.name() + (isActive() ? "" : ", ended");
    }
}
