package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.WaitingQueue;
import org.jspecify.annotations.Nullable;

/** The figures of a queue that any thread may read without its lock. Written with the lock held. */
final class QueueView {
    private @Nullable Outbound first;

    /** The size of the message that goes next, or -1 if none waits. */
    volatile long nextBytes = -1;
    /** Whether that message may wait for others. */
    volatile boolean patient;
    /** When the first message expires. */
    volatile long nextExpiry = SessionMachine.NEVER;
    /** Whether the high water mark was passed, and the low one not reached since. */
    volatile boolean pressed;

    /** Shows what has changed. Returns whether it matters to the machine. */
    boolean update(WaitingQueue queue) {
        boolean changed = false;
        Outbound nowFirst = queue.first();
        if (nowFirst != first) {
            first = nowFirst;
            nextBytes = nowFirst == null ? -1 : nowFirst.bytes();
            changed = true;
        }
        long expiry = queue.nextExpiry();
        if (expiry != nextExpiry) {
            // A timer that is set for an earlier expiry fires in vain, and is then set again.
            changed |= expiry < nextExpiry;
            nextExpiry = expiry;
        }
        if (queue.isPressed() != pressed) {
            pressed = !pressed;
            changed = true;
        }
        if (changed) patient = queue.isPatient();
        return changed;
    }
}
