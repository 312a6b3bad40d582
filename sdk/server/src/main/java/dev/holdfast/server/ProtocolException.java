package dev.holdfast.server;

/**
 * A violation of the protocol by the client. The message goes into the {@code error} envelope, so it must not quote a
 * secret.
 */
final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    ProtocolException(String code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    String code() {
        return code;
    }

    /** Returns the text for the client. */
    String told() {
        String message = getMessage();
        return message == null ? code : message;
    }
}
