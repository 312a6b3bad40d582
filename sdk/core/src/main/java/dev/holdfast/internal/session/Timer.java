package dev.holdfast.internal.session;

/**
 * What a {@link SessionMachine} wants to be woken for. Timers that are due at the same time fire in this order.
 */
enum Timer {
    /** The time to finish closing is up. */
    CLOSE,
    /** The credential provider has not answered in time. */
    CREDENTIAL,
    /** The server has not sent its welcome in time. */
    WELCOME,
    /** The server has not gone on with the replay in time. */
    REPLAY,
    /** A ping is due, or the answer to one. */
    LIVENESS,
    /** Another connection is to be opened beside the current one. */
    HANDOVER,
    /** The credential is to be renewed. */
    RENEWAL,
    /** Handled messages are to be acknowledged. */
    ACKNOWLEDGEMENT,
    /** The next attempt to connect. */
    ATTEMPT,
    /** A queued message expires. */
    EXPIRY,
    /** The rate limit lets the next message go. */
    RATE_LIMIT,
    /** A message has waited long enough for others to share its frame. */
    BATCH
}
