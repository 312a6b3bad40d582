package dev.holdfast;

import java.time.Duration;
import java.util.Objects;

/** Checks of values that an application sets. The messages name the parameter, the value and what is allowed. */
final class Checks {
    private Checks() {}

    /** Returns {@code duration}, or throws if it is null or not positive. */
    static Duration positive(String parameter, Duration duration) {
        Objects.requireNonNull(duration, parameter);
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(parameter + " must be positive, but was " + duration);
        }
        return duration;
    }

    /** Returns {@code number}, or throws if it is not positive. */
    static long positive(String parameter, long number) {
        if (number <= 0) throw new IllegalArgumentException(parameter + " must be positive, but was " + number);
        return number;
    }

    /** Returns {@code number}, or throws if it is not positive. */
    static int positive(String parameter, int number) {
        if (number <= 0) throw new IllegalArgumentException(parameter + " must be positive, but was " + number);
        return number;
    }

    /** Returns {@code number}, or throws if it is not between {@code min} and {@code max}. */
    static int between(String parameter, int min, int max, int number) {
        if (number < min || number > max) {
            throw new IllegalArgumentException(
                    parameter + " must be between " + min + " and " + max + ", but was " + number);
        }
        return number;
    }
}
