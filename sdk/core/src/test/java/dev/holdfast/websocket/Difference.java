package dev.holdfast.websocket;

/** Where Holdfast's web sockets do something else than OkHttp's, and why. OkHttp's have none of these. */
enum Difference {
    // ---- opening ----

    /** RFC 6455 section 4.1: a client must fail where the server selects a subprotocol that was not offered. */
    CHECKS_SUBPROTOCOL,
    /** The RFC asks for one Upgrade, one Connection and one Sec-WebSocket-Accept; OkHttp reads the last of each. */
    WANTS_EACH_HEADER_ONCE,
    /** Section 4.1 again. OkHttp opens and then closes with 1010. */
    FAILS_ON_UNKNOWN_EXTENSIONS,
    /** What is offered is the builder's to say. OkHttp fails where the request says so. */
    OFFERS_ITS_OWN_EXTENSIONS,
    /** A request that began in TLS does not go on in clear. OkHttp follows such a redirect. */
    STAYS_IN_TLS,
    /** A server could make the page without end. */
    CUTS_LONG_REFUSALS,
    /** The listener sees what was thrown, and no thread need die of it. OkHttp wraps it, and throws it again. */
    TELLS_INTERCEPTORS_EXCEPTIONS_AS_THEY_ARE,
    /** What the application looks at on the network includes this. OkHttp calls none of them for a web socket. */
    SHOWS_ITSELF_TO_NETWORK_INTERCEPTORS,
    /** What the application measures of its calls may include this one. */
    TELLS_THE_EVENT_LISTENER,
    /** A connection that lives for days is no call in progress, and takes no place of one. */
    IS_NO_CALL_ONCE_IT_IS_OPEN,

    // ---- messages ----

    /** So that a pong need not wait for all of a long message. OkHttp sends one frame, however long. */
    FRAGMENTS_LONG_MESSAGES,
    /** A header could claim any length, and a few compressed bytes could become gigabytes. */
    BOUNDS_MESSAGES,
    /** Section 8.1. OkHttp puts in U+FFFD. */
    CHECKS_UTF8,
    /** Section 7.1.7. OkHttp just goes. */
    TELLS_THE_SERVER_WHAT_IT_BROKE,
    /** A read timeout judges a web socket as little as a read that has not begun; pings do. */
    WAITS_FOR_THE_REST_OF_A_FRAME,

    // ---- the end ----

    /** Section 5.5.1: a close frame is answered as soon as practical. With OkHttp a listener that forgets keeps it open. */
    ANSWERS_FOR_THE_LISTENER,
    /** What was written before the server closed is reported first, so a writer is waited for. OkHttp reports no writes. */
    TELLS_OF_WRITES_FIRST,
    /** Section 7.1.1: the server closes the TCP connection first. OkHttp does not wait for that. */
    LETS_THE_SERVER_END_THE_CONNECTION,
    /** OkHttp's listener hears of no end where it cancels in onClosing. */
    ALWAYS_TELLS_THE_END,
    /** OkHttp's listener hears of no end where it throws an Error. */
    TELLS_ERRORS,
}
