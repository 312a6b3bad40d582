package dev.holdfast.graphql;

import dev.holdfast.Outcome;

/** A report that the result of a query or a mutation did not come. */
public final class NoResultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Outcome outcome;

    /**
     * Creates a report.
     *
     * @param outcome what became of the operation
     */
    public NoResultException(Outcome outcome) {
        super("no result: " + outcome);
        this.outcome = outcome;
    }

    /**
     * {@return what became of the operation} {@link Outcome.Kind#UNKNOWN}: the server may or may not have executed it. With any
     * other kind the server has not received it.
     */
    public Outcome outcome() {
        return outcome;
    }
}
