package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Reaction;
import dev.holdfast.internal.settings.BackoffDelays;
import dev.holdfast.internal.settings.Nanos;
import dev.holdfast.internal.settings.ReactionTable;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The decision that follows a lost connection, by the policy's table and the failures before. */
final class Reconnection {
    private static final int MAX_VIOLATIONS = 3;
    /** The code for a connection that was lost without a close frame, RFC 6455 section 7.1.5. */
    private static final int ABNORMAL = 1006;

    /** The causes of an exception that are looked at. A chain may have a circle. */
    private static final int MAX_CAUSES = 8;

    private static final long NEVER = SessionMachine.NEVER;

    /** The maximum probation: a connection that lasted longer was not refused, whatever the backoff's reset time is. */
    private static final long MAX_PROBATION_NANOS = TimeUnit.MINUTES.toNanos(1);
    /**
     * The minimum probation: a connection that lasted less may have been refused, even if the backoff resets at once.
     */
    private static final long MIN_PROBATION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SessionSettings settings;
    private final BackoffDelays backoff;
    private final ReactionTable policy;
    private final Random jitter;

    /** The number of failed attempts and short-lived connections in a row. */
    private int failures;
    /** The time of the first of them. */
    private long failingSince;
    /** The number of protocol violations by the server in a row, with nothing achieved in between. */
    private int violations;
    /** The number of times in a row that a fresh credential was refused, by the upgrade or by an early close. */
    private int refusals;
    /** The number of times in a row that the server did not select the subprotocol that the session needs. */
    private int unselected;
    /** Whether a server has ever welcomed this client. */
    private boolean everWelcomed;

    /** When the server welcomed the current connection. A welcome does not mean that it accepts the credential. */
    private long welcomedAt = NEVER;
    /** Whether a message or a new acknowledgement has come on the current connection. */
    private boolean achieved;
    /** Whether the newest connection's credential was accepted, or its known life was over. */
    private boolean accepted;

    /** The window over which attempts are spread until a connection holds. */
    private long windowNanos;

    private boolean credentialRefused;
    private boolean endpointRefused;
    private int endpoint;

    Reconnection(SessionSettings settings, Random jitter) {
        this.settings = settings;
        this.backoff = settings.backoff;
        this.policy = settings.policy;
        this.jitter = jitter;
    }

    /** Returns the endpoint to try next. */
    int endpoint() {
        return endpoint;
    }

    /** Returns whether the newest credential has become useless. */
    boolean isCredentialRefused() {
        return credentialRefused;
    }

    void freshCredential() {
        credentialRefused = false;
    }

    /** Returns whether the newest endpoint of the application's provider has become useless. */
    boolean isEndpointRefused() {
        return endpointRefused;
    }

    void freshEndpoint() {
        endpointRefused = false;
    }

    private void refused() {
        credentialRefused = true;
        endpointRefused = true;
    }

    /** Returns whether the application, asked before the attempt, was the one that failed. */
    private static boolean isOfProvider(Loss loss) {
        return loss.phase() == Phase.CREDENTIAL || loss.phase() == Phase.ENDPOINT;
    }

    /** Records that a connection held: earlier failures no longer count. */
    void held() {
        failures = 0;
        windowNanos = 0;
    }

    /** Records that the connection achieved something, so earlier failures were not this session's fault. */
    void progress() {
        violations = 0;
        achieved = true;
    }

    /** Records the server's welcome. The server may welcome the client before it checks the credential. */
    void welcomed(long now) {
        welcomedAt = now;
        everWelcomed = true;
        achieved = false;
    }

    /** Returns whether the current connection has lasted for the backoff's reset time. */
    boolean hasHeld(long now) {
        return welcomedAt != NEVER && now - welcomedAt >= backoff.resetAfterNanos();
    }

