package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Outcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The session, whole and pure: each event returns the effects it calls for, and nothing else happens. Time comes in with
 * the event, in the ticker's nanoseconds. Every event of a connection bears its number; what comes from another than the
 * current one is dropped.
 *
 * <p>Not thread-safe: the driver's serial context calls it, one event at a time, and performs the effects before the
 * next.
 */
public final class SessionMachine {
    /** A time that does not come. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int ABNORMAL = 1006;
    private static final int PROTOCOL_ERROR = 4400;
    private static final int MAX_VIOLATIONS = 3;
    private static final String UNSENT = "not everything could be sent";

    /** How far the current connection has come. */
    private enum Link {
        DOWN,
        CONNECTING,
        /** Waiting for the welcome. */
        OPENING,
        REPLAYING,
        LIVE,
        /** Our closing handshake is under way. */
        CLOSING
    }

    private final SessionSettings settings;
    private final Random jitter;
    private final Outbox outbox;
    private final Inbox inbox = new Inbox();
    private final Liveness liveness;

    private List<Effect> effects = new ArrayList<>();

    private ClientState state = ClientState.IDLE;
    private Link link = Link.DOWN;
    private long connection;

    private @Nullable String sid;
    private @Nullable String key;

    /** Failed attempts and short-lived connections in a row. */
    private int failures;
    /** When the current connection was welcomed. */
    private long welcomedAt = NEVER;

    private @Nullable String serverError;
    private long serverRetryAfter;

    /** How often in a row the server broke a protocol, with nothing achieved in between. */
    private int violations;

    private boolean closing;

    private long attemptDue = NEVER;
    private long welcomeDue = NEVER;
    /** Starts over with every entry of the replay. */
    private long liveDue = NEVER;

    private long moveDue = NEVER;
    private long closeDue = NEVER;

    /**
     * @param jitter for the delays between attempts; need not be cryptographic
     * @param queue what the application sends
     */
    public SessionMachine(SessionSettings settings, Random jitter, MessageSource queue) {
        this.settings = settings;
        this.jitter = jitter;
        this.outbox = new Outbox(settings.resumable, settings.lowMark, queue, settings.rateLimit);
        this.liveness = new Liveness(settings.heartbeat);
    }

    // ---- what the application asks for ----

    /** Connect now, whatever the backoff says. */
    public List<Effect> connect(long now) {
        if (!closing && state != ClientState.CLOSED) {
            if (link == Link.CLOSING) {
                emit(Effects::cancelConnection);
                connectionDown(now);
            }
            if (link == Link.DOWN) startAttempt();
        }
        return taken();
    }

    /** The queue is not what it was: something came that goes next or expires next, or something was taken out. */
    public List<Effect> onQueueChanged(long now) {
        pump(now);
        goOnClosing();
        return taken();
    }

    /** The application is done with the message. */
    public List<Effect> onHandled(Inbound message, long now) {
        inbox.handled(message, now);
        acknowledgeIfDue(now);
        return taken();
    }

    /** Let the connection go and keep the session. */
    public List<Effect> disconnect(long now) {
        if (closing || state == ClientState.CLOSED) return taken();
        attemptDue = NEVER;
        if (isUp()) {
            acknowledge();
            emit(driver -> driver.closeConnection(GOING_AWAY, ""));
            link = Link.CLOSING;
            liveness.stop();
            moveDue = NEVER;
        } else if (link == Link.CONNECTING || link == Link.OPENING) {
            emit(Effects::cancelConnection);
            connectionDown(now);
        }
        setState(ClientState.IDLE);
        return taken();
    }

    /** End the session once everything is over, or when the time for that is up. */
    public List<Effect> close(long now) {
        if (!closing && state != ClientState.CLOSED) {
            setState(ClientState.CLOSING);
            closing = true;
            closeDue = now + settings.closeTimeoutNanos;
            goOnClosing();
        }
        return taken();
    }

    /** End now. */
    public List<Effect> cancel() {
        if (state != ClientState.CLOSED) {
            // One that is down may still be waiting for the server to end the stream.
            if (link == Link.DOWN) emit(Effects::cancelConnection);
            end(ABNORMAL, "cancelled");
        }
        return taken();
    }

    // ---- what the connection tells ----

    /** The upgrade is done. */
    public List<Effect> onOpen(long from, long now) {
        if (isStale(from)) return taken();
        if (settings.resumable) {
            link = Link.OPENING;
            setState(ClientState.RESUMING);
            String mySid = sid;
            String myKey = key;
            String last = mySid == null ? null : inbox.lastReceived();
            emit(driver -> driver.sendOpen(mySid, myKey, last));
            outbox.envelopeSent();
            welcomeDue = now + settings.welcomeTimeoutNanos;
        } else {
            welcomed(now);
            live(now);
        }
        return taken();
    }

