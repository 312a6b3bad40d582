package dev.holdfast.internal.transport;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The count of what the writer has written and reported, for threads that wait for it. The writer works in rounds: it takes what is
 * queued, writes it, reports it, and takes again.
 *
 * <p>Guarded by the lock of {@link OutgoingQueue}. The three methods for waiting acquire it, and release it while they
 * block; callers of the others hold it.
 */
final class WriterProgress {
    private final ReentrantLock lock;
    private final Condition changed;

    // Guarded by lock.
    /** The number of rounds begun. All that was written before a round has been reported. */
    private long rounds;
    /** Whether the writer has taken something and has not reported it. */
    private boolean working;
    /** Whether the writer is calling its listener. */
    private boolean reporting;

    private boolean stopped;
    /** Whether the current wait is to end, or the next one if there is none. */
    private boolean waitCancelled;

    WriterProgress(ReentrantLock lock) {
        this.lock = lock;
        this.changed = lock.newCondition();
    }

    // ---- waiting: acquire the lock ----

    /**
     * Blocks until everything that was written before this call has been reported, the writer has stopped, or {@link
     * #cancelWait} is called.
     */
    void awaitReported() {
        lock.lock();
        try {
            long current = rounds;
            while (working && rounds == current && !stopped && !waitCancelled) changed.awaitUninterruptibly();
            waitCancelled = false;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until the writer has stopped, as it does behind our close frame, or {@link #cancelWait} is called. */
    void awaitStopped() {
        lock.lock();
        try {
            while (!stopped && !waitCancelled) changed.awaitUninterruptibly();
            waitCancelled = false;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the wait of {@link #awaitReported} or {@link #awaitStopped}. */
    void cancelWait() {
        lock.lock();
        try {
            waitCancelled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- called with the lock held ----

    /** Blocks, without the lock, while the writer is calling its listener. */
    void awaitNotReporting() {
        while (reporting) changed.awaitUninterruptibly();
    }

    /** The writer has reported all that it wrote, and looks for more. */
    void roundBegins() {
        rounds++;
        reporting = false;
        if (!working) return;
        working = false;
        changed.signalAll();
    }

    /** The writer has taken something. */
    void taken() {
        working = true;
    }

    /** Sets whether the writer is about to call its listener. */
    void reporting(boolean now) {
        reporting = now;
    }

    void stop() {
        stopped = true;
        changed.signalAll();
    }

    boolean isStopped() {
        return stopped;
    }
}
