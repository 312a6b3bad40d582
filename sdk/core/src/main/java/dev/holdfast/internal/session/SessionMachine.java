package dev.holdfast.internal.session;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Outcome;
import dev.holdfast.internal.session.CredentialKeeper.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The session, whole and pure: each event returns the effects it calls for, and nothing else happens. Time comes in with
 * the event, in nanoseconds that go on while the device sleeps. Every event of a connection bears its number; what comes
 * from another than the current one is dropped.
 *
 * <p>Not thread-safe: the driver's serial context calls it, one event at a time, and performs the effects before the
 * next.
 */
public final class SessionMachine {
    /** A time that does not come. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The reason of a session's loss if the server no longer knows what it had acknowledged. */
    public static final String ROLLED_BACK = "rolled-back";

    /** Why a server that knows a session does not resume it. It does not know one for any other reason. */
    private static final List<String> REASONS_OF_KNOWN =
            Collections.unmodifiableList(Arrays.asList("expired", "trimmed", "epoch"));

    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int ABNORMAL = 1006;
    private static final int PROTOCOL_ERROR = 4400;
    /** How long an open connection may take to prove itself after something that may have killed it. */
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** How often changes of the network begin an attempt anew. */
    private static final int MAX_RESTARTS = 3;

    /** The part of the time that a draining server gives in which clients begin to move. */
    private static final double MOVING_SHARE = 0.9;

    /** Room for so many effects is not given back. */
    private static final int MAX_KEPT = 1024;

    private static final String NO_OPEN = "a credential of Credential.inOpen goes in the first envelope of a resumable"
            + " session, and this session is not resumable: use bearer, header or query";
    private static final String MAYBE_SENT = "earlier process may have sent it after its snapshot was taken";

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
    private final Inbox inbox;
    private final Liveness liveness;
    private final Reconnection reconnection;
    private final CredentialKeeper keeper;
    /** Never under way where link is DOWN. */
    private final Handover handover = new Handover();

    private List<Effect> effects = new ArrayList<>();
    /** What was returned last: used again once something else has been. Whoever performed it may clear it. */
    private List<Effect> performed = new ArrayList<>();

    private ClientState state = ClientState.IDLE;
    private Link link = Link.DOWN;
    private long connection;
    /** The number given last. */
    private long newest;

    /** There is no network, so no attempt is made. */
    private boolean offline;

    private @Nullable String sid;
    private @Nullable String key;

    private int restarts;

    /** The session is another process's, and the server has not said yet whether it knows it. */
    private boolean restored;
    /** Another process began the session. */
    private boolean fromSnapshot;

    /** The message that was last reported as overdue. */
    private @Nullable Outbound reportedOverdue;

    private @Nullable String serverError;
    private long serverRetryAfter;

    private boolean closing;

    /** The current connection leads to a server that must not get secrets. */
    private boolean secretsWithheld;

    /** Whether the current connection took up the session again, and how many messages were replayed on it. */
    private boolean resumed;

    private long replayed;

    /** The highest seq that the server has said it has dealt with in this session. */
    private long acknowledged;

    private boolean waitsForNetwork;
    /** The next attempt has waited for its turn. */
    private boolean gated;
    /** The server wants nobody sooner. */
    private long notBefore = Long.MIN_VALUE;

    private final ConnectRequests requests = new ConnectRequests();

    private long attemptDue = NEVER;
    private final Deadline welcomeDeadline = new Deadline();
    /** Starts over with every message and reject of the replay. */
    private final Deadline liveDeadline = new Deadline();

    private long closeDue = NEVER;

    /**
     * @param jitter for the delays between attempts; need not be cryptographic
     * @param queue what the application sends
     */
    public SessionMachine(SessionSettings settings, Random jitter, MessageSource queue) {
        this.settings = settings;
        this.jitter = jitter;
        this.outbox = new Outbox(settings.resumable, settings.lowMark, queue, settings.rateLimit);
        this.inbox = new Inbox(settings.resumable, settings.rememberedIds);
        if (settings.start != null) inbox.receive(settings.start);
        this.liveness = new Liveness(settings.heartbeat);
        this.reconnection = new Reconnection(settings, jitter);
        this.keeper = new CredentialKeeper(settings);
    }

    // ---- what the application asks for ----

