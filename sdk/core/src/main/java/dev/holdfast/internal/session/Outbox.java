package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stream to the server. A message moves from the queue, where it can still be recalled, to a connection, where it
 * cannot. It is handed over only while the connection has little left to write and the server's window has room. If the
 * server acknowledges messages, the outbox keeps each one until the server has handled it.
 *
 * <p>Subscriptions come first, then messages that go out again, session start messages, and the {@code queue}.
 *
 * <p>Not thread-safe. Not pure: other threads change the queue.
 */
final class Outbox {
    /** The maximum number of messages taken from the queue at once: its lock is held for so many steps, and threads wait to send. */
    private static final int MAX_POLLED = 256;

    private final boolean acknowledged;
    private final long lowMark;

    private final MessageSource queue;
    private final Pace pace;
    private final Batch batch = new Batch();
    /** The messages that were taken from the queue together. Empty between events: all that is taken goes at once. */
    private final List<Outbound> polled = new ArrayList<>(0);
    /** The number of messages of {@code polled} that were handed over. */
    private int polledGone;

    /** Whether the current connection is one over plain HTTP. */
    private boolean overHttp;

    private final SessionStartMessages startMessages = new SessionStartMessages();
    private final SentMessages sent;
    private final AwaitedAcks awaited = new AwaitedAcks();
    private final Subscriptions subscriptions;
    private final Unwritten unwritten = new Unwritten();

    /** The time at which the rate limit lets the next message go, if nothing else delays it. */
    private long paceDue = SessionMachine.NEVER;

    private long maxMessage = Long.MAX_VALUE;

    Outbox(SessionSettings settings, MessageSource queue) {
        this.acknowledged = settings.resumable;
        this.lowMark = settings.lowMark;
        this.queue = queue;
        this.pace = new Pace(settings.rateLimit);
        this.sent = new SentMessages(settings.resendsWithKey);
        this.subscriptions = new Subscriptions(settings.storesCursors, awaited::has);
    }

    SessionStartMessages startMessages() {
        return startMessages;
    }

    /** Returns the messages that wait for a cumulative acknowledgement. */
    SentMessages sent() {
        return sent;
    }

    /** Returns whether every message has its outcome. */
    boolean isEmpty() {
        return queue.nextBytes() < 0 && sent.isEmpty() && awaited.isEmpty() && (acknowledged || unwritten.isEmpty());
    }

