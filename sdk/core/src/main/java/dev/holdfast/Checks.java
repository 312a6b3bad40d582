package dev.holdfast;

import java.time.Duration;
import java.util.Objects;
import okio.Utf8;

/** Checks of values that an application sets. The messages name the parameter, the value and what is allowed. */
final class Checks {
    /** The maximum length of a close reason: a control frame's payload less the close code. */
    private static final int MAX_CLOSE_REASON = 123;

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

    /** Returns what an application's close frame says, or throws if RFC 6455 sections 5.5.1 and 7.4 do not allow it. */
    static CloseReason farewell(int code, String reason) {
        Objects.requireNonNull(reason, "reason");
        if (code != 1000 && (code < 3000 || code > 4999)) {
            throw new IllegalArgumentException("code must be 1000 or between 3000 and 4999, but was " + code);
        }
        long bytes = Utf8.size(reason);
        if (bytes > MAX_CLOSE_REASON) {
            throw new IllegalArgumentException(
                    "reason must have at most " + MAX_CLOSE_REASON + " bytes in UTF-8, but has " + bytes);
        }
        return new CloseReason(code, reason);
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
