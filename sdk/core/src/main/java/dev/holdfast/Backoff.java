package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;

/**
 * How long to wait before the next attempt. The longest delay doubles with each attempt up to a cap; with full jitter,
 * the default, the delay is drawn evenly from zero to that, at the cap too, so that clients that lost their server at
 * once do not come back at once. Immutable.
 */
public final class Backoff {
    private static final Duration DEFAULT_RESET = Duration.ofSeconds(10);

    private final long firstNanos;
    private final long capNanos;
    private final boolean jitter;
    private final long resetAfterNanos;

    private Backoff(long firstNanos, long capNanos, boolean jitter, long resetAfterNanos) {
        this.firstNanos = firstNanos;
        this.capNanos = capNanos;
        this.jitter = jitter;
        this.resetAfterNanos = resetAfterNanos;
    }

    /**
     * Doubles from {@code first} to {@code cap}, with full jitter, and starts over after a connection that held 10
     * seconds.
     *
     * @throws IllegalArgumentException if {@code first} is not positive or {@code cap} is shorter
     */
    public static Backoff exponential(Duration first, Duration cap) {
        long firstNanos = Durations.positiveNanos("first", first);
        long capNanos = Durations.positiveNanos("cap", cap);
        if (cap.compareTo(first) < 0) throw new IllegalArgumentException("cap " + cap + " under first " + first);
        return new Backoff(firstNanos, capNanos, true, DEFAULT_RESET.toNanos());
    }

    /** Delays drawn evenly from zero to the longest. */
    public Backoff withFullJitter() {
        return new Backoff(firstNanos, capNanos, true, resetAfterNanos);
    }

    /** Always the longest delay. For one client alone; many would come back together. */
    public Backoff withoutJitter() {
        return new Backoff(firstNanos, capNanos, false, resetAfterNanos);
    }

    /** Starts over only after a connection has held this long, so that one that flaps backs off too. */
    public Backoff resetAfter(Duration stable) {
        boolean always = Objects.requireNonNull(stable, "stable").isZero();
        long nanos = always ? 0 : Durations.positiveNanos("stable", stable);
        return new Backoff(firstNanos, capNanos, jitter, nanos);
    }

    /**
     * The delay before an attempt, in nanoseconds.
     *
     * @param failures how many attempts or short-lived connections came before, at least 1
     * @param random where the jitter comes from
     */
    public long delayNanos(int failures, Random random) {
        Objects.requireNonNull(random, "random");
        long longest = longestDelayNanos(failures);
        return jitter ? (long) (random.nextDouble() * longest) : longest;
    }

    /** The longest delay before that attempt, in nanoseconds. */
    public long longestDelayNanos(int failures) {
        // From 62 doublings on every positive delay has passed the cap.
        int doublings = Math.min(failures - 1, 62);
        return firstNanos > (capNanos >> doublings) ? capNanos : firstNanos << doublings;
    }

    /** How long a connection must hold for the delays to start over, in nanoseconds. */
    public long resetAfterNanos() {
        return resetAfterNanos;
    }
}
