package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Reaction;
import dev.holdfast.internal.settings.BackoffDelays;
import dev.holdfast.internal.settings.Nanos;
import dev.holdfast.internal.settings.ReactionTable;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What follows a lost connection, by the policy's table and what failed before. */
final class Reconnection {
    private static final int MAX_VIOLATIONS = 3;
    /** Stands for a connection that was lost without a close frame, RFC 6455 section 7.1.5. */
    private static final int ABNORMAL = 1006;

    private static final long NEVER = SessionMachine.NEVER;

    /** A connection that was kept for this long was not refused, whatever the backoff's reset time is. */
    private static final long MAX_PROBATION_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** One that was kept for less may have been, even if the backoff starts over at once. */
    private static final long MIN_PROBATION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SessionSettings settings;
    private final BackoffDelays backoff;
    private final ReactionTable policy;
    private final Random jitter;

    /** Failed attempts and short-lived connections in a row. */
    private int failures;
    /** When the first of them was. */
    private long failingSince;
    /** How often in a row the server broke a protocol, with nothing achieved in between. */
    private int violations;
    /** How often in a row a fresh credential was refused, by the upgrade or by an early close. */
    private int refusals;
    /** How often in a row the server did not select the subprotocol that the session needs. */
    private int unselected;
    /** Whether a server has ever welcomed this client. */
    private boolean everWelcomed;

    /** When the server welcomed the current connection. A welcome does not mean that it accepts the credential. */
    private long welcomedAt = NEVER;
    /** Whether a message or a new acknowledgement has come on the current connection. */
    private boolean achieved;
    /** Whether the newest connection's credential was accepted, or its known life was over. */
    private boolean accepted;

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
        achieved = true;
    }

    /** The server took the client in, which it may do before it looks at the credential. */
    void welcomed(long now) {
        welcomedAt = now;
        everWelcomed = true;
        achieved = false;
    }

    /** Whether the current connection has lasted for the backoff's reset time. */
    boolean hasHeld(long now) {
        return welcomedAt != NEVER && now - welcomedAt >= backoff.resetAfterNanos();
    }

    /**
     * The connection or the attempt is over.
     *
     * @param credentialExpired whether the known life of its credential is over
     */
    void connectionDown(boolean credentialExpired, long now) {
        if (hasHeld(now)) held();
        accepted = credentialExpired || (welcomedAt != NEVER && now - welcomedAt >= probation());
        if (accepted) refusals = 0;
        welcomedAt = NEVER;
    }

    /** How long a close for the credential's sake counts as its refusal. */
    private long probation() {
        if (!achieved) return MAX_PROBATION_NANOS;
        return Math.max(MIN_PROBATION_NANOS, Math.min(backoff.resetAfterNanos(), MAX_PROBATION_NANOS));
    }

    private Reaction reactionTo(Loss loss) {
        boolean mayBeRefusal = settings.credentials && !accepted;
        boolean wasOpen = loss.phase() == Phase.OPEN || loss.phase() == Phase.SESSION;
        boolean lost = wasOpen && loss.closeCode() == 0 && loss.httpStatus() == 0 && !loss.isViolation();
        return policy.reactionTo(
                lost ? ABNORMAL : loss.closeCode(), loss.httpStatus(), loss.cause(), settings.resumable, mayBeRefusal);
    }

    /** Of a handover, which costs nothing as long as the old connection serves. */
    void candidateFailed(Loss loss) {
        Reaction reaction = reactionTo(loss);
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

    /** The process did not run until {@code now}: that time was no time of failing, and does not use up what there is for it. */
    void suspended(long now) {
        if (failures > 0) failingSince = now;
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
        unselected = loss.isUnselected() ? unselected + 1 : 0;
        if (loss.phase() != Phase.SESSION && loss.phase() != Phase.CREDENTIAL) {
            endpoint = (endpoint + 1) % settings.endpoints;
        }
        Decision decision = violations >= MAX_VIOLATIONS
                ? Decision.stop("server keeps breaking the protocol at the same place")
                // After a welcome another server may have answered: a rolling deployment mixes versions.
                : !everWelcomed && unselected >= MAX_VIOLATIONS
                        ? Decision.stop("no server has ever selected it")
                        : loss.phase() == Phase.CONFIGURATION
                                ? Decision.stop("another attempt would fail in the same way")
                                : decide(loss, now);
        if (!decision.isRetry()) {
            held();
            violations = 0;
            unselected = 0;
            refusals = 0;
        }
        return decision;
    }

    private Decision decide(Loss loss, long now) {
        Reaction reaction = reactionTo(loss);
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
                // One that was accepted has expired or was revoked since.
                if (!accepted && ++refusals > 1) return Decision.stop("a fresh credential is refused");
                break;
            case SPREAD:
                windowNanos = Nanos.window(reaction);
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
