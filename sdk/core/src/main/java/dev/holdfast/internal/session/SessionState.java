package dev.holdfast.internal.session;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state of a session that a store keeps beside its messages. Immutable. */
public final class SessionState {
    /** Null if there is no session that can be resumed. */
    public final @Nullable String sid;
    /** The secret for the next resumption. Never log it. */
    public final @Nullable String key;
    /** The entry up to which the application has handled the server's stream; null for none. */
    public final @Nullable String position;
    /** Whether {@link #position} is a message that the application has handled, and not the start of the session. */
    public final boolean handled;

    public final long nextSeq;
    /** Why the session before was lost, until the application has been told; null for nothing. */
    public final @Nullable String lost;

    public SessionState(
            @Nullable String sid,
            @Nullable String key,
            @Nullable String position,
            boolean handled,
            long nextSeq,
            @Nullable String lost) {
        this.lost = lost;
        this.sid = sid;
        this.key = key;
        this.position = position;
        this.handled = handled;
        this.nextSeq = nextSeq;
    }

    /** Returns whether there is nothing to keep. */
    public boolean isEmpty() {
        return sid == null && position == null && lost == null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof SessionState)) return false;
        SessionState that = (SessionState) other;
        return Objects.equals(sid, that.sid)
                && Objects.equals(key, that.key)
                && Objects.equals(position, that.position)
                && handled == that.handled
                && nextSeq == that.nextSeq
                && Objects.equals(lost, that.lost);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sid, key, position, handled, nextSeq, lost);
    }
}
