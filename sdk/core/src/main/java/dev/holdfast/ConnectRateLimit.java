package dev.holdfast;

import dev.holdfast.internal.runtime.AttemptBudget;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.time.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Request;

/**
 * A limit on the attempts to connect that several clients make together, for each host. It keeps the clients of one
 * application from connecting to a server all at once. Share one object between the clients. Thread-safe.
 */
public final class ConnectRateLimit {
    private final AttemptBudget attempts;

    private ConnectRateLimit(AttemptBudget attempts) {
        this.attempts = attempts;
    }

    /**
     * Returns a limit that allows {@code attempts} at once for each host, and {@code attempts} per {@code window} in the
     * long run, evenly spaced. A client that exceeds the limit waits for its turn, in the order of asking. The limit
     * remembers the 1,024 hosts used last.
     *
     * @throws IllegalArgumentException if {@code attempts} or {@code window} is not positive
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
