package dev.holdfast.server;

/** The WebSocket close codes that this server sends. */
final class CloseCodes {
    private static final int MAX_REASON_BYTES = 123;

    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int INTERNAL_ERROR = 1011;

    /** The server restarts: clients come back at random moments, not all at once. */
    static final int RESTART = 1012;

    static final int PROTOCOL_ERROR = 4400;
    static final int UNAUTHENTICATED = 4401;
    static final int FORBIDDEN = 4403;
    static final int NO_OPEN = 4408;
    static final int TAKEN_OVER = 4409;
    static final int TOO_LARGE = 4413;
    static final int TOO_MANY = 4429;

    private CloseCodes() {}

    /** Returns a reason, or the part of its beginning that fits into a close frame. */
    static String fitting(String reason) {
        int bytes = 0;
        int length = 0;
        while (length < reason.length()) {
            int character = reason.codePointAt(length);
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (bytes > MAX_REASON_BYTES) {
                return reason.substring(0, length);
            }
            length += Character.charCount(character);
        }
        return reason;
    }
}
