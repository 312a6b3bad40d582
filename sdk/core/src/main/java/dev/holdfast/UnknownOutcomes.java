package dev.holdfast;

/**
 * A setting of a resumable {@link Session}: what happens to messages of unknown outcome after the session was lost. {@link
 * Session#withUnknownOutcomes} sets it. More constants may be added: keep a default branch.
 */
public enum UnknownOutcomes {
    /** Each message ends as {@link Outcome.Kind#UNKNOWN}, and {@link SessionLoss#unknown} lists it. */
    REPORT,
    /**
     * A message with an {@linkplain SendOptions#withIdempotencyKey idempotency key} is sent again on the new session, in
     * order, before anything new and with the same key. The server must recognize a key that it has seen before. A message
     * without a key, a binary message, and one that is larger than the new session allows are reported.
     */
    RESEND_WITH_KEY
}
