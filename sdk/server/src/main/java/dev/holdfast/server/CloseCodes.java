package dev.holdfast.server;

/** The WebSocket close codes that this server sends. */
final class CloseCodes {
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
}
