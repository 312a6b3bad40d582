package dev.holdfast;

import java.time.Duration;

/** Settings of time. */
final class Durations {
    private static final Duration LONGEST = Duration.ofDays(365);

    private Durations() {}

    /** A positive duration in nanoseconds; one over a year, which stands for never, as a year. */
    static long positiveNanos(String what, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(what + " of " + duration + ", must be positive");
        }
        return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : LONGEST.toNanos();
    }
}
