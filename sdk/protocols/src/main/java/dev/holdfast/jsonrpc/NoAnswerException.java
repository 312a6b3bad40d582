package dev.holdfast.jsonrpc;

import dev.holdfast.Outcome;

/** A report that the answer to a call did not come. */
public final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;

    /**
     * Creates a report.
     *
     * @param outcome what became of the call
     */
    public NoAnswerException(Outcome outcome) {
        super("no answer: " + outcome);
        this.outcome = outcome;
    }

    /**
     * {@return what became of the call} {@link Outcome.Kind#UNKNOWN}: the server may or may not have dealt with it. {@link
     * Outcome.Kind#ACKNOWLEDGED}: the server answered the batch and left this call out. With any other kind the server has not
     * received the call.
     */
    public Outcome outcome() {
        return outcome;
    }
}
