package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Effects;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;

/**
 * Ends a client after an exception that nothing in the SDK expects. Its machine may be halfway between two states, so no
 * event reaches it any more. Every delivery ends, what the client shares with others is given back, and the application is
 * told why. Confined to the serial context.
 */
final class Panic {
    private static final int ABNORMAL = 1006;

    private final Effects driver;
    private final SharedQueue queue;
    private final Runnable abandonment;
    private boolean over;

    /**
     * @param driver performs each step; it may throw, and the next step is taken all the same
     * @param abandonment gives back what the client shares with others
     */
    Panic(Effects driver, SharedQueue queue, Runnable abandonment) {
        this.driver = driver;
        this.queue = queue;
        this.abandonment = abandonment;
    }

    /** Returns whether the client has ended in this way, so that no event may reach the machine. */
    boolean isOver() {
        return over;
    }

    /**
     * Ends the client. Called once.
     *
     * @param thrown receives what the steps throw as suppressed exceptions
     * @param closed whether the end was reported to the application; nothing more is reported then
     */
    void end(Throwable thrown, boolean closed) {
        over = true;
        step(to -> abandonment.run(), thrown);
        step(Effects::cancelConnection, thrown);
        step(Effects::dropCandidate, thrown);
        String error = "internal error: " + thrown.getClass().getSimpleName();
        if (!closed) {
            Loss loss = Loss.of(Phase.INTERNAL, error, thrown);
            Decision decision = Decision.stop("the client can't go on");
            step(to -> to.connectionFailed(loss, decision), thrown);
        }
        for (Outbound message : queue.abandon()) {
            Outcome outcome = message.isHandedOver()
                    ? Outcome.unknown(Reason.INTERNAL_ERROR, error)
                    : Outcome.cancelled(Reason.INTERNAL_ERROR, error);
            Outcome known = message.ifNotSentBefore(outcome);
            step(to -> to.ended(message, known), thrown);
        }
        queue.allEnded();
        if (closed) return;
        step(to -> to.stateChanged(ClientState.CLOSED), thrown);
        step(to -> to.closed(new CloseReason(ABNORMAL, error)), thrown);
    }

    private void step(Effect effect, Throwable thrown) {
        try {
            effect.perform(driver);
        } catch (Throwable t) {
            if (t != thrown) thrown.addSuppressed(t);
        }
    }
}
