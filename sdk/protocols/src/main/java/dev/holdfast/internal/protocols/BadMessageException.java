package dev.holdfast.internal.protocols;

/** A report of a message that breaks its protocol. The message names the fault and quotes nothing. */
public final class BadMessageException extends Exception {
    private static final long serialVersionUID = 1;

    public BadMessageException(String message) {
        super(message);
    }
}
