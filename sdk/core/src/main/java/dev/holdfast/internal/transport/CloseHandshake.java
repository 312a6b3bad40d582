package dev.holdfast.internal.transport;

import dev.holdfast.internal.message.CloseStatus;
import org.jspecify.annotations.Nullable;

/**
 * What may be sent and what has been agreed in the closing handshake, RFC 6455 sections 5.5.1 and 7.1. No I/O.
 *
 * <p>Not thread-safe: the writer's lock guards it.
 */
final class CloseHandshake {
    private @Nullable CloseStatus ours;
    private @Nullable CloseStatus theirs;

    /** Whether messages may still be queued: our close frame is the last that we send. */
    boolean maySendMessages() {
        return ours == null;
    }

    /** Makes {@code status} our close frame, unless there is one already. */
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

    /** Takes the peer's close frame. Says whether it is the first, so that ours is due. */
    boolean receive(CloseStatus status) {
        theirs = status;
        return ours == null;
    }

    /** Makes our close frame an echo of the peer's, unless there is one already. */
    void answer() {
        if (theirs != null) begin(theirs);
    }

    /** Whether both close frames are known. Ours may still have to be sent. */
    boolean isOver() {
        return ours != null && theirs != null;
    }

    /** Our close frame, null before the handshake has begun. */
    @Nullable
    CloseStatus ours() {
        return ours;
    }

    /** The peer's close frame, null before it came. */
    @Nullable
    CloseStatus theirs() {
        return theirs;
    }
}
