package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    /** The minimum time for the server to act after the process was suspended. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final SessionSettings settings;
    private final Outbox outbox;
    private final Inbox inbox;
    private final SessionIdentity identity;

    private Phase phase = Phase.CLOSED;

    /** Whether the current connection resumed the session. */
    private boolean resumed;
    /** How many messages were replayed on the current connection. */
    private long replayed;

    /** The highest seq that the server has said it has handled in this session. */
    private long acknowledged;

    /** The message that was last reported as overdue. */
    private @Nullable Outbound reportedOverdue;

    private String fault = "";

    private final Deadline welcomeDeadline = new Deadline();
    /** The deadline of the replay, which restarts with each of its messages and rejections. */
    private final Deadline replayDeadline = new Deadline();

    SessionStream(SessionSettings settings, MessageSource queue) {
        this.settings = settings;
        this.outbox = new Outbox(settings, queue);
        this.inbox = new Inbox(settings.resumable, settings.rememberedIds);
        this.identity = new SessionIdentity(settings, outbox, inbox);
        if (settings.start != null) inbox.receive(settings.start);
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

    long welcomeDue() {
        return welcomeDeadline.due();
    }

    long replayDue() {
        return replayDeadline.due();
    }

    long ackDue() {
        return isUp() ? inbox.ackDue() : SessionMachine.NEVER;
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

    boolean isWelcomeOverdue(long now) {
        return welcomeDeadline.isOver(now);
    }

    boolean isReplayOverdue(long now, long lastInboundAt) {
        if (!replayDeadline.isOver(now)) return false;
        restart(replayDeadline, now);
        // While reading is stopped, the replay cannot proceed.
        return lastInboundAt < now;
    }

    private void restart(Deadline deadline, long now) {
        deadline.set(now + settings.welcomeTimeoutNanos, settings.welcomeTimeoutNanos);
    }

    /** Handles a suspension of the process: silence in that time proves nothing. */
    void onSuspended(long now) {
        if (welcomeDeadline.isSet()) welcomeDeadline.postpone(now + GRACE_NANOS);
        if (replayDeadline.isSet()) replayDeadline.postpone(now + GRACE_NANOS);
    }

    // ---- requests of the application ----

    /** Sends a message at the start of every new session from now on, and at once if there is a session. */
    void putStartMessage(String name, Supplier<Outbound> message) {
        boolean begun = settings.resumable ? identity.isKnownToServer() : isUp();
        outbox.startMessages().put(name, message, begun);
    }

    void withdraw(String name) {
        outbox.startMessages().remove(name);
    }

    /** Returns what another process needs to continue the session, null if there is none. */
    @Nullable
    Snapshot snapshot() {
        return identity.snapshot();
    }

    /** Takes over the session of another process. */
    void restore(Snapshot snapshot) {
        identity.restore(snapshot);
    }

    /** Handles the marks of messages that the application has handled. */
    void onHandled(long now, List<Effect> out) {
        inbox.handled(now);
        acknowledgeIfDue(now, out);
    }

    boolean isAckPending() {
        return inbox.isAckPending();
    }

    /** Stops the wait of messages for others that share their frame. */
    void stopWaiting() {
        outbox.stopWaiting();
    }

    // ---- the connection ----

    /**
     * Handles the end of the upgrade.
     *
     * @param withheld whether the server must not get secrets
     * @param auth the credential for the first envelope, null for none
     */
    Verdict open(boolean withheld, @Nullable String auth, long now, List<Effect> out) {
        replayed = 0;
        if (settings.resumable) {
            phase = Phase.OPENING;
            Open open = identity.open(withheld, auth);
            out.add(driver -> driver.sendOpen(open));
            outbox.envelopeSent();
            restart(welcomeDeadline, now);
            return Verdict.NONE;
        }
        String last = inbox.lastReceived();
        if (settings.opensWithLast && last != null) {
            out.add(driver -> driver.sendOpen(Open.after(last)));
            outbox.envelopeSent();
        }
        outbox.startMessages().newSession();
        phase = Phase.LIVE;
        return Verdict.LIVE;
    }

    /** Records that the client is closing the current connection. */
    void closing() {
        phase = Phase.CLOSED;
        welcomeDeadline.clear();
        replayDeadline.clear();
    }

    /** Handles the end of the connection. */
    void connectionLost(List<Effect> out) {
        closing();
        inbox.connectionLost();
        outbox.connectionLost(out);
    }

    /** Returns the loss with the message that probably caused it. Call before {@link #connectionLost}. */
    Loss suspected(Loss loss) {
        Outbound suspect = outbox.sent().suspect(loss.closeCode());
        return suspect == null ? loss : loss.withSuspect(suspect);
    }

    /** Ends the stream, because the client ends. */
    void end(List<Effect> out) {
        closing();
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
        phase = Phase.REPLAYING;
        welcomeDeadline.clear();
        restart(replayDeadline, now);
        acknowledgeIfDue(now, out);
        pump(now, out);
        return Verdict.WELCOMED;
    }

    /** Handles the end of the replay. */
    Verdict onLive(List<Effect> out) {
        if (phase != Phase.REPLAYING) return violation("live out of place");
        replayDeadline.clear();
        outbox.sent().replayed(out);
        boolean again = resumed;
        long count = replayed;
        out.add(driver -> driver.sessionOpened(again, count));
        phase = Phase.LIVE;
        return Verdict.LIVE;
    }

    // ---- from the server ----

    Verdict onMessage(@Nullable String id, Payload payload, long cost, long now, List<Effect> out) {
        if (phase == Phase.OPENING) return violation("message before welcome");
        if (id != null && !inbox.receive(id)) return duplicate(out);
        if (phase == Phase.REPLAYING) {
            replayed++;
            restart(replayDeadline, now);
        }
        Inbound message = new Inbound(inbox.epoch(), id, payload, cost);
        inbox.give(message);
        out.add(driver -> driver.deliver(message));
        return Verdict.PROGRESS;
    }

    private static Verdict duplicate(List<Effect> out) {
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

    Verdict onReject(String id, long seq, String code, @Nullable String detail, long now, List<Effect> out) {
        if (phase == Phase.OPENING) return violation("reject before welcome");
        if (inbox.hasReceived(id)) return duplicate(out);
        Outbound message = outbox.sent().reject(seq, out);
        boolean ofEarlierProcess = message == null && identity.isFromSnapshot() && seq > 0 && seq <= acknowledged;
        if (message == null && !ofEarlierProcess) {
            return violation("reject of " + seq + ", which waits for no outcome");
        }
        inbox.receive(id);
        if (phase == Phase.REPLAYING) restart(replayDeadline, now);
        Payload payload = message == null ? Payload.text("") : message.payload();
        Inbound place = new Inbound(inbox.epoch(), id, payload, 0);
        inbox.give(place);
        if (message == null) {
            // An earlier process received it, or sent a message that the snapshot does not know.
            place.markHandled();
            onHandled(now, out);
        } else {
            out.add(driver -> driver.rejected(message, Outcome.rejected(code, detail), place));
        }
        return Verdict.PROGRESS;
    }

    // ---- to the server ----

    /** Hands over as many messages as may go now. */
    void pump(long now, List<Effect> out) {
        if (isUp()) outbox.pump(now, out);
    }

    void expire(long now, List<Effect> out) {
        outbox.expire(now, out);
    }

    /** Records that the connection has written {@code count} more entries of what it was given. */
    void onWritten(int count, long now, List<Effect> out) {
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
        String last = inbox.ack();
        if (last == null) return;
        out.add(driver -> driver.sendAck(last));
        outbox.acknowledgementSent();
    }

    /** Sends the bye envelope, which ends the session on the server. */
    void bye(List<Effect> out) {
        acknowledge(out);
        if (!settings.resumable) return;
        out.add(Effects::sendBye);
        outbox.envelopeSent();
    }

    /** Reports an overdue message. The server answers, so it reads; the message is late after an interval. */
    void reportOverdue(long now, List<Effect> out) {
        Outbound oldest = outbox.sent().oldestInFlight();
        if (oldest == null || oldest == reportedOverdue || oldest.isEnded()) return;
        long since = oldest.inSocketSince();
        if (since == SessionMachine.NEVER || now - since < settings.heartbeat.intervalNanos()) return;
        reportedOverdue = oldest;
        out.add(driver -> driver.ackOverdue(oldest, now - since));
    }

    /** Returns whether the counts agree with the messages. Costly: for assertions. */
    boolean isConsistent() {
        return outbox.sent().isConsistent();
    }
}
