package dev.holdfast;

import dev.holdfast.internal.runtime.AttemptBudget;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Request;

/**
 * How many attempts to connect the clients that share it make together, for each host. An application with many clients
 * of one server keeps them from coming all at once. Thread-safe.
 */
public final class ConnectRateLimit {
    private final AttemptBudget attempts;

    private ConnectRateLimit(AttemptBudget attempts) {
        this.attempts = attempts;
    }

    /**
     * As many attempts at once for each host, and then no more than so many in a {@code window} in the long run, evenly
     * apart. Whoever finds it spent waits for a turn of its own, in the order of asking. It remembers the 1,024 hosts
     * used last.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public static ConnectRateLimit perHost(int attempts, Duration window) {
        if (attempts <= 0) throw new IllegalArgumentException("budget of " + attempts + " attempts");
        return new ConnectRateLimit(new AttemptBudget(attempts, Durations.positiveNanos("window", window)));
    }

    AttemptBudget attempts() {
        return attempts;
    }

    /** Turns for the hosts of the endpoints. */
    SessionSettings.Gate gate(List<Request> endpoints) {
        List<String> hosts = new ArrayList<>();
        for (Request endpoint : endpoints) hosts.add(endpoint.url().host());
        return new SessionSettings.Gate() {
            @Override
            public long reserve(int endpoint, long now) {
                return attempts.reserve(hosts.get(endpoint), now);
            }

            @Override
            public void giveBack(int endpoint) {
                attempts.giveBack(hosts.get(endpoint));
            }
        };
    }
}
