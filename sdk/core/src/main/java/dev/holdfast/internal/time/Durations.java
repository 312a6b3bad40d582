package dev.holdfast.internal.time;

import java.time.Duration;
import java.util.Objects;

/** Checks and conversions of durations that an application sets. */
public final class Durations {
    /** Short enough that a handful of them can be added to a time in nanoseconds. */
    private static final Duration MAX = Duration.ofDays(365);

    private Durations() {}

    /**
     * Returns a positive duration in nanoseconds. One over a year, which stands for "forever", counts as a year, so that
     * nothing that is computed from it overflows.
     *
     * @param parameter the name of the parameter that is checked
     * @throws NullPointerException if the duration is null
     * @throws IllegalArgumentException if it is not positive
     */
    public static long positiveNanos(String parameter, Duration duration) {
        Objects.requireNonNull(duration, parameter);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(parameter + " must be positive, but was " + duration);
        }
        return nanos(duration);
    }

    /** Returns a duration that is not negative in nanoseconds. One over a year counts as a year. */
    public static long nanos(Duration duration) {
        return duration.compareTo(MAX) < 0 ? duration.toNanos() : MAX.toNanos();
    }
}