    /** Returns the messages that wait for an acknowledgement of their own. */
    AwaitedAcks awaited() {
        return awaited;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    // ---- what a welcome says ----

    /** Makes everything due that a new session begins with. */
    void newSession() {
        subscriptions.newSession();
        startMessages.newSession();
    }

    void setWindow(int maxUnacked, long maxBytes, long largest) {
        maxMessage = largest;
        queue.limitMessages(largest);
        startMessages.offerSkipped();
        sent.setWindow(maxUnacked, maxBytes);
    }

    /** Sets whether the connection that opens is one over plain HTTP: then {@link #batch} has no effect. */
    void setOverHttp(boolean overHttp) {
        this.overHttp = overHttp;
    }

    /** Lets up to {@code max} messages share a frame, and wait for one another for {@code windowNanos}. */
    void batch(int max, long windowNanos) {
        batch.allow(overHttp ? 0 : max, windowNanos);
    }

    /** Resumes the session: see {@link SentMessages#resume}. */
    void resume(long handled, List<Effect> out) {
        sent.resume(handled, maxMessage, out);
    }

    /** Loses the session: see {@link SentMessages#lose}. */
    List<Outbound> lose(long handled, List<Effect> out) {
        return sent.lose(handled, maxMessage, out);
    }

    /** Records that an earlier process sent nothing after its snapshot was taken. */
    void proveRestored() {
        queue.prove();
    }

    /** Ends the messages that an earlier process may have sent after its snapshot was taken. Returns them. */
    List<Outbound> endRestored(String detail, List<Effect> out) {
        List<Outbound> messages = queue.takeUnproven();
        for (Outbound message : messages) {
            message.setUnproven(false);
            message.end(Outcome.unknown(Reason.RESTORED, detail), out);
        }
        return messages;
    }

    // ---- timers ----

    /** Returns when {@link #pump} is due for a message that waits for others to share its frame. */
    long batchDue() {
        return batch.due();
    }

    /** Returns when {@link #pump} is due for the rate limit. */
    long paceDue() {
        return paceDue;
    }

    /** Returns when {@link #expireAwaited} is due. */
    long awaitedDue() {
        return Math.min(awaited.due(), subscriptions.due());
    }

    /** Handles the acknowledgements that have not come in time. */
    void expireAwaited(long now, List<Effect> out) {
        awaited.expire(now, out);
        subscriptions.expire(now);
    }

    /** Returns when the first message expires. */
    long nextExpiry() {
        return queue.nextExpiry();
    }

    /** Ends messages that have waited for too long. */
    void expire(long now, List<Effect> out) {
        if (now < queue.nextExpiry()) return;
        for (Outbound message : queue.takeExpired(now)) message.end(Outcome.expired(), out);
    }

    // ---- to the connection ----

    /** Stops the wait of messages for others. */
    void stopWaiting() {
        batch.stopWaiting();
    }

    /** Hands over as much as may go now. */
    void pump(long now, List<Effect> out) {
        expire(now, out);
        paceDue = SessionMachine.NEVER;
        if (subscriptions.isDue() && !pumpSubscriptions(now, out)) return;
        if (waitsForCompany(now)) return;
        while (unwritten.bytes() < lowMark) {
            Outbound message = next(now, out);
            if (message == null) break;
            pace.handedOver(message.bytes(), now);
            if (acknowledged) {
                sent.handedOver(message);
            } else if (message.payload().kind() == Payload.Kind.PACKET) {
                awaited.handedOver(message, now);
                // The message counts as written with its last part.
                for (int part = message.payload().parts(); part > 1; part--) unwritten.addEnvelope();
            }
            unwritten.add(message);
            batch.add(message, out);
        }
        if (!polled.isEmpty()) throw new IllegalStateException("a message was taken from the queue and may not go");
        batch.end(out);
        if (queue.nextBytes() < 0) batch.over();
    }

    /** Hands over the start packets that are due. Returns false if not all may go now: no message overtakes them. */
    private boolean pumpSubscriptions(long now, List<Effect> out) {
        for (Packet packet; (packet = subscriptions.peek()) != null; ) {
            if (unwritten.bytes() >= lowMark || !mayGo(packet.bytes(), now)) return false;
            pace.handedOver(packet.bytes(), now);
            unwritten.addStart(packet, subscriptions.handOver(now));
            Packet start = packet;
            out.add(driver -> driver.sendControl(start));
        }
        return true;
    }

    /** Returns whether the next message waits for others to share a frame. Messages that go out again have waited enough. */
    private boolean waitsForCompany(long now) {
        boolean waits = queue.nextBytes() >= 0
                && sent.nextToResend() == null
                && startMessages.peek() == null
                && queue.isPatient()
                && batch.waits(now);
        if (!waits) batch.go();
        return waits;
    }

    private @Nullable Outbound next(long now, List<Effect> out) {
        Outbound taken = nextPolled();
        if (taken != null) return handedOver(taken);
        Outbound again = sent.nextToResend();
        if (again == null) again = awaited.nextToResend(out);
        if (again != null) return mayGo(again.bytes(), now) ? again : null;
        if (!awaited.hasRoom()) return null;
        for (Outbound first; (first = startMessages.peek()) != null; ) {
            if (first.bytes() > maxMessage) {
                // No receipt exists for it, and the next welcome may allow it.
                startMessages.skip();
                continue;
            }
            if (!mayGo(first.bytes(), now)) return null;
            startMessages.remove();
            first.handOver(acknowledged ? sent.takeSeq() : 0);
            Outbound start = first;
            out.add(driver -> driver.sessionStartSent(start));
            return start;
        }
        while (true) {
            long bytes = queue.nextBytes();
            if (bytes > maxMessage) {
                Outbound tooLarge = queue.pollLarger(maxMessage);
                if (tooLarge == null) continue;
                tooLarge.handOver(0);
                tooLarge.end(Outbound.tooLarge(tooLarge, maxMessage), out);
                continue;
            }
            if (bytes < 0 || !mayGo(bytes, now)) return null;
            Outbound message = poll(bytes);
            // Another, larger message may have become the next one.
            if (message == null) continue;
            if (!message.payload().isValid()) {
                message.handOver(0);
                message.end(
                        Outcome.cancelled(
                                Reason.CONNECTION_LOST, "the connection or subscription it was meant for has ended"),
                        out);
                continue;
            }
            long ackId = message.payload().ackId();
            // One of the two would never have an outcome.
            if (ackId != 0 && (awaited.has(ackId) || subscriptions.awaits(ackId))) {
                message.handOver(0);
                message.end(Outcome.idInUse(Subscriptions.inUse(ackId)), out);
                continue;
            }
            return handedOver(message);
        }
    }

    private Outbound handedOver(Outbound message) {
        message.handOver(acknowledged ? sent.takeSeq() : 0);
        return message;
    }

    /**
     * Takes the next message, and with it as many as may go behind it: {@link #nextPolled} returns these. Returns null if another
     * message has become the next one.
     *
     * @param bytes what may go
     */
    private @Nullable Outbound poll(long bytes) {
        // With a rate limit, and in an empty window, what may go behind a message depends on its size.
        if (!pace.isUnlimited() || (acknowledged && sent.isWindowFree())) return queue.poll(bytes);
        int maxMessages = acknowledged ? Math.min(sent.freeMessages(), MAX_POLLED) : MAX_POLLED;
        long maxTogether = acknowledged ? sent.freeBytes() : Long.MAX_VALUE;
        queue.poll(maxMessages, maxMessage, maxTogether, lowMark - unwritten.bytes(), polled);
        return nextPolled();
    }

    private @Nullable Outbound nextPolled() {
        if (polled.isEmpty()) return null;
        Outbound message = polled.get(polledGone++);
        if (polledGone == polled.size()) {
            polled.clear();
            polledGone = 0;
        }
        return message;
    }

    private boolean mayGo(long bytes, long now) {
        if (!sent.hasRoom(bytes)) return false;
        long due = pace.due(bytes);
        if (due <= now) return true;
        paceDue = due;
        return false;
    }

    /** Records that an envelope of the session was sent. */
    void envelopeSent() {
        unwritten.addEnvelope();
    }

    /** Records that a control message was sent. Returns false if too many of them wait: it must not be sent then. */
    boolean controlSent(Packet packet) {
        return unwritten.addControl(packet);
    }

    Unwritten unwritten() {
        return unwritten;
    }

    /** Records that an acknowledgement was sent. */
    void acknowledgementSent() {
        unwritten.addAcknowledgement();
    }

    /**
     * Records that the connection has written {@code count} more entries.
     *
     * @return whether an acknowledgement was among them
     */
    boolean written(int count, long now, List<Effect> out) {
        boolean acknowledgement = false;
        for (int i = 0; i < count; i++) {
            Outbound entry;
            do {
                entry = unwritten.remove();
                entry.setInSocketSince(now);
                acknowledgement |= Unwritten.isAcknowledgement(entry);
                if (Unwritten.isMessage(entry)) written(entry, count - i, out);
                else Unwritten.startWritten(entry);
            } while (entry.isJoined());
        }
        return acknowledgement;
    }

    private void written(Outbound message, int expected, List<Effect> out) {
        if (acknowledged || message.payload().isAcknowledgedById()) {
            message.markWritten(expected, out);
        } else {
            message.endWritten(expected, out);
        }
    }

    /** Returns the message that probably ended the connection: see {@link SentMessages#suspect}. */
    @Nullable
    Outbound suspect(int closeCode, boolean ofLastWritten) {
        return sent.suspect(closeCode, ofLastWritten);
    }

    /** Makes messages under way due again; without acknowledgements, their outcome is unknown. */
    void connectionLost(List<Effect> out) {
        if (acknowledged) {
            sent.connectionLost();
        } else {
            for (Outbound message; (message = unwritten.pollMessage()) != null; ) {
                if (message.payload().isAcknowledgedById()) continue;
                message.end(
                        Outcome.unknown(Reason.CONNECTION_LOST, "the connection was lost while it was written"), out);
            }
        }
        awaited.connectionLost(out);
        subscriptions.connectionLost();
        unwritten.clear();
        batch.forbid();
    }

    /** Ends every message, because the client ends. */
    void cancel(List<Effect> out) {
        connectionLost(out);
        sent.cancel(out);
        awaited.cancel(out);
        for (Outbound message : queue.end()) {
            Outcome cancelled = Outcome.cancelled(Reason.CLIENT_CLOSED, "the client ended before it was sent");
            message.end(message.ifNotStored(cancelled), out);
        }
    }
}
