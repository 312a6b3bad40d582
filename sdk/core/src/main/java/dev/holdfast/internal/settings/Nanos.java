package dev.holdfast.internal.settings;

import dev.holdfast.Credential;
import dev.holdfast.Overflow;
import dev.holdfast.RateLimit;
import dev.holdfast.Reaction;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Durations of public values in nanoseconds. One over a year counts as a year, see {@link Durations}. */
public final class Nanos {
    private static final long NEVER = Long.MAX_VALUE;

    private Nanos() {}

    /** Returns how long a message may wait in the queue; 0 if there is no limit. */
    public static long expiry(SendOptions options) {
        return orElse(0, options.expiry());
    }

    /** Returns how long a credential is valid; {@link Long#MAX_VALUE} if that is unknown. */
    public static long lifetime(Credential credential) {
        return orElse(NEVER, credential.lifetime());
    }

    /** Returns the time in which a bucket of the limit fills. */
    public static long burst(RateLimit limit) {
        return Durations.nanos(limit.burst());
    }

    /** Returns how long {@code send} may wait for room; 0 if it does not wait. */
    public static long maxWait(Overflow overflow) {
        return orElse(0, overflow.maxWait());
    }

    /** Returns the window over which attempts are spread; 0 if they are not. */
    public static long window(Reaction reaction) {
        return orElse(0, reaction.window());
    }

    static long orElse(long absent, @Nullable Duration duration) {
        return duration == null ? absent : Durations.nanos(duration);
    }
}
