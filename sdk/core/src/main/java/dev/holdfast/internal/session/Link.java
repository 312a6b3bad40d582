package dev.holdfast.internal.session;

/** How far the current connection has come. */
enum Link {
    DOWN,
    CONNECTING,
    /** The upgrade is done and the server has not welcomed the client. */
    OPENING,
    /** The server has welcomed the client. */
    UP,
    /** The client's closing handshake is under way. */
    CLOSING
}
