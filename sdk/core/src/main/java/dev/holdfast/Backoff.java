package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The delays between attempts to connect. The upper bound of the delay doubles with each failed attempt up to a maximum.
 *
 * <p>With full jitter, the default, the delay is drawn evenly between zero and the upper bound, also at the maximum. So
 * clients that lost their server at the same moment do not return at the same moment. Immutable.
 */
@CheckReturnValue
public final class Backoff {
    private static final Duration DEFAULT_RESET = Duration.ofSeconds(10);

    private final Duration first;
    private final Duration max;
    private final boolean jitter;
    private final Duration resetAfter;

    private Backoff(Duration first, Duration max, boolean jitter, Duration resetAfter) {
        this.first = first;
        this.max = max;
        this.jitter = jitter;
        this.resetAfter = resetAfter;
    }

    /**
     * {@return a backoff whose upper bound doubles from {@code first} to {@code max}, with full jitter} It starts over
     * after a connection that lasted 10 s.
     *
     * @param first the upper bound of the first delay, positive
     * @param max the upper bound of every delay, not shorter than {@code first}
     * @throws IllegalArgumentException if {@code first} is not positive, or {@code max} is shorter than {@code first}
     */
    public static Backoff exponential(Duration first, Duration max) {
        Checks.positive("first", first);
        Checks.positive("max", max);
        if (max.compareTo(first) < 0) {
            throw new IllegalArgumentException("max must not be shorter than first (" + first + "), but was " + max);
        }
        return new Backoff(first, max, true, DEFAULT_RESET);
    }

    /** {@return a backoff whose delays are drawn evenly between zero and the upper bound} This is the default. */
    public Backoff withFullJitter() {
        return new Backoff(first, max, true, resetAfter);
    }

    /** {@return a backoff whose delay is always the upper bound} Suits a single client; many would return together. */
    public Backoff withoutJitter() {
        return new Backoff(first, max, false, resetAfter);
    }

    /**
     * {@return a backoff that starts over only after a connection lasted this long, so that delays also grow while
     * connections open and fail again} Zero starts over after every connection. Default: 10 s.
     *
     * @param stable how long a connection must last; zero or longer
     * @throws IllegalArgumentException if {@code stable} is negative
     */
    public Backoff withResetAfter(Duration stable) {
        if (Objects.requireNonNull(stable, "stable").isNegative()) {
            throw new IllegalArgumentException("stable must not be negative, but was " + stable);
        }
        return new Backoff(first, max, jitter, stable);
    }

    /** {@return the upper bound of the first delay} */
    public Duration first() {
        return first;
    }

    /** {@return the maximum that the upper bound grows to} */
    public Duration max() {
        return max;
    }

    /** {@return whether delays are drawn evenly between zero and the upper bound} */
    public boolean hasFullJitter() {
        return jitter;
    }

    /** {@return how long a connection must last before the delays start over; zero if every connection suffices} */
    public Duration resetAfter() {
        return resetAfter;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Backoff)) return false;
        Backoff that = (Backoff) other;
        return first.equals(that.first)
                && max.equals(that.max)
                && jitter == that.jitter
                && resetAfter.equals(that.resetAfter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(first, max, jitter, resetAfter);
    }

    @Override
    public String toString() {
        return "Backoff(first=" + first + ", max=" + max + ", fullJitter=" + jitter + ", resetAfter=" + resetAfter
                + ")";
    }
}