    public List<Effect> onWelcome(long from, Welcome welcome, long now) {
        if (isStale(from)) return taken();
        if (link != Link.OPENING) return onProtocolError(from, "welcome out of place", now);
        if (welcome.handled > outbox.highestSeq()) {
            return onProtocolError(from, "welcome with c " + welcome.handled + ", never sent", now);
        }
        boolean had = sid != null;
        if (welcome.resumed && !had) return onProtocolError(from, "resumed what was never begun", now);
        sid = welcome.sid;
        key = welcome.key;
        outbox.setWindow(welcome.maxUnacked, welcome.maxBytes);
        if (welcome.resumed) {
            outbox.resume(welcome.handled);
            inbox.resumed(now);
        } else {
            List<Outbound> unknown = outbox.lose(welcome.handled, effects);
            inbox.begin(welcome.last);
            String reason = welcome.reason == null ? "unknown" : welcome.reason;
            if (had) emit(driver -> driver.sessionLost(reason, unknown));
        }
        link = Link.REPLAYING;
        liveDue = now + settings.welcomeTimeoutNanos;
        welcomed(now);
        acknowledgeIfDue(now);
        pump(now);
        return taken();
    }

    /** The replay is over. */
    public List<Effect> onLive(long from, long now) {
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) return taken();
        if (link != Link.REPLAYING) return onProtocolError(from, "live out of place", now);
        liveDue = NEVER;
        outbox.replayed(effects);
        live(now);
        return taken();
    }

    /**
     * An application message.
     *
     * @param id the message's name, null where the session has none
     * @param cost what it weighs while it waits for the application
     */
    public List<Effect> onMessage(long from, @Nullable String id, Payload payload, long cost, long now) {
        if (isStale(from)) return taken();
        if (link == Link.OPENING) return onProtocolError(from, "message before welcome", now);
        if (id != null && !inbox.receive(id)) return taken();
        progress(now);
        Inbound message = new Inbound(inbox.epoch(), id, payload, cost);
        emit(driver -> driver.deliver(message));
        return taken();
    }

    /** The server has dealt with every seq up to {@code seq}. */
    public List<Effect> onAck(long from, long seq, long now) {
        if (isStale(from)) return taken();
        if (link == Link.OPENING) return onProtocolError(from, "ack before welcome", now);
        if (!outbox.acknowledge(seq, effects)) {
            return onProtocolError(from, "ack of " + seq + ", never sent", now);
        }
        progress(now);
        pump(now);
        goOnClosing();
        return taken();
    }

    /** The server refused {@code seq} for good; {@code id} is the refusal's own place in the server's stream. */
    public List<Effect> onReject(long from, String id, long seq, String code, @Nullable String detail, long now) {
        if (isStale(from)) return taken();
        if (link == Link.OPENING) return onProtocolError(from, "reject before welcome", now);
        if (!inbox.receive(id)) return taken();
        progress(now);
        Outbound message = outbox.reject(seq);
        if (message == null) {
            return onProtocolError(from, "reject of " + seq + ", which waits for no outcome", now);
        }
        Inbound place = new Inbound(inbox.epoch(), id, message.payload(), 0);
        emit(driver -> driver.rejected(message, Outcome.rejected(code, detail), place));
        return taken();
    }

    /** The server drains: it wants us elsewhere within the time. Spread over it, so that not all come at once. */
    public List<Effect> onReconnect(long from, long withinNanos, long now) {
        if (!isStale(from) && isUp()) moveDue = now + (long) (jitter.nextDouble() * withinNanos);
        return taken();
    }

    /** What the server says the following close is about. */
    public List<Effect> onServerError(long from, String error, long retryAfterNanos) {
        if (isStale(from)) return taken();
        serverError = error;
        serverRetryAfter = retryAfterNanos;
        return taken();
    }

    /** The connection has written {@code count} more of the messages it was given. */
    public List<Effect> onWritten(long from, int count, long now) {
        if (isStale(from)) return taken();
        outbox.written(count, effects);
        acknowledgeIfDue(now);
        pump(now);
        goOnClosing();
        return taken();
    }

    public List<Effect> onPingWritten(long from, long now) {
        if (!isStale(from)) liveness.onPingWritten(now);
        return taken();
    }

    public List<Effect> onPong(long from, long nonce, long now) {
        if (isStale(from)) return taken();
        long roundTrip = liveness.onPong(nonce, now);
        if (roundTrip >= 0) emit(driver -> driver.roundTripTime(roundTrip));
        return taken();
    }

    /** The server said what the session's protocol does not know. */
    public List<Effect> onProtocolError(long from, String error, long now) {
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) {
            emit(Effects::cancelConnection);
            closedByUs(new CloseReason(ABNORMAL, error), now);
        } else {
            emit(driver -> driver.closeConnection(PROTOCOL_ERROR, error));
            lost(Loss.violation(phase(), "server broke the session protocol: " + error, null), now);
        }
        return taken();
    }

    /** The closing handshake is complete. */
    public List<Effect> onClosed(long from, CloseReason reason, Loss loss, long now) {
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) {
            closedByUs(reason, now);
        } else {
            lost(loss.withPhase(phase()), now);
        }
        return taken();
    }

    /** The connection could not be made, or ended without a closing handshake. */
    public List<Effect> onFailed(long from, Loss loss, long now) {
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) {
            closedByUs(new CloseReason(ABNORMAL, loss.message()), now);
        } else {
            lost(loss.phase() == Phase.SESSION ? loss.withPhase(phase()) : loss, now);
        }
        return taken();
    }

    // ---- time ----

    /** When {@link #onTimer} is due next, or {@link #NEVER}. Changes with every event. */
    public long nextTimer() {
        long due = Math.min(Math.min(Math.min(attemptDue, welcomeDue), closeDue), outbox.nextExpiry());
        if (!isUp()) return due;
        due = Math.min(due, Math.min(Math.min(liveDue, moveDue), Math.min(liveness.due(), outbox.paceDue())));
        return outbox.isAcknowledgementUnwritten() ? due : Math.min(due, inbox.ackDue());
    }

    /**
     * Does whatever has come due. Early calls do no harm.
     *
     * @param lastInboundAt when the current connection last read a byte; anything where there is none
     * @param lastOutboundAt the same for writing
     */
    public List<Effect> onTimer(long now, long lastInboundAt, long lastOutboundAt) {
        if (now >= closeDue) {
            end(ABNORMAL, outbox.isEmpty() ? "server did not finish closing in time" : UNSENT);
            return taken();
        }
        if (now >= welcomeDue) {
            fail("no welcome in time", now, lastInboundAt, lastOutboundAt);
        }
        if (isUp() && now >= liveDue) {
            // While reading is stopped the replay can't go on.
            boolean readingStopped = lastInboundAt >= now;
            liveDue = now + settings.welcomeTimeoutNanos;
            if (!readingStopped) fail("the replay does not end", now, lastInboundAt, lastOutboundAt);
        }
        if (isUp() && now >= liveness.due()) judge(now, lastInboundAt, lastOutboundAt);
        if (isUp() && now >= moveDue) move(now);
        acknowledgeIfDue(now);
        if (now >= attemptDue) startAttempt();
        outbox.expire(now, effects);
        pump(now);
        goOnClosing();
        return taken();
    }

    private void judge(long now, long lastInboundAt, long lastOutboundAt) {
        switch (liveness.check(now, lastInboundAt)) {
            case PING:
                long nonce = liveness.nonce();
                emit(driver -> driver.sendPing(nonce));
                break;
            case DEAD:
                fail("no sign of life since a ping", now, lastInboundAt, lastOutboundAt);
                break;
            default:
        }
    }

    private void move(long now) {
        acknowledge();
        emit(driver -> driver.closeConnection(GOING_AWAY, "moving"));
        boolean held = now - welcomedAt >= settings.backoff.resetAfterNanos();
        connectionDown(now);
        if (held) {
            startAttempt();
        } else {
            // A server that sends us away again and again is not to be hammered.
            failures++;
            attemptDue = now + settings.backoff.delayNanos(failures, jitter);
            setState(ClientState.WAITING);
        }
    }

    // ---- transitions ----

    private void startAttempt() {
        attemptDue = NEVER;
        connection++;
        link = Link.CONNECTING;
        setState(ClientState.CONNECTING);
        long number = connection;
        emit(driver -> driver.openConnection(number));
    }

    private void welcomed(long now) {
        welcomeDue = NEVER;
        welcomedAt = now;
        liveness.start(now);
    }

    private void live(long now) {
        link = Link.LIVE;
        setState(ClientState.OPEN);
        pump(now);
        goOnClosing();
    }

    /** The machine itself gives the connection up. */
    private void fail(String message, long now, long lastInboundAt, long lastOutboundAt) {
        emit(Effects::cancelConnection);
        lost(Loss.of(phase(), message, null).withSilence(now - lastInboundAt, now - lastOutboundAt), now);
    }

    private void lost(Loss bare, long now) {
        Loss loss = serverError == null ? bare : bare.withServerError(serverError, serverRetryAfter);
        connectionDown(now);
        failures++;
        violations = loss.isViolation() ? violations + 1 : 0;
        Decision decision = violations >= MAX_VIOLATIONS
                ? Decision.stop("server keeps breaking the protocol at the same place")
                : Decision.of(loss, settings.resumable, failures, settings.backoff, jitter);
        emit(driver -> driver.connectionFailed(loss, decision));
        if (decision.isRetry()) {
            attemptDue = now + decision.delayNanos();
            setState(ClientState.WAITING);
        } else {
            failures = 0;
            violations = 0;
            setState(ClientState.IDLE);
        }
        goOnClosing();
    }

    /** Something came of this connection, so what went wrong before was not this session's fault. */
    private void progress(long now) {
        violations = 0;
        if (link == Link.REPLAYING) liveDue = now + settings.welcomeTimeoutNanos;
    }

    private void connectionDown(long now) {
        if (welcomedAt != NEVER && now - welcomedAt >= settings.backoff.resetAfterNanos()) failures = 0;
        welcomedAt = NEVER;
        link = Link.DOWN;
        liveness.stop();
        welcomeDue = NEVER;
        liveDue = NEVER;
        moveDue = NEVER;
        serverError = null;
        serverRetryAfter = 0;
        outbox.connectionLost(effects);
    }

    private void closedByUs(CloseReason reason, long now) {
        connectionDown(now);
        if (!closing) return;
        if (outbox.isEmpty()) {
            end(reason.code(), reason.reason());
        } else {
            end(ABNORMAL, UNSENT);
        }
    }

    /** While closing: takes the next step towards the end, if it can be taken. */
    private void goOnClosing() {
        if (!closing || state == ClientState.CLOSED || link == Link.CLOSING) return;
        if (link == Link.DOWN && attemptDue == NEVER) {
            // Nobody connects any more, so nothing more will be sent.
            if (outbox.isEmpty()) {
                end(NORMAL, "");
            } else {
                end(ABNORMAL, UNSENT);
            }
        } else if (outbox.isEmpty()) {
            if (link == Link.LIVE) {
                acknowledge();
                if (settings.resumable) {
                    emit(Effects::sendBye);
                    outbox.envelopeSent();
                }
                emit(driver -> driver.closeConnection(NORMAL, ""));
                link = Link.CLOSING;
                liveness.stop();
                moveDue = NEVER;
            } else if (link != Link.REPLAYING) {
                end(NORMAL, "");
            }
        }
    }

    private void end(int code, String reason) {
        if (link != Link.DOWN) emit(Effects::cancelConnection);
        link = Link.DOWN;
        attemptDue = NEVER;
        welcomeDue = NEVER;
        moveDue = NEVER;
        closeDue = NEVER;
        liveDue = NEVER;
        liveness.stop();
        outbox.cancel(effects);
        closing = false;
        setState(ClientState.CLOSED);
        emit(driver -> driver.closed(new CloseReason(code, reason)));
    }

    private void pump(long now) {
        if (isUp()) outbox.pump(now, effects);
    }

    private void acknowledgeIfDue(long now) {
        if (isUp() && now >= inbox.ackDue() && !outbox.isAcknowledgementUnwritten()) acknowledge();
    }

    private void acknowledge() {
        String last = inbox.ack();
        if (last == null) return;
        emit(driver -> driver.sendAck(last));
        outbox.acknowledgementSent();
    }

    /** Whether messages flow: the session is open on a connection that is not being closed. */
    private boolean isUp() {
        return link == Link.REPLAYING || link == Link.LIVE;
    }

    private Phase phase() {
        return link == Link.OPENING ? Phase.OPEN : Phase.SESSION;
    }

    private boolean isStale(long from) {
        return from != connection || link == Link.DOWN;
    }

    private void setState(ClientState next) {
        if (state == next || (closing && next != ClientState.CLOSED)) return;
        state = next;
        emit(driver -> driver.stateChanged(next));
    }

    private void emit(Effect effect) {
        effects.add(effect);
    }

    private List<Effect> taken() {
        if (effects.isEmpty()) return Collections.emptyList();
        List<Effect> all = effects;
        effects = new ArrayList<>();
        return all;
    }
}
