package dev.holdfast.internal.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A clock that counts the time for which the device sleeps. It combines two clocks that do not: a ticker, which may stand
 * still during sleep, and the time of day, which may be set. If the time of day has moved ahead of the ticker by more than
 * five seconds since the last reading, the device has slept for the difference. Smaller steps and steps back mean that the
 * clock was set, and are ignored; a larger step forward cannot be distinguished from sleep.
 *
 * <p>Each reading looks for a sleep before it returns, so the first reading after one already counts it. Safe from any
 * thread.
 */
public final class ElapsedClock implements Ticker {
    private static final long MIN_SLEEP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The two clocks advance at slightly different rates, and the time of day is read in milliseconds. */
    private static final long TOLERANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int MAX_READINGS = 3;

    private final Ticker ticker;
    private final Ticker wall;

    private final ReentrantLock lock = new ReentrantLock();

    /** How far the time of day was ahead of the ticker at the last reading. Written under the lock, read without. */
    private volatile long wallAhead;

    /** For how long the device has slept. Written under the lock, read without. */
    private volatile long slept;

    /**
     * Creates a clock that starts at the ticker's time.
     *
     * @param wall the time of day in nanoseconds, which may jump in either direction
     */
    public ElapsedClock(Ticker ticker, Ticker wall) {
        this.ticker = ticker;
        this.wall = wall;
        this.wallAhead = ahead();
    }

    @Override
    public long nanos() {
        long awake = ticker.nanos();
        long jump = wall.nanos() - awake - wallAhead;
        // In this order: a thread that sees the new difference sees the sleep.
        return jump > TOLERANCE_NANOS || jump < -TOLERANCE_NANOS ? look() : awake + slept;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Updated under the lock only.
    private long look() {
        lock.lock();
        try {
            long ahead = ahead();
            long jump = ahead - wallAhead;
            long sleptBefore = slept;
            if (jump > MIN_SLEEP_NANOS) slept = sleptBefore + jump;
            wallAhead = ahead;
            return ticker.nanos() + slept;
        } finally {
            lock.unlock();
        }
    }

    private long ahead() {
        for (int i = 1; ; i++) {
            long awake = ticker.nanos();
            long ahead = wall.nanos() - awake;
            // If the thread paused between the two readings, the pause would look like sleep.
            if (i == MAX_READINGS || ticker.nanos() - awake <= TOLERANCE_NANOS) return ahead;
        }
    }
}
