package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import org.jspecify.annotations.Nullable;

/**
 * The close frames of both sides, and what may still be sent (RFC 6455 sections 5.5.1 and 7.1). No I/O.
 *
 * <p>Not thread-safe: guarded by the lock of {@link OutgoingQueue}.
 */
final class CloseHandshake {
    private @Nullable CloseStatus ours;
    private @Nullable CloseStatus theirs;

    /** Returns whether messages may still be queued. Nothing may follow our close frame. */
    boolean maySendMessages() {
        return ours == null;
    }

    /** Makes {@code status} our close frame. Returns false if there is one already. */
    boolean begin(CloseStatus status) {
        if (ours != null) return false;
        ours = status;
        return true;
    }

    /** Returns our close frame, which {@code status} becomes if there is none. */
    CloseStatus beginOrGet(CloseStatus status) {
        CloseStatus begun = ours;
        if (begun != null) return begun;
        ours = status;
        return status;
    }

    /** Takes the peer's close frame. Returns whether ours has not begun, so that it is due. */
    boolean receive(CloseStatus status) {
        theirs = status;
        return ours == null;
    }

    /** Echoes the peer's close frame, unless there is one of ours already. */
    void answer() {
        if (theirs != null) begin(theirs);
    }

    /** Returns whether there are both close frames. Ours may not have been sent. */
    boolean isOver() {
        return ours != null && theirs != null;
    }

    /** Returns our close frame, null if there is none yet. */
    @Nullable
    CloseStatus ours() {
        return ours;
    }

    /** Returns the peer's close frame, null if it has not come. */
    @Nullable
    CloseStatus theirs() {
        return theirs;
    }
}
