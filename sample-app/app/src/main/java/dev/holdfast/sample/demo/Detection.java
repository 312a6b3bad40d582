package dev.holdfast.sample.demo;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long the client takes to detect that its connection is broken: from the first fault that breaks it to the
 * client's report. Thread-safe.
 */
final class Detection {
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore reports = new Semaphore(0);

    // Guarded by the lock.
    private boolean broken;
    private long brokenAt;
    /** The fault whose end mends the connection; null if nothing does. */
    private @Nullable Fault mendedBy;

    private long slowestNanos = -1;

    /**
     * Notes that a fault is about to break the connection.
     *
     * @param fault the fault, if its end mends the connection; null if the connection is broken for good
     */
    void breaking(@Nullable Fault fault) {
        lock.lock();
        try {
            reports.drainPermits();
            if (!broken) {
                brokenAt = System.nanoTime();
                mendedBy = fault;
            } else if (fault == null) {
                mendedBy = null;
            }
            broken = true;
        } finally {
            lock.unlock();
        }
    }

    /** Notes the end of a fault. If it mends the connection, there is nothing left to detect. */
    void over(Fault fault) {
        lock.lock();
        try {
            if (mendedBy == fault) broken = false;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that the client has a new connection, which none of the faults so far has broken. */
    void opened() {
        lock.lock();
        try {
            broken = false;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that the client has reported the end of its connection. */
    void reported() {
        lock.lock();
        try {
            if (!broken) return;
            broken = false;
            slowestNanos = Math.max(slowestNanos, System.nanoTime() - brokenAt);
            reports.release();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the report of a broken connection. Returns false if that takes too long. */
    boolean await(Duration limit) throws InterruptedException {
        return reports.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns the longest time; null if none has been measured. */
    @Nullable
    Duration slowest() {
        lock.lock();
        try {
            return slowestNanos < 0 ? null : Duration.ofNanos(slowestNanos);
        } finally {
            lock.unlock();
        }
    }
}
