package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The session on the current connection: the welcome and the replay with their deadlines, and both streams of
 * messages. It knows nothing of attempts, networks or credentials.
 *
 * <p>Each method handles one event, adds effects to {@code out} and returns the machine's next step.
 *
 * <p>Not thread-safe.
 */
final class SessionStream {
    enum Phase {
        /** There is no connection, or it is being closed. */
        CLOSED,
        /** Waiting for the welcome. */
        OPENING,
        /** The session is open, and the server replays what the client missed. */
        REPLAYING,
        LIVE
    }

    enum Verdict {
        NONE,
        /** The server has welcomed the client. */
        WELCOMED,
        /** The replay has ended, or there is none. */
        LIVE,
        /** The server sent something that only a working session brings. */
        PROGRESS,
        /** The server broke the session protocol, see {@link #fault}. */
        VIOLATION,
        /** The server lost writes that it had confirmed, so the session has ended; see {@link #fault}. */
        ROLLED_BACK
    }

    private final SessionSettings settings;
    final Outbox outbox;
    private final Inbox inbox;
    private final SessionIdentity identity;
    private final OverdueAck overdue;
    private final StoredCursors cursors;
    final OpeningDeadlines deadlines;
    final ClientHeartbeat heartbeat = new ClientHeartbeat();

    private Phase phase = Phase.CLOSED;

    /** Whether the current connection resumed the session. */
    private boolean resumed;
    /** How many messages were replayed on the current connection. */
    private long replayed;

    /** The highest seq that the server has said it has handled in this session. */
    private long acknowledged;
    /** The silence after which the server's heartbeat, which the welcome announced, is overdue; 0 for none. */
    private long serverHeartbeatNanos;

    private String fault = "";

    SessionStream(SessionSettings settings, MessageSource queue) {
        this.settings = settings;
        this.outbox = new Outbox(settings, queue);
        this.inbox = new Inbox(settings.tracksStream(), settings.rememberedIds);
        this.identity = new SessionIdentity(settings, outbox, inbox);
        this.cursors = outbox.subscriptions().cursors();
        this.overdue = new OverdueAck(settings.heartbeat.intervalNanos());
        this.deadlines = new OpeningDeadlines(settings.welcomeTimeoutNanos);
        if (settings.start != null) inbox.resumeAfter(settings.start);
    }

    Phase phase() {
        return phase;
    }

    /** Returns whether messages flow. */
    boolean isUp() {
        return phase == Phase.REPLAYING || phase == Phase.LIVE;
    }

    /** Returns whether every message has its outcome. */
    boolean isEmpty() {
        return outbox.isEmpty();
    }

    /** Returns the id of the last message that the client has, null for none. */
    @Nullable
    String lastReceived() {
        return inbox.lastReceived();
    }

    /** Returns the server's fault. */
    String fault() {
        return fault;
    }

    private Verdict violation(String error) {
        fault = error;
        return Verdict.VIOLATION;
    }

    // ---- timers ----

    /** Returns the silence after which the server's own heartbeat is overdue, 0 if it announced none. */
    long serverHeartbeatNanos() {
        return serverHeartbeatNanos;
    }

    long ackDue() {
        return isUp() ? Math.min(inbox.ackDue(), cursors.due()) : cursors.due();
    }

    long expiryDue() {
        return outbox.nextExpiry();
    }

    long paceDue() {
        return isUp() ? outbox.paceDue() : SessionMachine.NEVER;
    }

    long batchDue() {
        return isUp() ? outbox.batchDue() : SessionMachine.NEVER;
    }

    /** Returns the time since which the oldest message in a socket has waited for its acknowledgement. */
    long unansweredSince() {
        Outbound oldest = outbox.sent().oldestInFlight();
        return oldest == null ? SessionMachine.NEVER : oldest.inSocketSince();
    }

    // ---- requests of the application ----

