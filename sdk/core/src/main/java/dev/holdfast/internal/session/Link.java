package dev.holdfast.internal.session;

/** The stage that the current connection has reached. */
enum Link {
    DOWN,
    CONNECTING,
    /** The upgrade is done, and the server has not welcomed the client. */
    OPENING,
    /** The server has welcomed the client. */
    UP,
    /** The client's closing handshake is under way. */
    CLOSING
}
