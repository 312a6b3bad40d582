package dev.holdfast.sample.server;

/** The client broke the protocol. The message goes into the {@code error} envelope, so it must quote no secret. */
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

    /** What to tell the client. */
    String told() {
        String message = getMessage();
        return message == null ? code : message;
    }
}
