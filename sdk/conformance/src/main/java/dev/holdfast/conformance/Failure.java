package dev.holdfast.conformance;

/** A rule of the protocol that the server did not keep. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }
}
