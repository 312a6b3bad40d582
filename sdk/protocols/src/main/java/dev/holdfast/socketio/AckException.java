package dev.holdfast.socketio;

import dev.holdfast.Outcome;

/** A report that the server's acknowledgement of an event did not come. */
public final class AckException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;

    /**
     * Creates a report.
     *
     * @param outcome what became of the event
     */
    public AckException(Outcome outcome) {
        super("no acknowledgement: " + outcome);
        this.outcome = outcome;
    }

    /**
     * {@return what became of the event} {@link Outcome.Kind#UNKNOWN}: the server may or may not have handled it. With any
     * other kind the server has not received it.
     */
    public Outcome outcome() {
        return outcome;
    }
}
