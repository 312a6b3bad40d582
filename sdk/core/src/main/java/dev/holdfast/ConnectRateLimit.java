package dev.holdfast;

import dev.holdfast.internal.runtime.AttemptBudget;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Request;

/**
 * A rate limit for attempts to connect that several clients share, so that the clients of one application do not all connect to
 * a server at once. It holds back the attempts that clients make on their own; {@link HoldfastClient#connect} is not held
 * back. It counts for each host. Give the same object to {@link HoldfastClientBuilder#connectRateLimit} of each client.
 * Thread-safe.
 */
public final class ConnectRateLimit {
    private final AttemptBudget attempts;

    private ConnectRateLimit(AttemptBudget attempts) {
        this.attempts = attempts;
    }

    /**
     * {@return a limit for each host: a burst of {@code attempts} at once, and then one attempt every {@code window /
     * attempts}} A client that would exceed the limit waits. Waiting clients connect in the order in which they began
     * to wait. The limit remembers the 1,024 hosts that were used last.
     *
     * @param attempts the size of the burst, positive
     * @param window the time in which a whole burst is regained, positive
     * @throws IllegalArgumentException if {@code attempts} or {@code window} is not positive
     */
    public static ConnectRateLimit perHost(int attempts, Duration window) {
        Checks.positive("attempts", attempts);
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
