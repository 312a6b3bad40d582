package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.internal.session.ConnectionLifecycle.Verdict;
import dev.holdfast.internal.session.CredentialKeeper.Purpose;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The opener of connections for {@link ConnectionLifecycle}: it numbers them, gets a credential for each, and opens
 * the one that a handover needs beside the current one.
 *
 * <p>Not thread-safe.
 */
final class Connector {
    private static final int GOING_AWAY = 1001;

    /** The share of a draining server's time within which clients begin to move. */
    private static final double MOVING_SHARE = 0.9;

    private static final String NO_OPEN = "a credential of Credential.inOpen goes in the first envelope of a resumable"
            + " session, and this session is not resumable: use bearer, header or query";

    private final SessionSettings settings;
    private final Random jitter;
    private final Reconnection reconnection;
    private final CredentialKeeper keeper;
    /** The handover; under way only while the current connection is up. */
    private final Handover handover = new Handover();

    /** The number of the current connection. */
    private long connection;
    /** The highest number given to a connection so far. */
    private long newest;
    /** Whether the current connection leads to a server that must not get secrets. */
    private boolean secretsWithheld;

    /** Whether the application asked for the handover and needs its result. */
    private boolean requested;

    private @Nullable Loss loss;

    Connector(SessionSettings settings, Random jitter, Reconnection reconnection) {
        this.settings = settings;
        this.jitter = jitter;
        this.reconnection = reconnection;
        this.keeper = new CredentialKeeper(settings);
    }

    /** Returns the number of the current connection. */
    long connection() {
        return connection;
    }

    // ---- the current connection ----

    /** Gives the next connection its number. */
    void begin() {
        connection = ++newest;
    }

    /**
     * Opens the connection, or asks for a credential first.
     *
     * @param last the id of the last message that the client has, null for none
     */
    void open(@Nullable String last, long now, List<Effect> out) {
        if (!isAnotherAsked(Purpose.ATTEMPT, now, out)) openConnection(last, out);
    }

    private void openConnection(@Nullable String last, List<Effect> out) {
        Attempt attempt = attempt(connection, handover.takeUrl(), last);
        out.add(driver -> driver.openConnection(attempt));
    }

    private Attempt attempt(long number, @Nullable String url, @Nullable String last) {
        return new Attempt(number, reconnection.endpoint(), url, keeper.credential(), last);
    }

    /**
     * Handles the end of the upgrade.
     *
     * @param withheld whether the server must get neither the credential nor the session's id and key
     */
    void opened(boolean withheld) {
        secretsWithheld = withheld;
    }

    void welcomed() {
        requested = false;
        handover.startOver();
        keeper.scheduleRenewal();
    }

    /** Starts the closing handshake. From then on no credential is renewed and no handover begins. */
    void closing(int code, String reason, List<Effect> out) {
        dropCandidate(out);
        out.add(driver -> driver.closeConnection(code, reason));
        handover.cancel();
        keeper.stopRenewing();
    }

    /** Handles the end of the current connection. A question for the candidate still counts. */
    void down() {
        handover.cancel();
        keeper.connectionDown(handover.isUnderWay());
    }

    /** Returns whether the credential's known life has ended. */
    boolean isCredentialExpired(long now) {
        return keeper.isExpired(now);
    }

    /** Returns whether the credential provider has a question to answer. */
    boolean isAsking() {
        return keeper.isAsking();
    }

    /** Gives the credential provider until {@code time} at least to answer. */
    void postponeAnswer(long time) {
        keeper.postponeAnswer(time);
    }

    /** Returns the credential for the first envelope, null if there is none or the handshake carries it. */
    @Nullable
    String auth() {
        return keeper.auth();
    }

    long answerDue() {
        return keeper.answerDue();
    }

    long renewalDue() {
        return keeper.renewalDue();
    }

    long handoverDue() {
        return handover.due();
    }

    // ---- handover: from one connection to the next without a gap ----

    /** Records that the application asked for a handover and gets a report if it fails. */
    void requestHandover() {
        requested = true;
        handover.startOver();
    }

    /** Opens another connection beside the current one, which serves until the other is open. */
    void beginHandover(@Nullable String last, long now, List<Effect> out) {
        dropCandidate(out);
        handover.begin(++newest);
        if (!isAnotherAsked(Purpose.HANDOVER, now, out)) openCandidate(last, out);
    }

    private void openCandidate(@Nullable String last, List<Effect> out) {
        Attempt attempt = attempt(handover.candidate(), handover.url(), last);
        out.add(driver -> driver.openCandidate(attempt));
    }

    boolean isHandingOver() {
        return handover.isUnderWay();
    }

    boolean isCandidate(long from) {
        return handover.isUnderWay() && handover.isCandidate(from);
    }

    /** Begins a handover at {@code time}. */
    void handOverAt(long time) {
        handover.at(time);
    }

    /**
     * Makes the candidate, which is open, the current connection. The new connection replays what the old one still
     * brings.
     */
    void leave(List<Effect> out) {
        out.add(driver -> driver.closeConnection(GOING_AWAY, "moving"));
        handover.to(null);
        connection = handover.end();
    }

    /** Makes the candidate, open or not, the current connection, because the current one is down. */
    void takeOver(List<Effect> out) {
        connection = handover.end();
        keeper.handoverBecomesAttempt();
        out.add(Effects::promoteCandidate);
    }

