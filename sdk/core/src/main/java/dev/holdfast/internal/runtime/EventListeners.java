package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.internal.concurrent.Uncaught;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several event listeners as one. An exception of one does not keep an event from the others. Frames go to each listener
 * through a {@link FrameTeller} of its own, since each wants another part of the payload.
 */
final class EventListeners implements HoldfastEventListener {
    private final List<HoldfastEventListener> listeners;

    private EventListeners(List<HoldfastEventListener> listeners) {
        this.listeners = listeners;
    }

    /** Returns null for no listener, and a single listener as it is. */
    static @Nullable HoldfastEventListener of(List<HoldfastEventListener> listeners) {
        if (listeners.isEmpty()) return null;
        return listeners.size() == 1 ? listeners.get(0) : new EventListeners(listeners);
    }

    private void each(Consumer<HoldfastEventListener> event) {
        for (HoldfastEventListener listener : listeners) Uncaught.run(() -> event.accept(listener));
    }

    @Override
    public void onAttempt(long connection, String host) {
        each(listener -> listener.onAttempt(connection, host));
    }

    @Override
    public void onConnectionOpened(long connection) {
        each(listener -> listener.onConnectionOpened(connection));
    }

    @Override
    public void onConnectionFailure(ConnectionFailure failure) {
        each(listener -> listener.onConnectionFailure(failure));
    }

    @Override
    public void onState(ClientState state) {
        each(listener -> listener.onState(state));
    }

    @Override
    public void onRoundTripTime(Duration roundTripTime) {
        each(listener -> listener.onRoundTripTime(roundTripTime));
    }

    @Override
    public void onAckOverdue(Delivery oldest, Duration age) {
        each(listener -> listener.onAckOverdue(oldest, age));
    }

    @Override
    public void onSessionOpened(boolean resumed, long replayed) {
        each(listener -> listener.onSessionOpened(resumed, replayed));
    }

    @Override
    public void onSessionLost(String reason, int unknown) {
        each(listener -> listener.onSessionLost(reason, unknown));
    }

    @Override
    public void onHandoverBegun(long connection) {
        each(listener -> listener.onHandoverBegun(connection));
    }

    @Override
    public void onHandoverDone(long connection) {
        each(listener -> listener.onHandoverDone(connection));
    }

    @Override
    public void onHandoverFailed(long connection, String reason) {
        each(listener -> listener.onHandoverFailed(connection, reason));
    }

    @Override
    public void onQueueLevel(boolean pressed, int messages, long bytes) {
        each(listener -> listener.onQueueLevel(pressed, messages, bytes));
    }

    @Override
    public void onSuspended(Duration duration) {
        each(listener -> listener.onSuspended(duration));
    }
}