    /** Sends a message at the start of every new session from now on, and at once if there is a session. */
    void putStartMessage(String name, Supplier<Outbound> message) {
        boolean begun = settings.opens ? identity.isKnownToServer() : isUp();
        outbox.startMessages().put(name, message, begun);
    }

    void withdraw(String name) {
        outbox.startMessages().remove(name);
    }

    SessionIdentity identity() {
        return identity;
    }

    /** See {@link SessionStartMessages#changes}. Counts nothing before the server has said that it knows the session. */
    int startMessageChanges() {
        return settings.resumable && identity.isKnownToServer()
                ? outbox.startMessages().changes()
                : 0;
    }

    /** Returns the session start messages that were sent in the session, by name. */
    Map<String, Payload> sentStartMessages() {
        return outbox.startMessages().sent();
    }

    /** Goes on after a message that another process has handled, in a session that resumes from the last message id. */
    void restorePosition(String position) {
        inbox.resumeAfter(position);
    }

    /** Handles the marks of messages that the application has handled. */
    void onHandled(long now, List<Effect> out) {
        inbox.handled(now);
        cursors.handled(now);
        acknowledgeIfDue(now, out);
    }

    boolean isAckPending() {
        return inbox.isAckPending() || cursors.due() != SessionMachine.NEVER;
    }

    /** Stops the wait of messages for others that share their frame. */
    void stopWaiting() {
        outbox.stopWaiting();
    }

    // ---- the connection ----

    /** Sets whether the connection that opens is one over plain HTTP. */
    void setOverHttp(boolean overHttp) {
        outbox.setOverHttp(overHttp);
    }

    /**
     * Handles the end of the upgrade.
     *
     * @param withheld whether the server must not get secrets
     * @param auth the credential for the first envelope, null for none
     */
    Verdict open(boolean withheld, @Nullable String auth, long now, List<Effect> out) {
        replayed = 0;
        if (settings.opens) {
            phase = Phase.OPENING;
            deadlines.opening(now);
            identity.prepareOpen(withheld, auth);
            if (!settings.serverOpens) sendOpen(out);
            return Verdict.NONE;
        }
        String last = inbox.lastReceived();
        if (settings.opensWithLast && last != null) {
            out.add(driver -> driver.sendOpen(Open.after(last)));
            outbox.envelopeSent();
        }
        outbox.newSession();
        phase = Phase.LIVE;
        return Verdict.LIVE;
    }

    private boolean sendOpen(List<Effect> out) {
        Open open = identity.takeOpen();
        if (open == null) return false;
        out.add(driver -> driver.sendOpen(open));
        outbox.envelopeSent();
        return true;
    }

    /** Handles the server's first message, which the client's open waits for. */
    Verdict onHello(List<Effect> out) {
        return phase == Phase.CLOSED || sendOpen(out) ? Verdict.NONE : violation("hello out of place");
    }

    /** Answers a control message of the protocol, unless an answer is still unwritten: the server needs one only. */
    void reply(Packet reply, List<Effect> out) {
        if (phase == Phase.CLOSED || !inbox.beginReply()) return;
        out.add(driver -> driver.sendControl(reply));
        outbox.acknowledgementSent();
    }

    /** Records that the client is closing the current connection. */
    void closing() {
        phase = Phase.CLOSED;
        deadlines.clear();
        heartbeat.stop();
    }

    /** Handles the end of the connection. */
    void connectionLost(List<Effect> out) {
        closing();
        inbox.connectionLost();
        outbox.connectionLost(out);
    }

    /** Returns the loss with the message that probably caused it. Call before {@link #connectionLost}. */
    Loss suspected(Loss loss) {
        Outbound suspect = outbox.suspect(loss.closeCode(), loss.isOfLastWritten());
        return suspect == null ? loss : loss.withSuspect(suspect);
    }

    /** Ends the stream, because the client ends. */
    void end(List<Effect> out) {
        closing();
        cursors.end();
        inbox.connectionLost();
        outbox.cancel(out);
    }

