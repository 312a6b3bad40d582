package dev.holdfast.internal.session;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The life of the connection: when an attempt is made, how far the connection has come, and what follows its loss. It
 * knows nothing of messages.
 *
 * <p>Each method takes one event, adds effects to {@code out} and answers with what the machine has to do next. Where a
 * method takes {@code last}, that is the id of the last message that the client has, null for none.
 *
 * <p>Not thread-safe.
 */
final class ConnectionLifecycle {
    enum Verdict {
        NONE,
        /** An attempt begins, and no other connection is left: {@link #open} comes next. */
        ATTEMPT,
        /** The client itself has given the connection up. Nobody needs a report. */
        DROPPED,
        /** The connection is lost, for {@link Connector#takeLoss}: {@link #lost} comes next. */
        DOWN,
        /** Something may have killed the current connection: a probe comes next. */
        PROBE,
        /** An envelope was sent on the current connection. */
        ENVELOPE_SENT
    }

    private static final int GOING_AWAY = 1001;

    /** How often network changes start an attempt again. */
    private static final int MAX_RESTARTS = 3;

    /** The time that the credential provider has at least after the process was suspended. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final SessionSettings settings;
    private final AttemptSchedule schedule;
    private final Reconnection reconnection;
    private final Connector connector;

    private Link link = Link.DOWN;
    private int restarts;
    /** Whether an attempt follows the closing handshake that is under way. */
    private boolean reopening;

    private @Nullable String serverError;
    private long serverRetryAfter;

    ConnectionLifecycle(SessionSettings settings, Random jitter) {
        this.settings = settings;
        this.schedule = new AttemptSchedule(settings.gate);
        this.reconnection = new Reconnection(settings, jitter);
        this.connector = new Connector(settings, jitter, reconnection);
    }

    /** Returns what asks for credentials and opens the connection beside the current one. */
    Connector connector() {
        return connector;
    }

    Link link() {
        return link;
    }

    boolean isUp() {
        return link == Link.UP;
    }

    /** Returns whether an event of connection {@code from} comes too late: it is not the current one, or there is none. */
    boolean isStale(long from) {
        return from != connector.connection() || link == Link.DOWN;
    }

    /** Returns the phase in which the open connection is. */
    Phase phase() {
        return link == Link.OPENING ? Phase.OPEN : Phase.SESSION;
    }

    /** Returns whether another attempt will follow without a request of the application. */
    boolean isWaiting() {
        return schedule.isWaiting();
    }

    boolean isWaitingForNetwork() {
        return schedule.isWaitingForNetwork();
    }

    // ---- timers ----

    long attemptDue() {
        return schedule.due();
    }

    long handoverDue() {
        return isUp() && !schedule.isOffline() ? connector.handoverDue() : SessionMachine.NEVER;
    }

    long renewalDue() {
        return isUp() && !schedule.isOffline() ? connector.renewalDue() : SessionMachine.NEVER;
    }

    // ---- what the application asks for ----

    /** Connects without the backoff, unless that was cut short a moment ago; not before the server allows it. */
    Verdict connect(long now) {
        return connect(schedule.earliest(now), now);
    }

    /** Connects now, whatever the backoff and the server say. */
    Verdict connectNow(long now) {
        // The rate limit counts the attempt and does not hold it back.
        if (link == Link.DOWN) schedule.takeTurnRegardless(reconnection.endpoint(), now);
        return connect(now, now);
    }

    private Verdict connect(long due, long now) {
        if (link != Link.DOWN) return Verdict.NONE;
        if (!schedule.isWaiting()) reconnection.begin();
        if (due > now && due >= schedule.due()) return Verdict.NONE;
        schedule.request(due, reconnection.endpoint());
        return due <= now ? begin(now) : Verdict.NONE;
    }

    /**
     * Begins a handover, for the application.
     *
     * @return false if the session cannot be handed over
     */
    boolean handOver(@Nullable String last, long now, List<Effect> out) {
        if (!settings.resumable) return false;
        connector.requestHandover();
        if (schedule.isOffline()) {
            connector.handOverAt(now);
        } else {
            connector.beginHandover(last, now, out);
        }
        return true;
    }

