package dev.holdfast.stomp;

import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A received MESSAGE, with the number of its connection: the event that tells the machine of it, and the content of what the machine
 * then gives to the application by {@link #accept}, in a callback. Immutable.
 */
final class Received implements SessionEvent, Consumer<Runnable> {
    final Frame frame;
    final long connection;
    private final @Nullable StompSubscription subscription;

    /** @param subscription gets the message; null if the client has none of its id */
    Received(Frame frame, long connection, @Nullable StompSubscription subscription) {
        this.frame = frame;
        this.connection = connection;
        this.subscription = subscription;
    }

    @Override
    public List<Effect> apply(SessionMachine machine, long from, long now) {
        StompSubscription to = subscription;
        // A map finds the client's own string faster.
        String id = to == null ? frame.headers.getOrDefault("subscription", "") : to.id();
        String cursor = to == null ? null : to.cursor(frame);
        boolean byHand = to != null && to.isHandledByHand();
        Payload message = Payload.read(this, frame.bodyBytes());
        return machine.protocolInput.onSubscriptionMessage(from, id, cursor, message, frame.bytes(), byHand, now);
    }

    /** Returns the id with which it is acknowledged, null if the broker gave none. */
    @Nullable
    String ackId() {
        return frame.header("ack");
    }

    /** @param handled is to run when the application has handled the message, if it says so itself */
    @Override
    public void accept(Runnable handled) {
        if (subscription != null) subscription.receive(this, handled);
    }
}
