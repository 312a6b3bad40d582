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
 * <p>Each method handles one event, adds effects to {@code out} and returns the machine's next step. A parameter
 * {@code last} is the id of the last message that the client has, null for none.
 *
 * <p>Not thread-safe.
 */
final class ConnectionLifecycle {
    enum Verdict {
        NONE,
        /** An attempt begins, and no other connection is left: call {@link #open} next. */
        ATTEMPT,
        /** The client itself has given the connection up. No report is needed. */
        DROPPED,
        /** The connection is lost, for {@link Connector#takeLoss}: call {@link #lost} next. */
        DOWN,
        /** Something may have killed the current connection: probe it next. */
        PROBE,
        /** An envelope was sent on the current connection. */
        ENVELOPE_SENT
    }

    private static final int GOING_AWAY = 1001;

    /** The maximum number of times that network changes restart an attempt. */
    private static final int MAX_RESTARTS = 3;

    /** The minimum time for a provider to answer after the process was suspended. */
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

    /** Returns the part that asks for credentials and opens the connection beside the current one. */
    Connector connector() {
        return connector;
    }

    Link link() {
        return link;
    }

    boolean isUp() {
        return link == Link.UP;
    }

    /**
     * Returns whether an event of connection {@code from} comes too late: it is not the current one, or there is none.
     */
    boolean isStale(long from) {
        return from != connector.connection() || link == Link.DOWN;
    }

    /** Returns the phase of the open connection. */
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

    // ---- requests of the application ----

    /** Connects without the backoff, unless a request skipped it a moment ago; not before the server allows it. */
    Verdict connect(long now) {
        return connect(schedule.earliest(now), now);
    }

    /** Connects now, regardless of the backoff and the server's delay. */
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
     * Begins a handover that the application asked for.
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

    /** Makes an attempt follow the closing handshake that is under way. */
    void reopenWhenClosed() {
        reopening = true;
    }

    boolean isReopening() {
        return reopening;
    }

    /** Makes the next attempt after the closing handshake has ended. */
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
        // The network is not monitored from here on.
        schedule.setOffline(false);
        return link == Link.CONNECTING || link == Link.OPENING ? drop(now, out) : Verdict.NONE;
    }

    // ---- the network and sleep ----

    /** Handles the loss of the network. An open connection may survive it; an attempt cannot succeed. */
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

    /** Handles the return of the network. */
    Verdict onNetworkAvailable(long now) {
        return available(schedule.isOffline() || schedule.isWaitingForNetwork(), now);
    }

    /**
     * Handles an available network.
     *
     * @param isNew whether it differs from the network before: only then is a waiting attempt made sooner
     */
    private Verdict available(boolean isNew, long now) {
        schedule.setOffline(false);
        if (isNew) schedule.networkChanged();
        if (!schedule.isWaiting()) return Verdict.PROBE;
        if (!isNew) return Verdict.NONE;
        reconnection.startOver();
        return hurry(now);
    }

    /** Handles a change of the network: a connection over the old one has no future. */
    Verdict onNetworkChanged(@Nullable String last, long now, List<Effect> out) {
        schedule.networkChanged();
        if (link == Link.CONNECTING || link == Link.OPENING) {
            // If changes come faster than connections open, no connection would ever open.
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

    /** Handles a suspension of the process. A provider gets time to answer. */
    Verdict onSuspended(long now, List<Effect> out) {
        connector.postponeAnswer(now + GRACE_NANOS);
        reconnection.suspended(now);
        if (link != Link.CONNECTING || connector.isAsking() || !connector.isCredentialExpired(now)) {
            return Verdict.PROBE;
        }
        out.add(Effects::cancelConnection);
        return connector.fail(Connector.EXPIRED);
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

    /** Opens the connection of the attempt that has begun, or asks for a credential or an endpoint first. */
    void open(@Nullable String last, long now, List<Effect> out) {
        connector.open(last, now, out);
    }

    /**
     * Handles the end of the upgrade.
     *
     * @param secretsWithheld whether the server must get neither the credential nor the session's id and key
     */
    void opened(boolean secretsWithheld) {
        if (link != Link.CONNECTING) throw new IllegalStateException("a connection opens while it is " + link);
        connector.opened(secretsWithheld);
        link = Link.OPENING;
    }

    /** Records that the server has welcomed the client, or that messages may flow without a welcome. */
    void welcomed(long now) {
        link = Link.UP;
        restarts = 0;
        reconnection.welcomed(now);
        schedule.welcomed();
        connector.welcomed();
    }

    /** Records that the connection achieved something. */
    void progress() {
        reconnection.progress();
    }

    /** Remembers what the server said about the close that follows. */
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

    /**
     * Handles the loss of the current connection: continues with the candidate, schedules another attempt, or stops.
     */
    void lost(Loss loss, long now, List<Effect> out) {
        // The server may say on the candidate what it could not say on this connection. Close code 1001 has sent the
        // client there.
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
            // The delay that the server asked for also holds for an application that connects again.
            schedule.setNotBefore(now + loss.retryAfterNanos());
            // The network is not monitored from here on.
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

    /** Gives up the current connection, or what is left of it. */
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

    /** Handles the end of the closing handshake, complete or not. */
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

    /** Gives back the turn of the next attempt, which will not be made. */
    void giveTurnBack() {
        schedule.giveTurnBack(reconnection.endpoint());
    }

    /** Ends the client. */
    void end(List<Effect> out) {
        connector.dropCandidate(out);
        if (link != Link.DOWN) out.add(Effects::cancelConnection);
        link = Link.DOWN;
        reopening = false;
        schedule.cancel(reconnection.endpoint());
        connector.down();
    }
}
