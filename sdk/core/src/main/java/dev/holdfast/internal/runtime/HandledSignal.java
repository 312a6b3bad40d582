package dev.holdfast.internal.runtime;

import dev.holdfast.internal.time.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Decides when the machine looks at the messages that the application has handled: at the first one after an
 * acknowledgement, to set the timer of the next, and when enough were handled for one. In between a message costs no event.
 * An acknowledgement covers four times as much if that is handled within a millisecond. Safe from any thread.
 */
final class HandledSignal {
    /** A message weighs at least this much, so that many small messages are enough as well. */
    private static final long MIN_WEIGHT = 4 * 1024;

    private static final long ENOUGH = 64 * MIN_WEIGHT;
    private static final long MAX = 4 * ENOUGH;
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Ticker ticker;

    /** The weight of at least what was handled since the last look. */
    private final AtomicLong weight = new AtomicLong();
    /** Whether a look was requested because there is enough, and has not come. */
    private final AtomicBoolean requested = new AtomicBoolean();

    /** Whether a timer will cause a look. Written on the serial context. */
    private volatile boolean timed;

    private volatile long lookedAt;

    HandledSignal(Ticker ticker) {
        this.ticker = ticker;
        this.lookedAt = ticker.nanos() - BURST_NANOS;
    }

    /**
     * Counts a handled message.
     *
     * @param moreFollow whether the caller has more messages to handle, and calls {@link #isLookDue} after the last
     * @return whether a look is due
     */
    boolean add(long cost, boolean moreFollow) {
        long added = Math.max(cost, MIN_WEIGHT);
        long sum = weight.addAndGet(added);
        if (!timed) return sum == added;
        if (sum < ENOUGH) return false;
        if (moreFollow && sum < MAX && ticker.nanos() - lookedAt < BURST_NANOS) return false;
        return requested.compareAndSet(false, true);
    }

    /** Returns whether enough was handled, and no look was requested because of it. The caller requests it then. */
    boolean isLookDue() {
        return timed && weight.get() >= ENOUGH && requested.compareAndSet(false, true);
    }

    /** Starts to count anew. To be called before a look. */
    void reset() {
        requested.set(false);
        weight.set(0);
        lookedAt = ticker.nanos();
    }

    /**
     * Notes whether a timer will cause a look. To be called after each event of the machine.
     *
     * @return whether a look is due, because of what was handled while the timer seemed to be set
     */
    boolean update(boolean nowTimed) {
        if (timed == nowTimed) return false;
        timed = nowTimed;
        return !nowTimed && weight.get() > 0;
    }
}
