package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stream to the server. A message moves from the queue, where it can still be recalled, to a connection, where it
 * cannot. It is handed over only while the connection has little left to write and the server's window has room. If the
 * server acknowledges messages, the outbox keeps each one until the server has handled it.
 *
 * <p>Messages that go out again come first, then session start messages, then the {@code queue}.
 *
 * <p>Not thread-safe. Not pure: other threads change the queue.
 */
final class Outbox {
    private final boolean acknowledged;
    private final long lowMark;

    private final MessageSource queue;
    private final Pace pace;
    private final Batch batch = new Batch();
    private final SessionStartMessages startMessages = new SessionStartMessages();
    private final SentMessages sent;
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
    }

    SessionStartMessages startMessages() {
        return startMessages;
    }

    /** Returns the messages that wait for their acknowledgement. */
    SentMessages sent() {
        return sent;
    }

    /** Returns whether every message has its outcome. */
    boolean isEmpty() {
        return queue.nextBytes() < 0 && sent.isEmpty() && (acknowledged || unwritten.isEmpty());
    }

    // ---- what a welcome says ----

    void setWindow(int maxUnacked, long maxBytes, long largest) {
        maxMessage = largest;
        queue.limitMessages(largest);
        startMessages.offerSkipped();
        sent.setWindow(maxUnacked, maxBytes);
    }

    /** Lets up to {@code max} messages share a frame, and wait for one another for {@code windowNanos}. */
    void batch(int max, long windowNanos) {
        batch.allow(max, windowNanos);
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
        if (waitsForCompany(now)) return;
        while (unwritten.bytes() < lowMark) {
            Outbound message = next(now, out);
            if (message == null) break;
            pace.handedOver(message.bytes(), now);
            if (acknowledged) sent.handedOver(message);
            unwritten.add(message);
            batch.add(message, out);
        }
        batch.end(out);
        if (queue.nextBytes() < 0) batch.over();
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
        Outbound again = sent.nextToResend();
        if (again != null) return mayGo(again.bytes(), now) ? again : null;
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
            Outbound message = queue.poll(bytes);
            // Another, larger message may have become the next one.
            if (message == null) continue;
            message.handOver(acknowledged ? sent.takeSeq() : 0);
            return message;
        }
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
                if (Unwritten.isMessage(entry)) written(entry, out);
            } while (entry.isJoined());
        }
        return acknowledgement;
    }

    private void written(Outbound message, List<Effect> out) {
        message.markWritten(out);
        if (!acknowledged) message.end(Outcome.written(), out);
    }

    /** Makes messages under way due again; without acknowledgements, their outcome is unknown. */
    void connectionLost(List<Effect> out) {
        if (acknowledged) {
            sent.connectionLost();
        } else {
            for (Outbound message; (message = unwritten.pollMessage()) != null; ) {
                message.end(
                        Outcome.unknown(Reason.CONNECTION_LOST, "the connection was lost while it was written"), out);
            }
        }
        unwritten.clear();
        batch.forbid();
    }

    /** Ends every message, because the client ends. */
    void cancel(List<Effect> out) {
        connectionLost(out);
        sent.cancel(out);
        for (Outbound message : queue.end()) {
            message.end(Outcome.cancelled(Reason.CLIENT_CLOSED, "the client ended before it was sent"), out);
        }
    }
}
