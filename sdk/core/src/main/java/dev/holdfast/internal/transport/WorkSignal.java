package dev.holdfast.internal.transport;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets the writer wait for work and senders wake it. Signals only a writer that waits: one that works looks again before it
 * waits, and a signal costs a system call.
 *
 * <p>Guarded by the lock of {@link OutgoingQueue}: callers hold it, and {@link #await} releases it while it blocks.
 */
final class WorkSignal {
    /** The time after which a writer that waits is to release memory. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The memory, in bytes, that an idle writer keeps. */
    private static final int IDLE_BYTES = 4 * 1024;

    private final Condition work;
    private boolean waiting;

    WorkSignal(ReentrantLock lock) {
        this.work = lock.newCondition();
    }

    void wake() {
        if (waiting) work.signal();
    }

    /**
     * Blocks until the next {@link #wake}. May return earlier.
     *
     * @param heldBytes the memory that the caller can release. If it is more than a little, this method returns after a second
     * @return whether the caller is to release memory
     */
    @SuppressWarnings("WaitNotInLoop") // The caller loops: it knows whether there is work.
    boolean await(int heldBytes) {
        waiting = true;
        try {
            if (heldBytes > IDLE_BYTES) return work.awaitNanos(IDLE_NANOS) <= 0;
            work.awaitUninterruptibly();
            return false;
        } catch (InterruptedException e) {
            // An interrupt is not meant for the connection. Without memory to release the next wait ignores it.
            Thread.currentThread().interrupt();
            return true;
        } finally {
            waiting = false;
        }
    }
}
