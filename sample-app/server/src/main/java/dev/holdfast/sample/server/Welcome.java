package dev.holdfast.sample.server;

import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code open}.
 *
 * @param reason why the session is a new one; null if it is resumed
 * @param last the starting position of a new session, or what the client said of its own; null if it said nothing
 * @param handledSeq how far the client's own stream is handled; after a lost session, how far the
 *     lost one's was without a refusal that the client has not acknowledged
 */
record Welcome(
        String sid,
        String key,
        @Nullable String reason,
        @Nullable String last,
        long handledSeq) {
    /** Without the secret. */
    @Override
    public String toString() {
        return "Welcome[sid=" + sid + ", reason=" + reason + ", last=" + last + ", handledSeq=" + handledSeq + "]";
    }
}
