package dev.holdfast.internal.session;

/**
 * An exception that the application's own code threw while a protocol wrote a message with it. It costs the
 * connection, not the client.
 */
public final class ApplicationFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Throwable thrown;

    public ApplicationFault(Throwable thrown) {
        super(thrown);
        this.thrown = thrown;
    }

    /** Returns what the application threw. */
    public Throwable thrown() {
        return thrown;
    }
}
