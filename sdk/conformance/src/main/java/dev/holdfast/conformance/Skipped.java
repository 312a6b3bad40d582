package dev.holdfast.conformance;

/** The reason why a check can't be made against this server. */
final class Skipped extends RuntimeException {
    private static final long serialVersionUID = 1;

    Skipped(String reason) {
        super(reason);
    }
}