    /** Handles the failure of the candidate. The current connection continues if it can. */
    Verdict onCandidateFailed(Loss candidateLoss, long now, List<Effect> out) {
        reconnection.candidateFailed(candidateLoss);
        return forgetCandidate(candidateLoss, now, out);
    }

    private Verdict forgetCandidate(Loss why, long now, List<Effect> out) {
        dropCandidate(out);
        if (!handover.failed(now, why.retryAfterNanos(), settings.backoff, jitter) && requested) {
            requested = false;
            out.add(driver -> driver.reconnectFailed(why));
        }
        return Verdict.PROBE;
    }

    void dropCandidate(List<Effect> out) {
        if (!handover.isUnderWay()) return;
        handover.end();
        keeper.handoverDropped();
        out.add(Effects::dropCandidate);
        // The candidate may have replaced a renewal.
        if (!keeper.isAsking()) keeper.candidateDropped();
    }

    /**
     * Handles a draining server, which wants the client elsewhere within the time. The moves of clients are spread
     * over it.
     *
     * @param url the URL to move to, null for the client's own endpoint
     */
    void onReconnect(long withinNanos, @Nullable String url, long now) {
        handover.to(url);
        // Some of the time is for the handover itself.
        long wait = (long) (jitter.nextDouble() * MOVING_SHARE * withinNanos);
        // The client must not hammer a server that sends it away again and again.
        handover.at(now + wait + (reconnection.hasHeld(now) ? 0 : reconnection.delayOfShortLived(now)));
    }

    // ---- credentials ----

    /** Asks for a credential if another is needed. Returns whether it asked. */
    private boolean isAnotherAsked(Purpose purpose, long now, List<Effect> out) {
        CredentialProvider.Reason reason = keeper.reasonToAsk(reconnection.isCredentialRefused(), now);
        if (reason != null) ask(purpose, reason, now, out);
        return reason != null;
    }

    private void ask(Purpose purpose, CredentialProvider.Reason reason, long now, List<Effect> out) {
        long number = keeper.ask(purpose, now);
        out.add(driver -> driver.askCredential(number, reason));
    }

    void onRenewalDue(long now, List<Effect> out) {
        if (keeper.isDueForRenewal(now)) ask(Purpose.RENEWAL, CredentialProvider.Reason.EXPIRING, now, out);
    }

    /** Handles the server's notice that the credential expires within the time, or has become useless. */
    void onCredentialExpiring(long withinNanos, long now, List<Effect> out) {
        if (!keeper.isSupplied()) return;
        if (keeper.expiresAt(now + withinNanos, now)) {
            ask(Purpose.RENEWAL, CredentialProvider.Reason.EXPIRING, now, out);
        }
    }

    /**
     * Handles the provider's answer to question {@code asked}.
     *
     * @param up whether the current connection is up
     * @param offline whether there is no network
     */
    Verdict onCredential(
            long asked,
            Credential answer,
            @Nullable String last,
            boolean up,
            boolean offline,
            long now,
            List<Effect> out) {
        if (!keeper.isAsking(asked)) return Verdict.NONE;
        if (answer.place() == Credential.Place.OPEN && !settings.resumable) {
            return credentialFailed(Phase.CONFIGURATION, NO_OPEN, null, now, out);
        }
        reconnection.freshCredential();
        switch (keeper.answered(answer, now)) {
            case ATTEMPT:
                openConnection(last, out);
                return Verdict.NONE;
            case HANDOVER:
                openCandidate(last, out);
                return Verdict.NONE;
            default:
                return up ? renew(answer, last, offline, now, out) : Verdict.NONE;
        }
    }

    private Verdict renew(Credential answer, @Nullable String last, boolean offline, long now, List<Effect> out) {
        keeper.scheduleRenewal();
        if (answer.place() == Credential.Place.OPEN) {
            if (secretsWithheld) return Verdict.NONE;
            out.add(driver -> driver.sendAuth(answer.value()));
            return Verdict.ENVELOPE_SENT;
        }
        if (offline) {
            handover.at(now);
        } else {
            dropCandidate(out);
            handover.begin(++newest);
            openCandidate(last, out);
        }
        return Verdict.NONE;
    }

    /** Handles the provider's failure to give a credential. */
    Verdict onCredentialFailed(long asked, String message, @Nullable Throwable cause, long now, List<Effect> out) {
        return keeper.isAsking(asked) ? credentialFailed(Phase.CREDENTIAL, message, cause, now, out) : Verdict.NONE;
    }

    Verdict onAnswerOverdue(long now, List<Effect> out) {
        return credentialFailed(Phase.CREDENTIAL, "no credential in time", null, now, out);
    }

    private Verdict credentialFailed(
            Phase phase, String message, @Nullable Throwable cause, long now, List<Effect> out) {
        switch (keeper.failed(now)) {
            case ATTEMPT:
                return fail(Loss.of(phase, message, cause));
            case HANDOVER:
                return forgetCandidate(Loss.of(phase, message, cause), now, out);
            default:
                return Verdict.NONE;
        }
    }

    Verdict fail(Loss why) {
        loss = why;
        return Verdict.DOWN;
    }

    /** Returns why the attempt failed, after {@link Verdict#DOWN}. */
    Loss takeLoss() {
        Loss taken = loss;
        loss = null;
        if (taken == null) throw new IllegalStateException("no loss");
        return taken;
    }
}