    /** Lets an attempt follow the closing handshake that is under way. */
    void reopenWhenClosed() {
        reopening = true;
    }

    boolean isReopening() {
        return reopening;
    }

    /** The closing handshake is over, and another connection is wanted. */
    Verdict reopen(long now) {
        reopening = false;
        if (!schedule.isOffline()) return connect(now);
        schedule.waitForNetwork(reconnection.endpoint());
        return Verdict.NONE;
    }

    /** Makes no attempt until the application asks for one, and gives up an attempt that is under way. */
    Verdict disconnect(long now, List<Effect> out) {
        schedule.cancel(reconnection.endpoint());
        reopening = false;
        // Nobody watches the network from here on.
        schedule.setOffline(false);
        return link == Link.CONNECTING || link == Link.OPENING ? drop(now, out) : Verdict.NONE;
    }

    // ---- the network and sleep ----

    /** There is no network. An open connection may survive that; an attempt cannot succeed. */
    Verdict onNetworkLost(long now, List<Effect> out) {
        schedule.setOffline(true);
        if (connector.isHandingOver()) {
            connector.dropCandidate(out);
            connector.handOverAt(now);
        }
        Verdict verdict = link == Link.CONNECTING ? drop(now, out) : Verdict.NONE;
        if (verdict == Verdict.DROPPED || schedule.due() != SessionMachine.NEVER) {
            schedule.waitForNetwork(reconnection.endpoint());
        }
        return verdict;
    }

    /** There is a network again. */
    Verdict onNetworkAvailable(long now) {
        return available(schedule.isOffline() || schedule.isWaitingForNetwork(), now);
    }

    /** @param isNew whether it is not the network that was there before: only then is a waiting attempt hurried */
    private Verdict available(boolean isNew, long now) {
        schedule.setOffline(false);
        if (isNew) schedule.networkChanged();
        if (!schedule.isWaiting()) return Verdict.PROBE;
        if (!isNew) return Verdict.NONE;
        reconnection.startOver();
        return hurry(now);
    }

    /** There is another network: a connection over the old one has no future. */
    Verdict onNetworkChanged(@Nullable String last, long now, List<Effect> out) {
        schedule.networkChanged();
        if (link == Link.CONNECTING || link == Link.OPENING) {
            // If changes come faster than connections open, none would ever be open.
            if (++restarts > MAX_RESTARTS) return Verdict.NONE;
            drop(now, out);
            schedule.setOffline(false);
            return hurry(now) == Verdict.ATTEMPT ? Verdict.ATTEMPT : Verdict.DROPPED;
        }
        if (isUp() && settings.resumable) {
            schedule.setOffline(false);
            connector.beginHandover(last, now, out);
            return Verdict.NONE;
        }
        return available(true, now);
    }

    /** The process did not run until now. The credential provider gets time to answer. */
    Verdict onSuspended(long now, List<Effect> out) {
        connector.postponeAnswer(now + GRACE_NANOS);
        reconnection.suspended(now);
        if (link != Link.CONNECTING || connector.isAsking() || !connector.isCredentialExpired(now)) {
            return Verdict.PROBE;
        }
        out.add(Effects::cancelConnection);
        return connector.fail(Loss.of(Phase.CREDENTIAL, "credential expired before the connection was open", null));
    }

    /** Makes an attempt as soon as the server allows it and it is this client's turn. */
    private Verdict hurry(long now) {
        return schedule.hurry(now) ? onAttemptDue(now) : Verdict.NONE;
    }

    // ---- the current connection ----

    Verdict onAttemptDue(long now) {
        return schedule.takeTurn(reconnection.endpoint(), now) ? begin(now) : Verdict.NONE;
    }

    private Verdict begin(long now) {
        reopening = false;
        schedule.started(now);
        connector.begin();
        link = Link.CONNECTING;
        return Verdict.ATTEMPT;
    }

    /** Opens the connection of the attempt that has begun, or asks for a credential first. */
    void open(@Nullable String last, long now, List<Effect> out) {
        connector.open(last, now, out);
    }

