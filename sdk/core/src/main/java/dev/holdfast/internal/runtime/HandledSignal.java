package dev.holdfast.internal.runtime;

import dev.holdfast.internal.time.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says when the machine is to look at what the application is done with: at the first message after an acknowledgement, to
 * set the timer of the next, and once enough has gathered for one. In between a message costs no event. Of what is handled
 * within a millisecond four times as much goes into one. Safe from any thread.
 */
final class HandledSignal {
    /** So that enough messages are enough bytes, too. */
    private static final long MIN_WEIGHT = 4 * 1024;

    private static final long ENOUGH = 64 * MIN_WEIGHT;
    private static final long MOST = 4 * ENOUGH;
    private static final long HASTE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Ticker ticker;

    /** What was handled since the last look, at least. */
    private final AtomicLong gathered = new AtomicLong();
    /** Whether a look at enough has been asked for and not come. */
    private final AtomicBoolean asked = new AtomicBoolean();

    /** Whether a look will come by itself. Written by the serial context. */
    private volatile boolean timed;

    private volatile long lookedAt;

    HandledSignal(Ticker ticker) {
        this.ticker = ticker;
        this.lookedAt = ticker.nanos() - HASTE_NANOS;
    }

    /**
     * One more is marked as handled.
     *
     * @param moreFollow whether the caller has others to handle, and asks {@link #isLookDue} when it has not
     * @return whether a look is due
     */
    boolean add(long cost, boolean moreFollow) {
        long weight = Math.max(cost, MIN_WEIGHT);
        long sum = gathered.addAndGet(weight);
        if (!timed) return sum == weight;
        if (sum < ENOUGH) return false;
        if (moreFollow && sum < MOST && ticker.nanos() - lookedAt < HASTE_NANOS) return false;
        return asked.compareAndSet(false, true);
    }

    /** Whether enough has gathered, and no look is due because of it already. */
    boolean isLookDue() {
        return timed && gathered.get() >= ENOUGH && asked.compareAndSet(false, true);
    }

    /** To be called before a look. */
    void reset() {
        asked.set(false);
        gathered.set(0);
        lookedAt = ticker.nanos();
    }

    /**
     * To be called after each event of the machine.
     *
     * @return whether a look is due, because of what was handled while one seemed to come by itself
     */
    boolean update(boolean nowTimed) {
        if (timed == nowTimed) return false;
        timed = nowTimed;
        return !nowTimed && gathered.get() > 0;
    }
}
