package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.EndpointProvider;
import dev.holdfast.internal.session.ConnectionLifecycle.Verdict;
import dev.holdfast.internal.session.Question.Purpose;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The opener of connections for {@link ConnectionLifecycle}: it numbers them, gets a credential and an endpoint for each, in
 * this order, and opens the one that a handover needs beside the current one.
 *
 * <p>Not thread-safe.
 */
final class Connector {
    private static final int GOING_AWAY = 1001;

    /** The share of a draining server's time within which clients begin to move. */
    private static final double MOVING_SHARE = 0.9;

    /** The loss of an attempt whose credential did not live until the connection was open. */
    static final Loss EXPIRED = Loss.of(Phase.CREDENTIAL, "credential expired before the connection was open", null);

    private static final String NO_OPEN = "a credential of Credential.inOpen goes in the first envelope of a resumable"
            + " session, and this session is not resumable: use bearer, header or query";

    private final SessionSettings settings;
    private final Random jitter;
    private final Reconnection reconnection;
    private final CredentialKeeper keeper;
    private final EndpointKeeper endpoints;
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
        this.endpoints = new EndpointKeeper(settings);
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
     * Opens the connection, or asks for a credential or an endpoint first.
     *
     * @param last the id of the last message that the client has, null for none
     */
    void open(@Nullable String last, long now, List<Effect> out) {
        if (!isAnotherAsked(Purpose.ATTEMPT, now, out)) locate(Purpose.ATTEMPT, last, now, out);
    }

    /** Opens the connection, or asks for its endpoint first. It has its credential. */
    private void locate(Purpose purpose, @Nullable String last, long now, List<Effect> out) {
        if (!endpoints.isSupplied()) {
            open(purpose, null, last, out);
            return;
        }
        EndpointProvider.Reason reason = endpoints.reasonToAsk(reconnection.isEndpointRefused(), purpose);
        long number = endpoints.question.ask(purpose, now);
        out.add(driver -> driver.askEndpoint(number, reason));
    }

    /** @param supplied the endpoint provider's answer, null without a provider */
    private void open(Purpose purpose, @Nullable Object supplied, @Nullable String last, List<Effect> out) {
        boolean isCandidate = purpose == Purpose.HANDOVER;
        long number = isCandidate ? handover.candidate() : connection;
        String url = isCandidate ? handover.url() : handover.takeUrl();
        Attempt attempt = new Attempt(number, reconnection.endpoint(), supplied, url, keeper.credential(), last);
        if (isCandidate) {
            out.add(driver -> driver.openCandidate(attempt));
        } else {
            out.add(driver -> driver.openConnection(attempt));
        }
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
        if (!handover.isUnderWay()) endpoints.question.end();
    }

    /** Returns whether the credential's known life has ended. */
    boolean isCredentialExpired(long now) {
        return keeper.isExpired(now);
    }

    /** Returns whether a provider has a question to answer. */
    boolean isAsking() {
        return keeper.question.isOpen() || endpoints.question.isOpen();
    }

    /** Gives the providers until {@code time} at least to answer. */
    void postponeAnswer(long time) {
        keeper.question.postpone(time);
        endpoints.question.postpone(time);
    }

    /** Returns the credential for the first envelope, null if there is none or the handshake carries it. */
    @Nullable
    String auth() {
        return keeper.auth();
    }

    long credentialDue() {
        return keeper.question.due();
    }

    long endpointDue() {
        return endpoints.question.due();
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
        if (!isAnotherAsked(Purpose.HANDOVER, now, out)) locate(Purpose.HANDOVER, last, now, out);
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
        keeper.question.handoverBecomesAttempt();
        endpoints.question.handoverBecomesAttempt();
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
        keeper.question.handoverDropped();
        endpoints.question.handoverDropped();
        out.add(Effects::dropCandidate);
        // The candidate may have replaced a renewal.
        if (!keeper.question.isOpen()) keeper.candidateDropped();
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
        long number = keeper.question.ask(purpose, now);
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
        if (!keeper.question.isOpen(asked)) return Verdict.NONE;
        if (answer.place() == Credential.Place.OPEN && !settings.opens) {
            return credentialFailed(Phase.CONFIGURATION, NO_OPEN, null, now, out);
        }
        reconnection.freshCredential();
        Purpose purpose = keeper.answered(answer, now);
        if (purpose == Purpose.RENEWAL) return up ? renew(answer, last, offline, now, out) : Verdict.NONE;
        locate(purpose, last, now, out);
        return Verdict.NONE;
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
            locate(Purpose.HANDOVER, last, now, out);
        }
        return Verdict.NONE;
    }

    /** Handles the provider's failure to give a credential. */
    Verdict onCredentialFailed(long asked, String message, @Nullable Throwable cause, long now, List<Effect> out) {
        return keeper.question.isOpen(asked)
                ? credentialFailed(Phase.CREDENTIAL, message, cause, now, out)
                : Verdict.NONE;
    }

    Verdict onCredentialOverdue(long now, List<Effect> out) {
        return credentialFailed(Phase.CREDENTIAL, "no credential in time", null, now, out);
    }

    private Verdict credentialFailed(
            Phase phase, String message, @Nullable Throwable cause, long now, List<Effect> out) {
        return unanswered(keeper.failed(now), Loss.of(phase, message, cause), now, out);
    }

    /** Handles a question without a useful answer. */
    private Verdict unanswered(Purpose purpose, Loss why, long now, List<Effect> out) {
        switch (purpose) {
            case ATTEMPT:
                return fail(why);
            case HANDOVER:
                return forgetCandidate(why, now, out);
            default:
                return Verdict.NONE;
        }
    }

    // ---- endpoints ----

    /** Handles the endpoint provider's answer to question {@code asked}. */
    Verdict onEndpoint(long asked, Object answer, @Nullable String last, long now, List<Effect> out) {
        if (!endpoints.question.isOpen(asked)) return Verdict.NONE;
        Purpose purpose = endpoints.answered();
        reconnection.freshEndpoint();
        if (keeper.isExpired(now)) return unanswered(purpose, EXPIRED, now, out);
        open(purpose, answer, last, out);
        return Verdict.NONE;
    }

    /** Handles the endpoint provider's failure to give an endpoint. */
    Verdict onEndpointFailed(long asked, String message, @Nullable Throwable cause, long now, List<Effect> out) {
        return endpoints.question.isOpen(asked) ? endpointFailed(message, cause, now, out) : Verdict.NONE;
    }

    Verdict onEndpointOverdue(long now, List<Effect> out) {
        return endpointFailed("no endpoint in time", null, now, out);
    }

    private Verdict endpointFailed(String message, @Nullable Throwable cause, long now, List<Effect> out) {
        return unanswered(endpoints.question.end(), Loss.of(Phase.ENDPOINT, message, cause), now, out);
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
