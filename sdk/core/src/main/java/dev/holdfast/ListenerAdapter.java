package dev.holdfast;

import dev.holdfast.internal.concurrent.Once;
import dev.holdfast.internal.runtime.ClientCallbacks;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Outbound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Turns what the driver reports into the application's terms. */
final class ListenerAdapter implements ClientCallbacks {
    private final HoldfastClient client;
    private final HoldfastListener listener;
    private final Payloads payloads;
    private final @Nullable Consumer<Inbound> acknowledge;

    /** @param acknowledge called when the application acknowledges a message; null if the session does so by itself */
    ListenerAdapter(
            HoldfastClient client,
            HoldfastListener listener,
            Payloads payloads,
            @Nullable Consumer<Inbound> acknowledge) {
        this.client = client;
        this.listener = listener;
        this.payloads = payloads;
        this.acknowledge = acknowledge;
    }

    private static Delivery delivery(Outbound message) {
        return (Delivery) message.receipt();
    }

    private static List<Delivery> deliveries(List<Outbound> messages) {
        List<Delivery> deliveries = new ArrayList<>(messages.size());
        for (Outbound message : messages) deliveries.add(delivery(message));
        return Collections.unmodifiableList(deliveries);
    }

    @Override
    public void onState(ClientState state) {
        listener.onState(client, state);
    }

    @Override
    public void onOpen(Opening opening) {
        listener.onOpen(client, opening);
    }

    @Override
    public Throwable openingFailed(String message, @Nullable Loss loss, @Nullable Decision decision) {
        return new ConnectionFailedException(
                message, loss == null || decision == null ? null : new ConnectionFailure(loss, decision));
    }

    private void acknowledgedByHand(Inbound message, Consumer<Runnable> callback) {
        Runnable ack = message.isManual() ? new Once(() -> client.handled(message)) : () -> {};
        callback.accept(ack);
    }

    @Override
    @SuppressWarnings("unchecked") // A consumer as content is always one of tasks.
    public void onMessage(Inbound message) {
        Object content = message.payload().content();
        if (content instanceof Runnable) {
            // A protocol's own callback.
            ((Runnable) content).run();
            return;
        }
        if (content instanceof Consumer) {
            acknowledgedByHand(message, (Consumer<Runnable>) content);
            return;
        }
        Consumer<Inbound> to = acknowledge;
        Runnable ack = to == null ? null : () -> to.accept(message);
        listener.onMessage(client, new Message(message.session(), message.id(), message.payload(), payloads, ack));
    }

    @Override
    public @Nullable Runnable onWritten(Outbound message) {
        return delivery(message).markWritten();
    }

    @Override
    public @Nullable Runnable onStored(Outbound message) {
        return delivery(message).markStored();
    }

    @Override
    public void onStoreFailure(StoreException failure) {
        listener.onStoreFailure(client, failure);
    }

    @Override
    public @Nullable Runnable onEnded(Outbound message, Outcome outcome) {
        return delivery(message).end(outcome);
    }

    @Override
    public void onBackpressure(boolean pressed) {
        listener.onBackpressure(client, pressed);
    }

    @Override
    public void onConnectionFailure(Loss loss, Decision decision) {
        listener.onConnectionFailure(client, new ConnectionFailure(loss, decision));
    }

    @Override
    public void onSessionLost(LostSession session) {
        listener.onSessionLost(
                client,
                new SessionLoss(
                        session.reason,
                        deliveries(session.unknown),
                        deliveries(session.inDoubt),
                        session.inDoubtCount));
    }

    @Override
    public void onExecutorRefused(Throwable refusal) {
        client.warnings.callbackExecutorRefused(refusal);
    }

    @Override
    public void onClosed(CloseReason reason) {
        listener.onClosed(client, reason);
    }
}
