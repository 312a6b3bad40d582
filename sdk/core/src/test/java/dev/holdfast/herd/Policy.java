package dev.holdfast.herd;

import dev.holdfast.Backoff;
import dev.holdfast.internal.settings.BackoffDelays;
import java.util.Random;

/** How long a client waits before an attempt. */
interface Policy {
    /**
     * In seconds.
     *
     * @param failures how often it has failed: 1 after the cut, one more after each refused attempt
     */
    double delay(int failures, Random random);

    /** As the backoff says. */
    static Policy of(Backoff backoff) {
        BackoffDelays delays = new BackoffDelays(backoff);
        return (failures, random) -> delays.delayNanos(failures, random) / 1e9;
    }

    /** The first attempt anywhere in a window, what follows as {@code then} says. */
    static Policy spread(double window, Policy then) {
        return (failures, random) -> failures == 1 ? random.nextDouble() * window : then.delay(failures, random);
    }

    /** The same, but whoever is refused waits for the window to pass before the backoff begins. */
    static Policy spreadAndKept(double window, Policy backoff) {
        return spread(window, (failures, random) -> window + backoff.delay(failures - 1, random));
    }

    /** As {@code first} says until the first attempt is refused. */
    static Policy onceRefused(Policy first, Policy then) {
        return (failures, random) -> failures == 1 ? first.delay(failures, random) : then.delay(failures - 1, random);
    }

    /** Always the same. */
    static Policy fixed(double seconds) {
        return (failures, random) -> seconds;
    }

    /** Grows to a cap, without jitter. */
    static Policy growing(double first, double factor, double cap) {
        return (failures, random) -> Math.min(cap, first * StrictMath.pow(factor, failures - 1));
    }

    /** Doubles, then up to half as much more or less, and then cut at the cap, where with time all end up. */
    static Policy cutAfterJitter(double first, double cap) {
        return (failures, random) ->
                Math.min(cap, first * StrictMath.pow(2, failures - 1) * (0.5 + random.nextDouble()));
    }
}
