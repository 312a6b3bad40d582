package dev.holdfast.internal.settings;

import dev.holdfast.Backoff;
import dev.holdfast.internal.time.Durations;
import java.util.Random;

/** The delays of a {@link Backoff}, in nanoseconds. Immutable. */
public final class BackoffDelays {
    private final long firstNanos;
    private final long maxNanos;
    private final boolean jitter;
    private final long resetAfterNanos;

    public BackoffDelays(Backoff backoff) {
        this.firstNanos = Durations.nanos(backoff.first());
        this.maxNanos = Durations.nanos(backoff.max());
        this.jitter = backoff.hasFullJitter();
        this.resetAfterNanos = Durations.nanos(backoff.resetAfter());
    }

    /**
     * Returns the delay before an attempt.
     *
     * @param failures the failed attempts and short-lived connections in a row, at least 1
     * @param random the source of the jitter
     */
    public long delayNanos(int failures, Random random) {
        long upperBound = maxDelayNanos(failures);
        return jitter ? (long) (random.nextDouble() * upperBound) : upperBound;
    }

    /** Returns the upper bound of the delay before that attempt. */
    public long maxDelayNanos(int failures) {
        // From 62 doublings on, every positive delay has passed the maximum.
        int doublings = Math.min(failures - 1, 62);
        return firstNanos > (maxNanos >> doublings) ? maxNanos : firstNanos << doublings;
    }

    /** Returns how long a connection must last before the delays start over. */
    public long resetAfterNanos() {
        return resetAfterNanos;
    }
}