    // ---- the welcome ----

    Verdict onWelcome(Welcome welcome, long now, List<Effect> out) {
        if (phase != Phase.OPENING) return violation("welcome out of place");
        String wrong = identity.faultOf(welcome);
        if (wrong != null) return violation(wrong);
        if (identity.isRolledBack(welcome)) {
            fault = identity.endRolledBack(welcome, out);
            // Otherwise the key would stay valid, and an old snapshot could continue a session that has ended here.
            out.add(Effects::sendBye);
            outbox.envelopeSent();
            return Verdict.ROLLED_BACK;
        }
        resumed = welcome.resumed;
        acknowledged = resumed ? welcome.handled : 0;
        identity.accept(welcome, now, out);
        serverHeartbeatNanos = welcome.serverHeartbeatNanos;
        phase = Phase.REPLAYING;
        heartbeat.start(welcome, now);
        if (!settings.resumable) return onLive(out);
        deadlines.replaying(now);
        acknowledgeIfDue(now, out);
        pump(now, out);
        return Verdict.WELCOMED;
    }

    /** Handles the end of the replay. */
    Verdict onLive(List<Effect> out) {
        if (phase != Phase.REPLAYING) return violation("live out of place");
        deadlines.clear();
        outbox.sent().replayed(out);
        boolean again = resumed;
        long count = replayed;
        out.add(driver -> driver.sessionOpened(again, count));
        phase = Phase.LIVE;
        return Verdict.LIVE;
    }

    // ---- from the server ----

    Verdict onMessage(Inbound message, long now, List<Effect> out) {
        String id = message.id();
        if (phase == Phase.OPENING && !settings.serverOpens) return violation("message before welcome");
        if (id != null && !inbox.receive(id)) return duplicate(out);
        if (phase == Phase.OPENING || phase == Phase.REPLAYING) {
            replayed++;
            deadlines.progress(now);
        }
        return deliver(message, out);
    }

    /** Handles a position that comes without a message. */
    void onPosition(@Nullable String id, long now, List<Effect> out) {
        inbox.moveTo(id);
        if (id == null) return;
        Inbound place = new Inbound(id, Payload.text(""), 0).in(identity.sid());
        inbox.give(place);
        place.markHandled();
        onHandled(now, out);
    }

    Verdict deliver(@Nullable String id, Payload payload, long cost, List<Effect> out) {
        return deliver(new Inbound(id, payload, cost), out);
    }

    /** @param mark its place in its subscription, null if the cursor of that is not stored */
    Verdict deliver(Payload payload, long cost, @Nullable CursorMark mark, List<Effect> out) {
        return deliver(new Inbound(null, payload, cost, mark), out);
    }

    private Verdict deliver(Inbound message, List<Effect> out) {
        inbox.give(message.in(identity.sid()));
        out.add(message);
        return Verdict.PROGRESS;
    }

    static Verdict duplicate(List<Effect> out) {
        out.add(Effects::duplicateDropped);
        return Verdict.NONE;
    }

    Verdict onAck(long seq, long now, List<Effect> out) {
        if (phase == Phase.OPENING) return violation("ack before welcome");
        if (!outbox.sent().acknowledge(seq, out)) return violation("ack of " + seq + ", never sent");
        // An acknowledgement without a new seq achieves nothing, and none belongs to the replay.
        boolean isNew = seq > acknowledged;
        if (isNew) acknowledged = seq;
        pump(now, out);
        return isNew ? Verdict.PROGRESS : Verdict.NONE;
    }

    Verdict onAcknowledged(long ackId, @Nullable Payload answer, long cost, long now, List<Effect> out) {
        if (!isUp()) return Verdict.NONE;
        if (!outbox.subscriptions().acknowledge(ackId) && !outbox.awaited().acknowledge(ackId, out))
            return Verdict.NONE;
        pump(now, out);
        return answer == null ? Verdict.PROGRESS : deliver(null, answer, cost, out);
    }