    /** Connects without the backoff, if that was not cut short a moment ago; not before the server wants it. */
    public List<Effect> connect(long now) {
        return connect(Math.max(notBefore, requests.earliest(now)), now);
    }

    /** Connects now, whatever the backoff and the server say. */
    public List<Effect> connectNow(long now) {
        boolean mayStart = !closing && state != ClientState.CLOSED && (link == Link.DOWN || link == Link.CLOSING);
        // The budget counts the attempt, and does not hold it back.
        if (mayStart && settings.gate != null) settings.gate.reserve(reconnection.endpoint(), now);
        return connect(now, now);
    }

    private List<Effect> connect(long due, long now) {
        if (closing || state == ClientState.CLOSED) return taken();
        if (link == Link.CLOSING) {
            emit(Effects::cancelConnection);
            connectionDown(now);
        }
        if (state == ClientState.IDLE) reconnection.begin();
        if (link == Link.DOWN && (due <= now || due < attemptDue)) {
            requests.accept();
            giveTurnBack();
            attemptDue = due;
            waitsForNetwork = false;
            if (due <= now) {
                startAttempt(now);
            } else {
                setState(ClientState.WAITING);
            }
        }
        return taken();
    }

    /** The queue is not what it was: something came that goes next or expires next, or something was taken out. */
    public List<Effect> onQueueChanged(long now) {
        pump(now);
        goOnClosing();
        return taken();
    }

    /** A message that begins every new session from now on, and is sent at once where there is one. */
    public List<Effect> standing(String name, Supplier<Outbound> message, long now) {
        if (!closing && state != ClientState.CLOSED) {
            boolean begun = settings.resumable ? sid != null && !restored : isUp();
            outbox.standing().put(name, message, begun);
            pump(now);
        }
        return taken();
    }

    public List<Effect> withdraw(String name) {
        outbox.standing().remove(name);
        return taken();
    }

    /** What another process needs to go on with the session; null where there is none. */
    public @Nullable Snapshot snapshot() {
        String mySid = sid;
        String myKey = key;
        String position = inbox.position();
        if (mySid == null || myKey == null || position == null || state == ClientState.CLOSED) return null;
        return new Snapshot(
                mySid,
                myKey,
                position,
                inbox.hasHandled(),
                outbox.highestSeq() + 1,
                outbox.unacknowledged(),
                outbox.standing().told());
    }

    /** Takes up the session of another process. Before anything else. */
    public void restore(Snapshot snapshot) {
        sid = snapshot.sid;
        key = snapshot.key;
        restored = true;
        fromSnapshot = true;
        inbox.restore(snapshot.position, snapshot.handled);
        outbox.standing().restore(snapshot.standing);
        outbox.restore(snapshot.unacknowledged, snapshot.nextSeq);
    }

    /** The application is done with some messages, which are marked. */
    public List<Effect> onHandled(long now) {
        inbox.handled(now);
        acknowledgeIfDue(now);
        return taken();
    }

    /** Whether an acknowledgement will follow by itself, and with it a look at what has been handled by then. */
    public boolean isAckDue() {
        return inbox.ackDue() != NEVER;
    }

