package dev.holdfast.internal.session;

/** The timers of a {@link SessionMachine}. Timers that are due at the same time fire in this order. */
enum Timer {
    /** The time to finish closing has passed. */
    CLOSE,
    /** The credential provider has not answered in time. */
    CREDENTIAL,
    /** The endpoint provider has not answered in time. */
    ENDPOINT,
    /** The server has not sent its welcome in time. */
    WELCOME,
    /** The server has not continued the replay in time. */
    REPLAY,
    /** A ping is due, or the answer to one. */
    LIVENESS,
    /** Open another connection beside the current one. */
    HANDOVER,
    /** Renew the credential. */
    RENEWAL,
    /** Acknowledge handled messages. */
    ACKNOWLEDGEMENT,
    /** Make the next attempt to connect. */
    ATTEMPT,
    /** A queued message expires. */
    EXPIRY,
    /** A message was not acknowledged in time. */
    AWAITED,
    /** The client has written nothing for as long as the protocol allows. */
    CLIENT_HEARTBEAT,
    /** The rate limit allows the next message. */
    RATE_LIMIT,
    /** A message has waited long enough for others to share its frame. */
    BATCH
}