    Verdict onReject(String id, long seq, String code, @Nullable String detail, long now, List<Effect> out) {
        if (phase == Phase.OPENING) return violation("reject before welcome");
        if (inbox.hasReceived(id)) return duplicate(out);
        Outcome outcome = Outcome.rejected(code, detail);
        Outbound message = outbox.sent().reject(seq, outcome, out);
        boolean ofEarlierProcess = message == null && identity.isFromSnapshot() && seq > 0 && seq <= acknowledged;
        if (message == null && !ofEarlierProcess) {
            return violation("reject of " + seq + ", which waits for no outcome");
        }
        inbox.receive(id);
        if (phase == Phase.REPLAYING) deadlines.progress(now);
        Payload payload = message == null ? Payload.text("") : message.payload();
        Inbound place = new Inbound(id, payload, 0).in(identity.sid());
        inbox.give(place);
        if (message == null) {
            // An earlier process received it, or sent a message that the snapshot does not know.
            place.markHandled();
            onHandled(now, out);
        } else {
            out.add(driver -> driver.rejected(message, outcome, place));
        }
        return Verdict.PROGRESS;
    }

    // ---- to the server ----

    /** Hands over as many messages as may go now. */
    void pump(long now, List<Effect> out) {
        if (isUp()) outbox.pump(now, out);
        Subscriptions subscriptions = outbox.subscriptions();
        if (subscriptions.hasReports()) subscriptions.takeReports().forEach(report -> deliver(null, report, 0, out));
        for (CursorMark mark : cursors.takeAbandoned()) out.add(driver -> driver.abandoned(mark.cost));
    }

    /** Sends a packet of the protocol that is no message. */
    void sendControl(Packet packet, List<Effect> out) {
        out.add(driver -> driver.sendControl(packet));
        outbox.envelopeSent();
    }

    /** Sends a packet of the protocol that is no message. Returns false if too many of them wait to be written. */
    boolean sendBounded(Packet packet, List<Effect> out) {
        if (phase == Phase.CLOSED) return true;
        if (!outbox.controlSent(packet)) return false;
        out.add(driver -> driver.sendControl(packet));
        return true;
    }

    void expire(long now, List<Effect> out) {
        outbox.expire(now, out);
    }

    /** Records that the connection has written {@code count} more entries of what it was given. */
    void onWritten(int count, long now, List<Effect> out) {
        heartbeat.written(now);
        if (outbox.written(count, now, out)) inbox.ackWritten();
        acknowledgeIfDue(now, out);
        pump(now, out);
    }

    /** Records that an envelope outside the stream was sent. */
    void envelopeSent() {
        outbox.envelopeSent();
    }

    void acknowledgeIfDue(long now, List<Effect> out) {
        if (now >= ackDue()) acknowledge(out);
    }

    /** Acknowledges everything handled now. */
    void acknowledge(List<Effect> out) {
        cursors.looked();
        String last = inbox.ack();
        if (last == null) return;
        if (!settings.resumable) {
            // The position is for the store alone.
            inbox.ackWritten();
            return;
        }
        out.add(driver -> driver.sendAck(last));
        outbox.acknowledgementSent();
    }

    /** Sends the bye envelope, which ends the session on the server. */
    void bye(List<Effect> out) {
        acknowledge(out);
        if (!settings.opens) return;
        identity.over();
        if (!settings.saysBye) return;
        out.add(Effects::sendBye);
        outbox.envelopeSent();
    }

    void reportOverdue(long now, List<Effect> out) {
        overdue.report(outbox.sent().oldestInFlight(), now, out);
    }

    /** Returns whether the counts agree with the messages. Costly: for assertions. */
    boolean isConsistent() {
        return outbox.sent().isConsistent();
    }
}
