package dev.holdfast.internal.runtime;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Says when the machine is to look at what the application is done with: at the first message after an acknowledgement, to
 * set the timer of the next, and once enough has gathered for one. In between a message costs no event. Safe from any
 * thread.
 */
final class HandledSignal {
    /** So that enough messages are enough bytes, too. */
    private static final long LEAST_WEIGHT = 4 * 1024;

    private static final long ENOUGH = 64 * LEAST_WEIGHT;

    /** What was handled since the last look, at least. */
    private final AtomicLong gathered = new AtomicLong();
    /** Whether a look will come by itself. Written by the serial context. */
    private volatile boolean timed;

    /** One more is marked as handled. Returns whether a look is due. */
    boolean add(long cost) {
        long weight = Math.max(cost, LEAST_WEIGHT);
        long sum = gathered.addAndGet(weight);
        return timed ? sum >= ENOUGH && sum - weight < ENOUGH : sum == weight;
    }

    /** To be called before a look. */
    void looking() {
        gathered.set(0);
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
