package dev.holdfast;

import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.FrameReporter;
import dev.holdfast.internal.runtime.TelemetryListener;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Passes a client's events on to the application's event listeners, in the order in which they were added. An exception of
 * one does not keep an event from the others.
 */
final class EventListeners implements TelemetryListener {
    private final List<HoldfastEventListener> listeners;
    private final Environment environment;

    private EventListeners(List<HoldfastEventListener> listeners, Environment environment) {
        this.listeners = listeners;
        this.environment = environment;
    }

    /** Returns null if there is no listener. */
    static @Nullable EventListeners of(List<HoldfastEventListener> listeners, Environment environment) {
        return listeners.isEmpty() ? null : new EventListeners(new ArrayList<>(listeners), environment);
    }

    private void each(Consumer<HoldfastEventListener> event) {
        for (HoldfastEventListener listener : listeners) Uncaught.run(() -> event.accept(listener));
    }

    @Override
    public void onAttempt(long connection, String host) {
        each(listener -> listener.onAttempt(connection, host));
    }

    @Override
    public void onConnectionOpened(long connection, boolean overHttp) {
        each(listener -> listener.onConnectionOpened(connection));
        if (overHttp) each(listener -> listener.onConnectionOverHttp(connection));
    }

    @Override
    public void onConnectionFailure(Loss loss, Decision decision) {
        ConnectionFailure failure = new ConnectionFailure(loss, decision);
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
    public void onAckOverdue(Outbound oldest, Duration age) {
        if (!(oldest.receipt() instanceof Delivery)) return;
        Delivery delivery = (Delivery) oldest.receipt();
        each(listener -> listener.onAckOverdue(delivery, age));
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

    /** Each listener has a reporter of its own, since each wants another part of the payload. */
    @Override
    public @Nullable FrameObserver frames(long connection) {
        List<FrameReporter> reporters = new ArrayList<>(listeners.size());
        for (HoldfastEventListener listener : listeners) {
            FrameReporter reporter = FrameReporter.of(
                    listener::wantsFrames, listener::framePayloadBytes, listener::onFrame, connection, environment);
            if (reporter != null) reporters.add(reporter);
        }
        return FrameReporter.join(reporters);
    }
}