    /**
     * Handles the end of the connection or the attempt.
     *
     * @param credentialExpired whether the known life of its credential has ended
     */
    void connectionDown(boolean credentialExpired, long now) {
        if (hasHeld(now)) held();
        accepted = credentialExpired || (welcomedAt != NEVER && now - welcomedAt >= probation());
        if (accepted) refusals = 0;
        welcomedAt = NEVER;
    }

    /** Returns how long a connection may last for its close to count as a refusal of the credential. */
    private long probation() {
        if (!achieved) return MAX_PROBATION_NANOS;
        return Math.max(MIN_PROBATION_NANOS, Math.min(backoff.resetAfterNanos(), MAX_PROBATION_NANOS));
    }

    private Reaction reactionTo(Loss loss) {
        // Without the position the server has nothing to refuse.
        if (loss.isStale()) return Reaction.now();
        boolean mayBeRefusal = settings.canRefresh() && !accepted;
        boolean wasOpen = loss.phase() == Phase.OPEN || loss.phase() == Phase.SESSION;
        boolean lost = wasOpen && loss.closeCode() == 0 && loss.httpStatus() == 0 && !loss.isViolation();
        return policy.reactionTo(
                lost ? ABNORMAL : loss.closeCode(), loss.httpStatus(), loss.cause(), settings.resumable, mayBeRefusal);
    }

    /** Handles the failure of a candidate, which costs nothing as long as the old connection serves. */
    void candidateFailed(Loss loss) {
        Reaction reaction = reactionTo(loss);
        if (reaction.kind() == Reaction.Kind.REFRESH_CREDENTIALS) refused();
    }

    /**
     * Starts over because the application asks for a connection again. An earlier refusal of a credential no longer
     * counts.
     */
    void begin() {
        startOver();
        refusals = 0;
    }

    /** Starts over because the way is free again. */
    void startOver() {
        failures = 0;
        violations = 0;
    }

    /**
     * Handles a suspension of the process until {@code now}. That time does not count as failing and uses up no limit.
     */
    void suspended(long now) {
        if (failures > 0) failingSince = now;
    }

    /** Returns the backoff's delay after a connection that did not hold, although nothing failed. */
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
        if (loss.phase() != Phase.SESSION && !isOfProvider(loss)) {
            endpoint = (endpoint + 1) % settings.endpoints;
        }
        Decision decision = violations >= MAX_VIOLATIONS
                ? Decision.stop("server keeps breaking the protocol at the same place")
                // After a welcome, another server may have answered: a rolling deployment mixes versions.
                : !everWelcomed && unselected >= MAX_VIOLATIONS
                        ? Decision.stop("no server has ever selected it")
                        : loss.phase() == Phase.CONFIGURATION || isLinkage(loss.cause())
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

    /** Returns whether classes do not fit together, as in an application's credential provider: they never will. */
    private static boolean isLinkage(@Nullable Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof LinkageError) return true;
            cause = cause.getCause();
        }
        return false;
    }

    private Decision decide(Loss loss, long now) {
        Reaction reaction = reactionTo(loss);
        // A refusal before some other failure does not explain a refusal now.
        if (reaction.kind() != Reaction.Kind.REFRESH_CREDENTIALS && !isOfProvider(loss)) refusals = 0;
        boolean again = failures > 1;
        long delay = again ? backoff.delayNanos(failures, jitter) : 0;
        String reason = again ? reaction.reason() + ", and backoff" : reaction.reason();
        switch (reaction.kind()) {
            case STOP:
                return Decision.stop(reaction.reason());
            case REFRESH_CREDENTIALS:
                if (!settings.canRefresh()) return Decision.stop("not authenticated");
                refused();
                // A credential that was accepted has since expired or was revoked.
                if (!accepted && ++refusals > 1) {
                    return Decision.stop(
                            settings.credentials ? "a fresh credential is refused" : "a fresh endpoint is refused");
                }
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
            // The backoff is added: clients that got the same delay must not return at the same moment.
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
