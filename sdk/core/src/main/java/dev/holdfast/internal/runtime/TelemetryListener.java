package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Receives what {@link Telemetry} reports; the public API passes it on to the application's event listeners. Called on the
 * serial context, except {@link #frames}. What it throws is reported as uncaught.
 */
public interface TelemetryListener {
    void onAttempt(long connection, String host);

    void onConnectionOpened(long connection, boolean overHttp);

    void onConnectionFailure(Loss loss, Decision decision);

    void onState(ClientState state);

    void onRoundTripTime(Duration roundTripTime);

    void onAckOverdue(Outbound oldest, Duration age);

    void onSessionOpened(boolean resumed, long replayed);

    void onSessionLost(String reason, int unknown);

    void onHandoverBegun(long connection);

    void onHandoverDone(long connection);

    void onHandoverFailed(long connection, String reason);

    void onQueueLevel(boolean pressed, int messages, long bytes);

    void onSuspended(Duration duration);

    /** Returns the observer of a connection's frames, or null if nobody wants them. Called on I/O threads. */
    @Nullable
    FrameObserver frames(long connection);
}
