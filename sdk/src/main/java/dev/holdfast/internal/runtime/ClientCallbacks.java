package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Outcome;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.util.List;

/**
 * What a {@link SessionDriver} tells its client. Called on the application's callback executor, one after another and in
 * order, but for {@link #onWritten}.
 */
public interface ClientCallbacks {
    void onState(ClientState state);

    void onMessage(Inbound message);

    /** On an I/O thread; must not block or call the application. */
    void onWritten(Outbound message);

    void onEnded(Outbound message, Outcome outcome);

    void onConnectionFailure(Loss loss, Decision decision);

    void onSessionLost(String reason, List<Outbound> unknown);

    void onClosed(CloseReason reason);
}
