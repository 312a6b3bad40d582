package dev.holdfast.internal.resume;

/** JSON that is no envelope of the protocol. */
final class BadEnvelopeException extends Exception {
    private static final long serialVersionUID = 1;

    BadEnvelopeException(String message) {
        super(message);
    }
}
