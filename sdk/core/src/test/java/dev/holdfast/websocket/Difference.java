package dev.holdfast.websocket;

/** The differences between Holdfast's web sockets and OkHttp's, with their reasons. OkHttp's have none of these. */
enum Difference {
    // ---- opening ----

    /** RFC 6455 section 4.1: a client must fail if the server selects a subprotocol that was not offered. */
    CHECKS_SUBPROTOCOL,
    /** The RFC requires one Upgrade, one Connection and one Sec-WebSocket-Accept header; OkHttp reads the last of each. */
    REQUIRES_EACH_HEADER_ONCE,
    /** Section 4.1 again. OkHttp opens and then closes with 1010. */
    FAILS_ON_UNKNOWN_EXTENSIONS,
    /** The builder decides what is offered. OkHttp fails if the request has the header. */
    OFFERS_ITS_OWN_EXTENSIONS,
    /** A request that began with TLS must not continue in cleartext. OkHttp follows such a redirect. */
    STAYS_IN_TLS,
    /** A server could send a page without an end. */
    CUTS_LONG_REFUSALS,
    /** The listener receives the exception itself, and no thread ends. OkHttp wraps it, and throws it again. */
    REPORTS_EXCEPTIONS_OF_INTERCEPTORS_UNCHANGED,
    /** The application can inspect the handshake. OkHttp calls no network interceptors for a web socket. */
    SHOWS_ITSELF_TO_NETWORK_INTERCEPTORS,
    /** The application can measure the handshake as it does other calls. */
    NOTIFIES_THE_EVENT_LISTENER,
    /** A connection that lives for days must not count as a running call in the dispatcher. */
    IS_NO_CALL_WHEN_OPEN,

    // ---- messages ----

    /** A pong does not wait for all of a long message. OkHttp sends one frame of any length. */
    FRAGMENTS_LONG_MESSAGES,
    /** A header could claim any length, and a few compressed bytes could become gigabytes. */
    BOUNDS_MESSAGES,
    /** RFC 6455 section 8.1. OkHttp inserts U+FFFD. */
    CHECKS_UTF8,
    /** RFC 6455 section 7.1.7. OkHttp closes the connection. */
    SENDS_A_CLOSE_FRAME_ON_A_VIOLATION,
    /** A read timeout does not apply inside a frame either: pings detect a dead connection. */
    WAITS_FOR_THE_REST_OF_A_FRAME,

    // ---- the end ----

    /** Section 5.5.1: a close frame is answered as soon as practical. With OkHttp a listener that forgets keeps it open. */
    ANSWERS_FOR_THE_LISTENER,
    /** Messages written before the server closed are reported first, so the reader waits for the writer. OkHttp reports no writes. */
    REPORTS_WRITES_FIRST,
    /** Section 7.1.1: the server closes the TCP connection first. OkHttp does not wait for that. */
    WAITS_FOR_THE_SERVER_TO_END_THE_CONNECTION,
    /** OkHttp's listener gets no final call if it cancels in onClosing. */
    ALWAYS_REPORTS_THE_END,
    /** OkHttp's listener gets no final call if it throws an Error. */
    REPORTS_ERRORS,
}
