package dev.holdfast.stomp;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A received MESSAGE, with the number of its connection. Immutable. The client gives it to the application by {@link #accept}, in a
 * callback.
 */
final class Received implements Consumer<Runnable> {
    final Frame frame;
    final long connection;
    private final @Nullable StompSubscription subscription;

    /** @param subscription gets the message; null if the client has none of its id */
    Received(Frame frame, long connection, @Nullable StompSubscription subscription) {
        this.frame = frame;
        this.connection = connection;
        this.subscription = subscription;
    }

    /** Returns its position in its subscription, null if it has none. */
    @Nullable
    String cursor() {
        return subscription == null ? null : subscription.cursor(frame);
    }

    /** Returns whether its position is stored, and the application says when it has handled it. */
    boolean isHandledByHand() {
        return subscription != null && subscription.isHandledByHand();
    }

    /** @param handled is to run when the application has handled the message, if it says so itself */
    @Override
    public void accept(Runnable handled) {
        if (subscription != null) subscription.receive(this, handled);
    }
}
