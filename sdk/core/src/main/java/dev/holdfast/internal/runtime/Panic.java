package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.StoreException;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Effects;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.util.function.Function;

/**
 * Ends a client after an exception that nothing in the SDK expects, or after its store failed. Its machine may be halfway between two states, so no
 * event reaches it any more. Every delivery ends, what the client shares with others is given back, and the application is
 * told why. Confined to the serial context.
 */
final class Panic {
    private static final int ABNORMAL = 1006;

    private final Effects driver;
    private final SharedQueue queue;
    private final Runnable abandonment;
    private boolean over;
    private Runnable report = () -> {};

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
     * Ends the client, which {@link #finish} reports. Called once.
     *
     * @param thrown receives what the steps throw as suppressed exceptions
     * @param closed whether the end was reported to the application; nothing more is reported then
     */
    void end(Throwable thrown, boolean closed) {
        String error = "internal error: " + thrown.getClass().getSimpleName();
        end(Phase.INTERNAL, error, thrown, closed, message -> {
            if (isKept(message)) return Outcome.stored();
            return message.isHandedOver()
                    ? Outcome.unknown(Reason.INTERNAL_ERROR, error)
                    : Outcome.cancelled(Reason.INTERNAL_ERROR, error);
        });
    }

    /** Ends the client, which {@link #finish} reports, because its store failed: what the machine has decided since the last commit must not happen. */
    void endWithoutStore(StoreException failure) {
        String error = "the session store failed: " + failure.getMessage();
        end(Phase.STORAGE, error, failure, false, message -> {
            if (isKept(message)) return Outcome.stored();
            // Nothing goes to a connection before it is stored.
            if (message.isStored()) return Outcome.unknown(Reason.CONNECTION_LOST, error);
            boolean mayBeStored = failure.kind() == StoreException.Kind.TIMED_OUT && message.isBeingStored();
            return mayBeStored ? Outcome.unknown(Reason.STORAGE, error) : Outcome.notStored(error);
        });
    }

    /** Returns whether the next client with the same store sends the message. */
    private static boolean isKept(Outbound message) {
        return message.isStored() && (!message.isHandedOver() || message.seq() > 0);
    }

    private void end(
            Phase phase, String error, Throwable thrown, boolean closed, Function<Outbound, Outcome> outcomes) {
        over = true;
        step(to -> abandonment.run(), thrown);
        step(Effects::cancelConnection, thrown);
        step(Effects::dropCandidate, thrown);
        if (!closed) {
            Loss loss = Loss.of(phase, error, thrown);
            Decision decision = Decision.stop("the client can't go on");
            step(to -> to.connectionFailed(loss, decision), thrown);
        }
        for (Outbound message : queue.abandon()) {
            Outcome known = message.ifNotSentBefore(outcomes.apply(message));
            step(to -> to.ended(message, known), thrown);
        }
        queue.allEnded();
        if (closed) return;
        report = () -> {
            step(to -> to.stateChanged(ClientState.CLOSED), thrown);
            step(to -> to.closed(new CloseReason(ABNORMAL, error)), thrown);
        };
    }

    /** Reports the end, unless it was reported before. Called once, after the client has given everything back. */
    void finish() {
        report.run();
    }

    private void step(Effect effect, Throwable thrown) {
        try {
            effect.perform(driver);
        } catch (Throwable t) {
            if (t != thrown) thrown.addSuppressed(t);
        }
    }
}