    /** Let the connection go and keep the session. */
    public List<Effect> disconnect(long now) {
        if (closing || state == ClientState.CLOSED) return taken();
        attemptDue = NEVER;
        requests.cancel();
        giveTurnBack();
        waitsForNetwork = false;
        if (isUp()) {
            acknowledge();
            beginClosing(GOING_AWAY, "");
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
            outbox.stopWaiting();
            pump(now);
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

    // ---- what the world tells ----

    /** There is no network: what is open may yet live, and what is not open need not be tried. */
    public List<Effect> onNetworkLost(long now) {
        offline = true;
        if (handover.isUnderWay()) {
            dropCandidate();
            if (isUp()) handover.at(now);
        }
        if (link == Link.CONNECTING) {
            emit(Effects::cancelConnection);
            connectionDown(now);
            waitForNetwork();
        } else if (attemptDue != NEVER) {
            waitForNetwork();
        }
        return taken();
    }

    /** There is a network again. */
    public List<Effect> onNetworkAvailable(long now) {
        return networkThere(offline || waitsForNetwork, now);
    }

    /** @param news whether it is not the network that was there before: an attempt over that one need not be hurried */
    private List<Effect> networkThere(boolean news, long now) {
        offline = false;
        if (news) requests.networkChanged();
        if (!isWaiting()) {
            probe(now);
        } else if (news) {
            reconnection.startOver();
            hurry(now);
        }
        return taken();
    }

    /** There is another network: a connection over the old one has no future. */
    public List<Effect> onNetworkChanged(long now) {
        requests.networkChanged();
        if (link == Link.CONNECTING || link == Link.OPENING) {
            // Where changes come faster than connections open, none would ever be open.
            if (++restarts > MAX_RESTARTS) return taken();
            emit(Effects::cancelConnection);
            connectionDown(now);
            offline = false;
            hurry(now);
        } else if (isUp() && settings.resumable) {
            offline = false;
            beginHandover(now);
        } else {
            return networkThere(true, now);
        }
        return taken();
    }

    /**
     * The process did not run for a while: a closed lid, a frozen process. Silence meanwhile proves nothing, neither the
     * server's nor the credential provider's. What counts elapsed time has come due by itself.
     */
    public List<Effect> onSuspended(long now) {
        if (welcomeDeadline.isSet()) welcomeDeadline.postpone(now + PROBE_NANOS);
        if (liveDeadline.isSet()) liveDeadline.postpone(now + PROBE_NANOS);
        liveness.suspended(now);
        keeper.postponeAnswer(now + PROBE_NANOS);
        reconnection.suspended(now);
        probe(now);
        if (link == Link.CONNECTING && !keeper.isAsking() && keeper.isExpired(now)) {
            emit(Effects::cancelConnection);
            lost(Loss.of(Phase.CREDENTIAL, "credential expired before the connection was open", null), now);
        }
        return taken();
    }

    /** An attempt as soon as the server lets us and it is our turn. */
    private void hurry(long now) {
        if (gated) return;
        attemptDue = Math.max(now, notBefore);
        waitsForNetwork = false;
        if (attemptDue > now) setState(ClientState.WAITING);
        attemptIfDue(now);
    }

    private void attemptIfDue(long now) {
        if (now < attemptDue) return;
        long turn = gated || requests.isPending() || settings.gate == null
                ? 0
                : settings.gate.reserve(reconnection.endpoint(), now);
        if (turn > 0) {
            gated = true;
            attemptDue = now + turn;
            setState(ClientState.WAITING);
        } else {
            startAttempt(now);
        }
    }

    /** One that was waited for, where no attempt follows, or one that waits for nobody's turn. */
    private void giveTurnBack() {
        if (gated && settings.gate != null) settings.gate.giveBack(reconnection.endpoint());
        gated = false;
    }

    private void probe(long now) {
        if (!isUp() || !liveness.probe(now, PROBE_NANOS)) return;
        long nonce = liveness.nonce();
        emit(driver -> driver.sendPing(nonce));
    }

    /** The answer to a question; {@code lifeNanos} is {@link #NEVER} where it is not known. */
    public List<Effect> onCredential(long asked, Credential answer, long now) {
        if (!keeper.isAsking(asked)) return taken();
        if (answer.place() == Credential.Place.OPEN && !settings.resumable) {
            credentialFailed(Phase.CONFIGURATION, NO_OPEN, null, now);
            return taken();
        }
        reconnection.freshCredential();
        switch (keeper.answered(answer, now)) {
            case ATTEMPT:
                openConnection();
                break;
            case HANDOVER:
                openCandidate();
                break;
            default:
                renew(answer, now);
        }
        return taken();
    }

    /** There is none to be had. */
    public List<Effect> onCredentialFailed(long asked, String message, @Nullable Throwable cause, long now) {
        if (keeper.isAsking(asked)) credentialFailed(Phase.CREDENTIAL, message, cause, now);
        return taken();
    }

    private void credentialFailed(Phase phase, String message, @Nullable Throwable cause, long now) {
        switch (keeper.failed(now)) {
            case ATTEMPT:
                lost(Loss.of(phase, message, cause), now);
                break;
            case HANDOVER:
                forgetCandidate(0, now);
                break;
            default:
        }
    }

    // ---- what the connection tells ----

    /** The upgrade is done. */
    public List<Effect> onOpen(long from, long now) {
        return onOpen(from, false, now);
    }

    /**
     * The upgrade is done.
     *
     * @param secretsWithheld whether the server must get neither the credential nor the session's id and key
     */
    public List<Effect> onOpen(long from, boolean secretsWithheld, long now) {
        if (handover.isCandidate(from)) handOver(now);
        if (isStale(from)) return taken();
        this.secretsWithheld = secretsWithheld;
        if (settings.resumable) {
            link = Link.OPENING;
            setState(ClientState.RESUMING);
            String last = sid == null ? null : inbox.lastReceived();
            Open open = secretsWithheld ? new Open(null, null, null, null) : new Open(sid, key, last, keeper.auth());
            emit(driver -> driver.sendOpen(open));
            outbox.envelopeSent();
            restart(welcomeDeadline, now);
        } else {
            String last = inbox.lastReceived();
            if (settings.opensWithLast && last != null) {
                emit(driver -> driver.sendOpen(Open.after(last)));
                outbox.envelopeSent();
            }
            outbox.standing().newSession();
            welcomed(now);
            live(now);
        }
        return taken();
    }

    public List<Effect> onWelcome(long from, Welcome welcome, long now) {
        if (isStale(from)) return taken();
        if (link != Link.OPENING) return onProtocolError(from, "welcome out of place", now);
        String fault = faultOf(welcome);
        if (fault != null) return onProtocolError(from, fault, now);
        if (welcome.resumed && welcome.handled < outbox.acknowledgedSeq()) {
            rolledBack(welcome.handled, now);
            return taken();
        }
        // What an earlier process was told after its snapshot may have been that a message is rejected.
        long acknowledgedIfLost = restored || !isOfNamedSession(welcome) ? 0 : welcome.handled;
        List<Outbound> sentBefore = settleRestored(welcome);
        if (restored && welcome.resumed) outbox.skipTo(welcome.handled);
        boolean had = sid != null;
        sid = welcome.sid;
        key = welcome.key;
        outbox.setWindow(welcome.maxUnacked, welcome.maxBytes, welcome.maxMessage);
        outbox.batch(settings.batchWindowNanos < 0 ? 0 : welcome.batch, settings.batchWindowNanos);
        resumed = welcome.resumed;
        if (restored && resumed) outbox.standing().restoredSession();
        restored = false;
        fromSnapshot &= resumed;
        acknowledged = resumed ? welcome.handled : 0;
        if (welcome.resumed) {
            outbox.resume(welcome.handled, effects);
            inbox.resumed(now);
        } else {
            List<Outbound> unknown = outbox.lose(acknowledgedIfLost, effects);
            unknown.addAll(sentBefore);
            inbox.begin(welcome.last);
            outbox.standing().newSession();
            String reason = welcome.reason == null ? "unknown" : welcome.reason;
            if (had) sessionLost(new LostSession(reason, unknown, Collections.emptyList(), 0));
        }
        link = Link.REPLAYING;
        restart(liveDeadline, now);
        welcomed(now);
        acknowledgeIfDue(now);
        pump(now);
        return taken();
    }

    /** Returns what is wrong with a welcome, null if nothing is. */
    private @Nullable String faultOf(Welcome welcome) {
        // What a restored process knows of is not all that was sent.
        if (welcome.handled > outbox.highestSeq() && !restored) {
            return "welcome with c " + welcome.handled + ", never sent";
        }
        if (!welcome.resumed) return null;
        String named = secretsWithheld ? null : sid;
        if (named == null) return "resumed what was never begun";
        if (!named.equals(welcome.sid)) return "welcome resumes another session";
        String last = inbox.lastReceived();
        // Whatever lies between is skipped without a word.
        if (welcome.last != null && !welcome.last.equals(last)) {
            return "welcome goes on after " + welcome.last + ", not after " + last;
        }
        return null;
    }

    /**
     * Whether what a welcome that resumes nothing says of handled messages is about our session: a server that was told no
     * session, or does not know it, can't know.
     */
    private boolean isOfNamedSession(Welcome welcome) {
        boolean named = sid != null && !secretsWithheld;
        return named && welcome.reason != null && REASONS_OF_KNOWN.contains(welcome.reason);
    }

    /**
     * What waited when a snapshot was taken may have been sent since. That nothing was is proven only by a server that still has
     * the session and has dealt with no message that the snapshot does not know.
     *
     * @return what may have been sent, ended
     */
    private List<Outbound> settleRestored(Welcome welcome) {
        if (!restored) return Collections.emptyList();
        if (!welcome.resumed) return outbox.endRestored("session lost, and an " + MAYBE_SENT, effects);
        long known = outbox.highestSeq();
        if (welcome.handled > known) {
            String more =
                    "the server has had messages up to " + welcome.handled + " and the snapshot knows of " + known;
            return outbox.endRestored(more + ": an " + MAYBE_SENT, effects);
        }
        outbox.proveRestored();
        return Collections.emptyList();
    }

    /** The server lost its last writes: the streams no longer fit together, so the session is over. */
    private void rolledBack(long handled, long now) {
        long acknowledged = outbox.acknowledgedSeq();
        List<Outbound> inDoubt = outbox.acknowledgedBeyond(handled);
        List<Outbound> unknown = outbox.lose(handled, effects);
        if (restored)
            unknown.addAll(outbox.endRestored("the server lost its last writes, and an " + MAYBE_SENT, effects));
        sid = null;
        key = null;
        restored = false;
        fromSnapshot = false;
        sessionLost(new LostSession(ROLLED_BACK, unknown, inDoubt, acknowledged - handled));
        String error = "server dealt with seq " + acknowledged + " and now knows of " + handled + " only";
        // Without it the key would stay valid, and an old snapshot could go on with a session that is over here.
        emit(Effects::sendBye);
        outbox.envelopeSent();
        emit(driver -> driver.closeConnection(PROTOCOL_ERROR, ROLLED_BACK));
        lost(Loss.of(Phase.SESSION, error, null), now);
    }

    private void sessionLost(LostSession session) {
        emit(driver -> driver.sessionLost(session));
    }

    /** The replay is over. */
    public List<Effect> onLive(long from, long now) {
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) return taken();
        if (link != Link.REPLAYING) return onProtocolError(from, "live out of place", now);
        liveDeadline.clear();
        outbox.replayed(effects);
        boolean again = resumed;
        long count = replayed;
        emit(driver -> driver.sessionOpened(again, count));
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
        liveness.heard(now);
        if (link == Link.OPENING) return onProtocolError(from, "message before welcome", now);
        if (id != null && !inbox.receive(id)) return duplicate();
        reconnection.progress();
        if (link == Link.REPLAYING) {
            replayed++;
            restart(liveDeadline, now);
        }
        Inbound message = new Inbound(inbox.epoch(), id, payload, cost);
        inbox.give(message);
        emit(driver -> driver.deliver(message));
        return taken();
    }

    /** The server has dealt with every seq up to {@code seq}. */
    public List<Effect> onAck(long from, long seq, long now) {
        if (isStale(from)) return taken();
        liveness.heard(now);
        if (link == Link.OPENING) return onProtocolError(from, "ack before welcome", now);
        if (!outbox.acknowledge(seq, effects)) {
            return onProtocolError(from, "ack of " + seq + ", never sent", now);
        }
        // One that says nothing new achieves nothing, and none belongs to the replay.
        if (seq > acknowledged) {
            acknowledged = seq;
            reconnection.progress();
        }
        pump(now);
        goOnClosing();
        return taken();
    }

    /** The server refused {@code seq} for good; {@code id} is the refusal's own place in the server's stream. */
    public List<Effect> onReject(long from, String id, long seq, String code, @Nullable String detail, long now) {
        if (isStale(from)) return taken();
        liveness.heard(now);
        if (link == Link.OPENING) return onProtocolError(from, "reject before welcome", now);
        if (inbox.hasReceived(id)) return duplicate();
        Outbound message = outbox.reject(seq, effects);
        boolean ofEarlierProcess = message == null && fromSnapshot && seq > 0 && seq <= acknowledged;
        if (message == null && !ofEarlierProcess) {
            return onProtocolError(from, "reject of " + seq + ", which waits for no outcome", now);
        }
        inbox.receive(id);
        reconnection.progress();
        if (link == Link.REPLAYING) restart(liveDeadline, now);
        if (message == null) {
            // An earlier process was told of it, or sent what the snapshot does not know.
            Inbound place = new Inbound(inbox.epoch(), id, Payload.text(""), 0);
            inbox.give(place);
            place.markHandled();
            inbox.handled(now);
            acknowledgeIfDue(now);
            return taken();
        }
        Inbound place = new Inbound(inbox.epoch(), id, message.payload(), 0);
        inbox.give(place);
        emit(driver -> driver.rejected(message, Outcome.rejected(code, detail), place));
        return taken();
    }

    private List<Effect> duplicate() {
        emit(Effects::duplicateDropped);
        return taken();
    }

    /**
     * The server drains: it wants us elsewhere within the time. Spread over it, so that not all come at once.
     *
     * @param url where to, null for where the client goes anyway
     */
    public List<Effect> onReconnect(long from, long withinNanos, @Nullable String url, long now) {
        if (isStale(from) || !isUp()) return taken();
        liveness.heard(now);
        handover.to(url);
        // Some of the time is for the handover itself.
        long wait = (long) (jitter.nextDouble() * MOVING_SHARE * withinNanos);
        // A server that sends us away again and again is not to be hammered.
        handover.at(now + wait + (reconnection.hasHeld(now) ? 0 : reconnection.delayOfShortLived(now)));
        return taken();
    }

    /** The server says of the credential that it expires within the time, or is of no use any more. */
    public List<Effect> onCredentialExpiring(long from, long withinNanos, long now) {
        if (isStale(from) || !isUp()) return taken();
        liveness.heard(now);
        if (!keeper.isSupplied()) return taken();
        if (keeper.expiresAt(now + withinNanos, now)) ask(Purpose.RENEWAL, CredentialProvider.Reason.EXPIRING, now);
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
        outbox.written(count, now, effects);
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
        if (roundTrip >= 0) reportOverdue(now);
        if (roundTrip >= 0) emit(driver -> driver.roundTripTime(roundTrip));
        return taken();
    }

    /** The server answers, so it reads. A message that it has had for an interval is late all the same. */
    private void reportOverdue(long now) {
        Outbound oldest = outbox.oldestInFlight();
        if (oldest == null || oldest == reportedOverdue || oldest.isEnded()) return;
        long since = oldest.inSocketSince();
        if (since == NEVER || now - since < settings.heartbeat.intervalNanos()) return;
        reportedOverdue = oldest;
        emit(driver -> driver.ackOverdue(oldest, now - since));
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
        if (handover.isCandidate(from)) return candidateFailed(loss, now);
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
        if (handover.isCandidate(from)) return candidateFailed(loss, now);
        if (isStale(from)) return taken();
        if (link == Link.CLOSING) {
            closedByUs(new CloseReason(ABNORMAL, loss.message()), now);
        } else {
            lost(loss.phase() == Phase.SESSION ? loss.withPhase(phase()) : loss, now);
        }
        return taken();
    }

    /** The application's code threw where a message should have been written, and nothing was written behind it. */
    public List<Effect> onApplicationFault(Throwable thrown, long now) {
        if (link == Link.DOWN) return taken();
        String error = "no message to write: " + thrown.getClass().getSimpleName();
        emit(Effects::cancelConnection);
        if (link == Link.CLOSING) {
            closedByUs(new CloseReason(ABNORMAL, error), now);
        } else {
            lost(Loss.of(phase(), error, thrown), now);
        }
        return taken();
    }

    // ---- time ----

    /** When {@link #onTimer} is due next, or {@link #NEVER}. Changes with every event. */
    public long nextTimer() {
        long due = Math.min(
                Math.min(Math.min(attemptDue, welcomeDeadline.due()), Math.min(closeDue, keeper.answerDue())),
                outbox.nextExpiry());
        if (!isUp()) return due;
        due = Math.min(due, Math.min(liveDeadline.due(), liveness.due(outbox.unansweredSince())));
        if (!offline) due = Math.min(due, Math.min(handover.due(), keeper.renewalDue()));
        due = Math.min(due, Math.min(outbox.paceDue(), outbox.batchDue()));
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
        if (now >= keeper.answerDue()) credentialFailed(Phase.CREDENTIAL, "no credential in time", null, now);
        if (welcomeDeadline.isOver(now)) {
            fail("no welcome in time", now, lastInboundAt, lastOutboundAt);
        }
        if (isUp() && liveDeadline.isOver(now)) {
            // While reading is stopped the replay can't go on.
            boolean readingStopped = lastInboundAt >= now;
            restart(liveDeadline, now);
            if (!readingStopped) fail("the replay does not end", now, lastInboundAt, lastOutboundAt);
        }
        if (isUp() && now >= liveness.due(outbox.unansweredSince())) judge(now, lastInboundAt, lastOutboundAt);
        if (isUp() && !offline && now >= handover.due()) beginHandover(now);
        if (isUp() && !offline && now >= keeper.renewalDue()) askForRenewal(now);
        acknowledgeIfDue(now);
        attemptIfDue(now);
        outbox.expire(now, effects);
        pump(now);
        goOnClosing();
        return taken();
    }

    /**
     * Before {@link #onTimer}: the current connection last read a whole ping or pong at {@code time}. Told in this way since it
     * is no reason for an event of its own.
     */
    public void controlFrameHeard(long time) {
        liveness.heard(time);
    }

    private void restart(Deadline deadline, long now) {
        deadline.set(now + settings.welcomeTimeoutNanos, settings.welcomeTimeoutNanos);
    }

    private void judge(long now, long lastInboundAt, long lastOutboundAt) {
        switch (liveness.check(now, lastInboundAt, outbox.unansweredSince())) {
            case PING:
                long nonce = liveness.nonce();
                emit(driver -> driver.sendPing(nonce));
                break;
            case DEAD:
                fail("no sign of life since a ping", now, lastInboundAt, lastOutboundAt);
                break;
            case DEAF:
                fail(
                        "no answer to a ping while a message waits for its acknowledgement",
                        now,
                        lastInboundAt,
                        lastOutboundAt);
                break;
            default:
        }
    }

    // ---- transitions ----

    private void startAttempt(long now) {
        attemptDue = NEVER;
        notBefore = Long.MIN_VALUE;
        requests.attemptStarts(now);
        waitsForNetwork = false;
        gated = false;
        connection = ++newest;
        link = Link.CONNECTING;
        setState(ClientState.CONNECTING);
        openOrAsk(Purpose.ATTEMPT, now);
    }

    private void openConnection() {
        Attempt attempt = attempt(connection, handover.takeUrl());
        emit(driver -> driver.openConnection(attempt));
    }

    private Attempt attempt(long number, @Nullable String url) {
        return new Attempt(number, reconnection.endpoint(), url, keeper.credential(), inbox.lastReceived());
    }

    /** Asks for a credential first where another is needed. */
    private void openOrAsk(Purpose purpose, long now) {
        CredentialProvider.Reason reason = keeper.reasonToAsk(reconnection.isCredentialRefused(), now);
        if (reason != null) {
            ask(purpose, reason, now);
        } else if (purpose == Purpose.ATTEMPT) {
            openConnection();
        } else {
            openCandidate();
        }
    }

    // ---- from one connection to the next without a gap ----

    /** Opens another connection beside the current one, which serves until the other is open. */
    private void beginHandover(long now) {
        dropCandidate();
        handover.begin(++newest);
        openOrAsk(Purpose.HANDOVER, now);
    }

    private void openCandidate() {
        Attempt attempt = attempt(handover.candidate(), handover.url());
        emit(driver -> driver.openCandidate(attempt));
    }

    /** From here on the candidate is the connection. What the old one still brings will be replayed on the new one. */
    private void handOver(long now) {
        acknowledge();
        emit(driver -> driver.closeConnection(GOING_AWAY, "moving"));
        long next = handover.end();
        handover.to(null);
        connectionDown(now);
        connection = next;
        link = Link.CONNECTING;
        emit(Effects::promoteCandidate);
    }

    /** The old connection goes on if it can. */
    private List<Effect> candidateFailed(Loss loss, long now) {
        reconnection.candidateFailed(loss);
        forgetCandidate(loss.retryAfterNanos(), now);
        return taken();
    }

    private void forgetCandidate(long retryAfter, long now) {
        dropCandidate();
        probe(now);
        if (isUp()) handover.failed(now, retryAfter, settings.backoff, jitter);
    }

    private void dropCandidate() {
        if (!handover.isUnderWay()) return;
        handover.end();
        keeper.handoverDropped();
        emit(Effects::dropCandidate);
        // It may have stood for a renewal.
        if (isUp() && !keeper.isAsking()) keeper.candidateDropped();
    }

    // ---- credentials ----

    private void ask(Purpose purpose, CredentialProvider.Reason reason, long now) {
        long number = keeper.ask(purpose, now);
        emit(driver -> driver.askCredential(number, reason));
    }

    private void askForRenewal(long now) {
        if (keeper.isDueForRenewal(now)) ask(Purpose.RENEWAL, CredentialProvider.Reason.EXPIRING, now);
    }

    private void renew(Credential answer, long now) {
        if (!isUp()) return;
        keeper.scheduleRenewal();
        if (answer.place() == Credential.Place.OPEN) {
            if (secretsWithheld) return;
            emit(driver -> driver.sendAuth(answer.value()));
            outbox.envelopeSent();
        } else if (offline) {
            handover.at(now);
        } else {
            dropCandidate();
            handover.begin(++newest);
            openCandidate();
        }
    }

    private void welcomed(long now) {
        welcomeDeadline.clear();
        replayed = 0;
        reconnection.welcomed(now);
        requests.welcomed();
        handover.welcomed();
        restarts = 0;
        keeper.scheduleRenewal();
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
        Loss explained = serverError == null ? bare : bare.withServerError(serverError, serverRetryAfter);
        Outbound suspect = outbox.suspect(explained.closeCode());
        Loss loss = suspect == null ? explained : explained.withSuspect(suspect);
        // What the current connection could not say any more the candidate may, and who goes away has sent us there.
        boolean moving = handover.isUnderWay() && (loss.closeCode() == 0 || loss.closeCode() == GOING_AWAY);
        if (!moving) dropCandidate();
        connectionDown(now);
        if (moving) {
            emit(driver ->
                    driver.connectionFailed(loss, Decision.retry(0, 1, "another connection is being opened", false)));
            connection = handover.end();
            link = Link.CONNECTING;
            keeper.handoverBecomesAttempt();
            emit(Effects::promoteCandidate);
            setState(ClientState.CONNECTING);
            return;
        }
        requests.failed();
        Decision decision = reconnection.after(loss, now);
        emit(driver -> driver.connectionFailed(loss, decision));
        if (!decision.isRetry()) {
            // What the server asks for also holds for an application that connects again.
            notBefore = now + loss.retryAfterNanos();
            setState(ClientState.IDLE);
        } else if (offline) {
            notBefore = notBefore(decision, now);
            waitForNetwork();
        } else {
            notBefore = notBefore(decision, now);
            attemptDue = now + decision.delayNanos();
            setState(ClientState.WAITING);
        }
        goOnClosing();
    }

    private static long notBefore(Decision decision, long now) {
        return decision.isAsked() ? now + decision.delayNanos() : Long.MIN_VALUE;
    }

    private void waitForNetwork() {
        attemptDue = NEVER;
        giveTurnBack();
        waitsForNetwork = true;
        setState(ClientState.OFFLINE);
    }

    /** Returns whether the time of the next attempt is set. */
    public boolean waitsForAttempt() {
        return attemptDue != NEVER;
    }

    /** Whether an attempt will follow by itself. */
    private boolean isWaiting() {
        return attemptDue != NEVER || waitsForNetwork;
    }

    private void connectionDown(long now) {
        reconnection.connectionDown(keeper.isExpired(now), now);
        link = Link.DOWN;
        liveness.stop();
        welcomeDeadline.clear();
        liveDeadline.clear();
        handover.cancel();
        keeper.connectionDown(handover.isUnderWay());
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
        if (link == Link.DOWN && !isWaiting()) {
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
                beginClosing(NORMAL, "");
            } else if (link != Link.REPLAYING) {
                end(NORMAL, "");
            }
        }
    }

    private void beginClosing(int code, String reason) {
        dropCandidate();
        emit(driver -> driver.closeConnection(code, reason));
        link = Link.CLOSING;
        liveness.stop();
        handover.cancel();
        keeper.stopRenewing();
    }

    private void end(int code, String reason) {
        dropCandidate();
        if (link != Link.DOWN) emit(Effects::cancelConnection);
        link = Link.DOWN;
        attemptDue = NEVER;
        giveTurnBack();
        waitsForNetwork = false;
        keeper.connectionDown(false);
        handover.cancel();
        welcomeDeadline.clear();
        closeDue = NEVER;
        liveDeadline.clear();
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
        // Nobody watches the network from here on.
        if (next == ClientState.IDLE) offline = false;
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
        effects = all.size() > MAX_KEPT ? new ArrayList<>() : performed;
        effects.clear();
        performed = all;
        return all;
    }
}
