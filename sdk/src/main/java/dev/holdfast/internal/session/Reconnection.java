package dev.holdfast.internal.session;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import java.util.Random;

/** What follows a lost connection, by the policy's table and what failed before. */
final class Reconnection {
    private static final int MAX_VIOLATIONS = 3;

    private final SessionSettings settings;
    private final Backoff backoff;
    private final ReconnectPolicy policy;
    private final Random jitter;

    /** Failed attempts and short-lived connections in a row. */
    private int failures;
    /** When the first of them was. */
    private long failingSince;
    /** How often in a row the server broke a protocol, with nothing achieved in between. */
    private int violations;
    /** How often in a row an attempt was refused for its credential. */
    private int refusals;

    /** Over which attempts are spread until a connection holds. */
    private long windowNanos;

    private boolean credentialRefused;
    private int endpoint;

    Reconnection(SessionSettings settings, Random jitter) {
        this.settings = settings;
        this.backoff = settings.backoff;
        this.policy = settings.policy;
        this.jitter = jitter;
    }

    /** Which endpoint is to be tried next. */
    int endpoint() {
        return endpoint;
    }

    /** Whether the newest credential is of no use any more. */
    boolean isCredentialRefused() {
        return credentialRefused;
    }

    void freshCredential() {
        credentialRefused = false;
    }

    /** A connection held: what failed before does not count any more. */
    void held() {
        failures = 0;
        windowNanos = 0;
    }

    /** Something came of the connection, so what went wrong before was not this session's fault. */
    void progress() {
        violations = 0;
    }

    /** The server took the client in. */
    void welcomed() {
        refusals = 0;
    }

    /** Of a handover, which costs nothing as long as the old connection serves. */
    void candidateFailed(Loss loss) {
        Reaction reaction = policy.reactionTo(loss.closeCode(), loss.httpStatus(), loss.cause(), settings.resumable);
        if (reaction.kind() == Reaction.Kind.REFRESH_CREDENTIALS) credentialRefused = true;
    }

    /** The application wants a connection where it wanted none: what a credential was once refused for is long ago. */
    void begin() {
        startOver();
        refusals = 0;
    }

    /** A new start, because the way is free again. */
    void startOver() {
        failures = 0;
        violations = 0;
    }

    /** A delay of the backoff for a connection that did not hold, though nobody is at fault. */
    long delayOfShortLived(long now) {
        count(now);
        return backoff.delayNanos(failures, jitter);
    }

    private void count(long now) {
        if (failures++ == 0) failingSince = now;
    }

    Decision after(Loss loss, long now) {
        count(now);
        violations = loss.isViolation() ? violations + 1 : 0;
        if (loss.phase() != Phase.SESSION && loss.phase() != Phase.CREDENTIAL) {
            endpoint = (endpoint + 1) % settings.endpoints;
        }
        Decision decision = violations >= MAX_VIOLATIONS
                ? Decision.stop("server keeps breaking the protocol at the same place")
                : decide(loss, now);
        if (!decision.isRetry()) {
            held();
            violations = 0;
            refusals = 0;
        }
        return decision;
    }

    private Decision decide(Loss loss, long now) {
        Reaction reaction = policy.reactionTo(loss.closeCode(), loss.httpStatus(), loss.cause(), settings.resumable);
        // What a credential was refused for before something else went wrong is not what it is refused for now.
        if (reaction.kind() != Reaction.Kind.REFRESH_CREDENTIALS && loss.phase() != Phase.CREDENTIAL) refusals = 0;
        boolean again = failures > 1;
        long delay = again ? backoff.delayNanos(failures, jitter) : 0;
        String reason = again ? reaction.reason() + ", and backoff" : reaction.reason();
        switch (reaction.kind()) {
            case STOP:
                return Decision.stop(reaction.reason());
            case REFRESH_CREDENTIALS:
                if (!settings.credentials) return Decision.stop("not authenticated");
                credentialRefused = true;
                // After a welcome it was good and has expired since.
                if (loss.phase() != Phase.SESSION && ++refusals > 1)
                    return Decision.stop("a fresh credential is refused");
                break;
            case SPREAD:
                windowNanos = reaction.windowNanos();
                break;
            case NOW:
                break;
            default:
                reason = reaction.reason();
                if (!again) delay = backoff.delayNanos(failures, jitter);
        }
        if (windowNanos > 0 && reaction.kind() != Reaction.Kind.REFRESH_CREDENTIALS) {
            delay = (again ? backoff.delayNanos(failures - 1, jitter) : 0) + (long) (jitter.nextDouble() * windowNanos);
            if (reaction.kind() != Reaction.Kind.SPREAD) reason = "spread after a restart, and backoff";
        }
        if (loss.retryAfterNanos() > 0) {
            // The backoff comes on top: the clients that were told the same must not come at the same moment.
            if (delay == 0) delay = backoff.delayNanos(failures, jitter);
            delay += loss.retryAfterNanos();
            reason = "as the server asked, and backoff";
        }
        boolean asked = windowNanos > 0 || loss.retryAfterNanos() > 0;
        if (failures > policy.maxAttempts()) return Decision.stop(policy.maxAttempts() + " attempts have failed");
        if (now - failingSince + delay > policy.giveUpAfterNanos()) return Decision.stop("the time for it is up");
        return Decision.retry(delay, failures, reason, asked);
    }
}