    /**
     * The upgrade is done.
     *
     * @param secretsWithheld whether the server must get neither the credential nor the session's id and key
     */
    void opened(boolean secretsWithheld) {
        if (link != Link.CONNECTING) throw new IllegalStateException("a connection opens while it is " + link);
        connector.opened(secretsWithheld);
        link = Link.OPENING;
    }

    /** The server has welcomed the client, or messages may flow without a welcome. */
    void welcomed(long now) {
        link = Link.UP;
        restarts = 0;
        reconnection.welcomed(now);
        schedule.welcomed();
        connector.welcomed();
    }

    /** Something was achieved on the connection. */
    void progress() {
        reconnection.progress();
    }

    /** Remembers what the server says about the close that follows. */
    void onServerError(String error, long retryAfterNanos) {
        serverError = error;
        serverRetryAfter = retryAfterNanos;
    }

    // ---- credentials ----

    Verdict onCredential(long asked, Credential answer, @Nullable String last, long now, List<Effect> out) {
        return connector.onCredential(asked, answer, last, isUp(), schedule.isOffline(), now, out);
    }

    // ---- handover ----

    /** Makes the candidate, which is open, the current connection. */
    void switchOver(long now, List<Effect> out) {
        connector.leave(out);
        reset(now);
        link = Link.CONNECTING;
        out.add(Effects::promoteCandidate);
    }

    // ---- the end of a connection ----

    /** Returns the loss with what the server said about it before. */
    Loss explained(Loss bare) {
        return serverError == null ? bare : bare.withServerError(serverError, serverRetryAfter);
    }

    /** The current connection is lost: goes on with the candidate, schedules another attempt, or stops. */
    void lost(Loss loss, long now, List<Effect> out) {
        // What the server could not say on this connection it may say on the candidate; 1001 has sent the client there.
        boolean moving = connector.isHandingOver() && (loss.closeCode() == 0 || loss.closeCode() == GOING_AWAY);
        if (!moving) connector.dropCandidate(out);
        reset(now);
        if (moving) {
            Decision next = Decision.retry(0, 1, "another connection is being opened", false);
            out.add(driver -> driver.connectionFailed(loss, next));
            connector.takeOver(out);
            link = Link.CONNECTING;
            return;
        }
        schedule.failed();
        Decision decision = reconnection.after(loss, now);
        out.add(driver -> driver.connectionFailed(loss, decision));
        if (!decision.isRetry()) {
            // What the server asks for also holds for an application that connects again.
            schedule.setNotBefore(now + loss.retryAfterNanos());
            // Nobody watches the network from here on.
            schedule.setOffline(false);
            return;
        }
        schedule.setNotBefore(decision.isAsked() ? now + decision.delayNanos() : Long.MIN_VALUE);
        if (schedule.isOffline()) {
            schedule.waitForNetwork(reconnection.endpoint());
        } else {
            schedule.schedule(now + decision.delayNanos());
        }
    }

    /** Gives the current connection up, or what is left of it. */
    Verdict drop(long now, List<Effect> out) {
        out.add(Effects::cancelConnection);
        reset(now);
        return Verdict.DROPPED;
    }

    /** Starts the closing handshake. */
    void beginClosing(int code, String reason, List<Effect> out) {
        connector.closing(code, reason, out);
        link = Link.CLOSING;
    }

    /** The closing handshake is over, or will never be. */
    void onHandshakeOver(long now) {
        reset(now);
    }

    private void reset(long now) {
        reconnection.connectionDown(connector.isCredentialExpired(now), now);
        link = Link.DOWN;
        connector.down();
        serverError = null;
        serverRetryAfter = 0;
    }

    /** Gives the turn of the next attempt back, which will not be made. */
    void giveTurnBack() {
        schedule.giveTurnBack(reconnection.endpoint());
    }

    /** The client ends. */
    void end(List<Effect> out) {
        connector.dropCandidate(out);
        if (link != Link.DOWN) out.add(Effects::cancelConnection);
        link = Link.DOWN;
        reopening = false;
        schedule.cancel(reconnection.endpoint());
        connector.down();
    }
}
