package dev.holdfast.server;

import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code open}.
 *
 * @param reason why the session is a new one; null if it is resumed
 * @param last the starting position of a new session, or the position that the client stated; null if it stated none
 * @param handledSeq how far the client's own stream is handled. After a lost session: how far the lost one's was
 *     handled without a rejection that the client has not acknowledged
 */
record Welcome(
        String sid,
        String key,
        @Nullable String reason,
        @Nullable String last,
        long handledSeq) {
    /** Returns the fields without the secret. */
    @Override
    public String toString() {
        return "Welcome[sid=" + sid + ", reason=" + reason + ", last=" + last + ", handledSeq=" + handledSeq + "]";
    }
}
