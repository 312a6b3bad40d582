package dev.holdfast;

import dev.holdfast.internal.session.AttemptBudget;
import java.time.Duration;

/**
 * How many attempts to connect the clients that share it make together, for each host. An application with many clients
 * of one server keeps them from coming all at once. Thread-safe.
 */
public final class RetryBudget {
    private final AttemptBudget attempts;

    private RetryBudget(AttemptBudget attempts) {
        this.attempts = attempts;
    }

    /**
     * As many attempts at once for each host, and then no more than so many in a {@code window} in the long run, evenly
     * apart. Whoever finds it spent waits for a turn of its own, in the order of asking. It remembers the 1,024 hosts
     * used last.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public static RetryBudget perHost(int attempts, Duration window) {
        if (attempts <= 0) throw new IllegalArgumentException("budget of " + attempts + " attempts");
        return new RetryBudget(new AttemptBudget(attempts, Durations.positiveNanos("window", window)));
    }

    AttemptBudget attempts() {
        return attempts;
    }
}
