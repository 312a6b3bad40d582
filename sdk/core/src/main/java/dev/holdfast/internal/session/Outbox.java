package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.RateLimit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stream to the server. A message moves from the queue, where it can still be recalled, to a connection, from where
 * it can't. It is handed over only while the connection has little of ours left to write and the server's window has
 * room; with acknowledgements it is kept until the server has handled it.
 *
 * <p>With acknowledgements, in the order of their seqs: {@code covered} by a welcome, then {@code sent}: in flight on this
 * connection or to be sent again on it, and last, without a seq, the {@code standing} ones and those in the {@code queue}.
 */
final class Outbox {
    /** Stands in {@link #unwritten} for an envelope of the session itself. */
    private static final Outbound ENVELOPE = new Outbound(Payload.text(""), 0, "envelope");

    /** The same for an acknowledgement. */
    private static final Outbound ACKNOWLEDGEMENT = new Outbound(Payload.text(""), 0, "acknowledgement");

    /** What we keep for sending again, however much more the server would let us. */
    private static final int MAX_UNACKNOWLEDGED = 65_536;

    private static final long MAX_UNACKNOWLEDGED_BYTES = 16 * 1024 * 1024;

    private final boolean acknowledged;
    private final long lowMark;

    private final MessageSource queue;
    private final Pace pace;
    private final Batch batch = new Batch();
    private final Standing standing = new Standing();
    /** The server says that it dealt with them; until the replay is over a refusal may still turn up in it. */
    private final SeqRing covered = new SeqRing();
    /** Handed over and not covered: first those in flight on this connection, then those to send again on it. */
    private final SeqRing sent = new SeqRing();

    private int inFlight;

    private final RecentlyAcknowledged recent = new RecentlyAcknowledged();
    /**
     * Up to which seq the server has said that it dealt with all, over all connections of the session: by an acknowledgement,
     * or by a rejection, which comes only when all before it is dealt with.
     */
    private long acknowledgedSeq;

    /** What the connection was given and has not written, envelopes among it. */
    private final ArrayDeque<Outbound> unwritten = new ArrayDeque<>(1);

    private long unwrittenBytes;
    private long nextSeq = 1;

    private boolean acknowledgementUnwritten;

    /** The bytes of covered and inFlight: what weighs on the server's window. */
    private long outstandingBytes;

    /** When the rate limit lets the next message go, if nothing else holds it up. */
    private long paceDue = SessionMachine.NEVER;

    private final Suspicion suspicion = new Suspicion();
    private long maxMessage = Long.MAX_VALUE;
    private int maxUnacked = MAX_UNACKNOWLEDGED;
    private long maxBytes = MAX_UNACKNOWLEDGED_BYTES;

    /**
     * @param acknowledged whether the server acknowledges; where not, a message is over once it is written
     * @param lowMark hand over only while fewer bytes than this wait in the connection
     */
    Outbox(boolean acknowledged, long lowMark, MessageSource queue, @Nullable RateLimit rateLimit) {
        this.acknowledged = acknowledged;
        this.lowMark = lowMark;
        this.queue = queue;
        this.pace = new Pace(rateLimit);
    }

    /** As many messages as {@code most} may share a frame, and wait for one another as long as {@code windowNanos}. */
    void batch(int most, long windowNanos) {
        batch.allow(most, windowNanos);
    }

    /** Nothing more is to come that would be worth waiting for. */
    void stopWaiting() {
        batch.stopWaiting();
    }

    /** When {@link #pump} is due for what waits for company, if it is. */
    long batchDue() {
        return batch.due();
    }

    void setWindow(int maxUnacked, long maxBytes, long maxMessage) {
        this.maxMessage = maxMessage;
        queue.limitMessages(maxMessage);
        standing.offerSkipped();
        this.maxUnacked = Math.min(maxUnacked, MAX_UNACKNOWLEDGED);
        this.maxBytes = Math.min(maxBytes, MAX_UNACKNOWLEDGED_BYTES);
    }

    /** Everything that was sent is over. */
    boolean isEmpty() {
        return queue.nextBytes() < 0 && sent.isEmpty() && covered.isEmpty() && (acknowledged || unwritten.isEmpty());
    }

    Standing standing() {
        return standing;
    }

    long highestSeq() {
        return nextSeq - 1;
    }

    /** When the first message expires that can. */
    long nextExpiry() {
        return queue.nextExpiry();
    }

    /** When {@link #pump} is due for the rate limit's sake, if it is. */
    long paceDue() {
        return paceDue;
    }

    /** Ends what has waited for too long. */
    void expire(long now, List<Effect> out) {
        if (now < queue.nextExpiry()) return;
        for (Outbound message : queue.takeExpired(now)) end(message, Outcome.expired(), out);
    }

    /** Hands over as much as may go now: what must be sent again first. */
    void pump(long now, List<Effect> out) {
        expire(now, out);
        paceDue = SessionMachine.NEVER;
        if (waitsForCompany(now)) return;
        while (unwrittenBytes < lowMark) {
            Outbound message = next(now, out);
            if (message == null) break;
            pace.handedOver(message.bytes(), now);
            if (acknowledged) {
                // One that is sent again is there already.
                if (inFlight == sent.size()) sent.add(message);
                inFlight++;
                message.setInSocketSince(SessionMachine.NEVER);
                outstandingBytes += message.bytes();
            }
            unwritten.add(message);
            unwrittenBytes += message.bytes();
            batch.add(message, out);
        }
        batch.end(out);
        if (queue.nextBytes() < 0) batch.over();
    }

    /** Whether what would go waits for others to share a frame with. What is sent again has waited long enough. */
    private boolean waitsForCompany(long now) {
        boolean waits = queue.nextBytes() >= 0
                && !mustResend()
                && standing.peek() == null
                && queue.isPatient()
                && batch.waits(now);
        if (!waits) batch.go();
        return waits;
    }

    private @Nullable Outbound next(long now, List<Effect> out) {
        if (mustResend()) {
            Outbound again = sent.get(inFlight);
            return mayGo(again.bytes(), now) ? again : null;
        }
        for (Outbound first; (first = standing.peek()) != null; ) {
            if (first.bytes() > maxMessage) {
                // Nobody holds a receipt, and the next welcome may allow it.
                standing.skip();
                continue;
            }
            if (!mayGo(first.bytes(), now)) return null;
            standing.remove();
            first.handOver(acknowledged ? nextSeq++ : 0);
            Outbound sent = first;
            out.add(driver -> driver.standingSent(sent));
            return sent;
        }
        while (true) {
            long bytes = queue.nextBytes();
            if (bytes > maxMessage) {
                Outbound tooLarge = queue.pollLarger(maxMessage);
                if (tooLarge == null) continue;
                tooLarge.handOver(0);
                end(tooLarge, Outbound.tooLarge(tooLarge, maxMessage), out);
                continue;
            }
            if (bytes < 0 || !mayGo(bytes, now)) return null;
            Outbound message = queue.poll(bytes);
            // Where another, larger one goes next by now, look again.
            if (message == null) continue;
            message.handOver(acknowledged ? nextSeq++ : 0);
            return message;
        }
    }

    private boolean mustResend() {
        return inFlight < sent.size();
    }

    private boolean mayGo(long bytes, long now) {
        if (!windowHasRoom(bytes)) return false;
        long due = pace.due(bytes);
        if (due <= now) return true;
        paceDue = due;
        return false;
    }

    private boolean windowHasRoom(long bytes) {
        // A message larger than the whole window goes alone: the server may take it, and it would never fit.
        int outstanding = covered.size() + inFlight;
        return outstanding == 0 || (outstanding < maxUnacked && outstandingBytes + bytes <= maxBytes);
    }

    /** An envelope of the session's own was sent. */
    void envelopeSent() {
        unwritten.add(ENVELOPE);
    }

    /** An acknowledgement was sent. */
    void acknowledgementSent() {
        unwritten.add(ACKNOWLEDGEMENT);
        acknowledgementUnwritten = true;
    }

    /** Whether the connection still holds one. They are cumulative, so another would only take room. */
    boolean isAcknowledgementUnwritten() {
        return acknowledgementUnwritten;
    }

    /** The connection has written {@code count} more of what it was given. */
    void written(int count, long now, List<Effect> out) {
        for (int i = 0; i < count; i++) {
            Outbound message;
            do {
                message = unwritten.remove();
                message.setInSocketSince(now);
                written(message, out);
            } while (message.isJoined());
        }
    }

    private void written(Outbound message, List<Effect> out) {
        if (message == ACKNOWLEDGEMENT) acknowledgementUnwritten = false;
        if (message == ENVELOPE || message == ACKNOWLEDGEMENT) return;
        unwrittenBytes -= message.bytes();
        markWritten(message, out);
        if (!acknowledged) end(message, Outcome.written(), out);
    }

    private static void markWritten(Outbound message, List<Effect> out) {
        if (message.isWritten() || message.isEnded()) return;
        message.markWritten();
        out.add(driver -> driver.written(message));
    }

    /** What was under way must go again; where nothing acknowledges, nobody knows what became of it. */
    void connectionLost(List<Effect> out) {
        if (acknowledged) {
            inFlight = 0;
            // The replay was not over, so what the welcome covered may have been refused. The next one tells again.
            while (!covered.isEmpty()) sent.addFirst(covered.removeLast());
            outstandingBytes = 0;
        } else {
            for (Outbound message : unwritten) {
                if (message != ENVELOPE && message != ACKNOWLEDGEMENT)
                    end(
                            message,
                            Outcome.unknown(Reason.CONNECTION_LOST, "the connection was lost while it was written"),
                            out);
            }
        }
        unwritten.clear();
        batch.forbid();
        unwrittenBytes = 0;
        acknowledgementUnwritten = false;
    }

    /**
     * The session is resumed; the server has dealt with every seq up to {@code handled}. What was given up, or is larger than
     * the server takes, is not sent again.
     */
    void resume(long handled, List<Effect> out) {
        cover(handled);
        boolean leaves = false;
        for (int i = 0; i < sent.size() && !leaves; i++) leaves = outcomeIfNotSentAgain(sent.get(i)) != null;
        if (!leaves) return;
        // The server takes nothing more from the older connection, so every seq beyond is free: no hole is left.
        nextSeq = handled + 1;
        for (int left = sent.size(); left > 0; left--) {
            Outbound message = sent.removeFirst();
            if (message.isEnded()) continue;
            Outcome outcome = outcomeIfNotSentAgain(message);
            if (outcome == null) {
                message.renumber(nextSeq++);
                sent.add(message);
            } else {
                end(message, outcome, out);
            }
        }
    }

    private @Nullable Outcome outcomeIfNotSentAgain(Outbound message) {
        if (message.isEnded()) return null;
        if (message.bytes() > maxMessage) return Outbound.tooLarge(message, maxMessage);
        if (!message.isGivenUp()) return null;
        return message.isRefusedForSize()
                ? Outcome.tooLarge("message of " + message.bytes() + " bytes, and the server refused its size")
                : Outcome.unknown(Reason.GIVEN_UP, "given up before it was acknowledged");
    }

    private void cover(long handled) {
        for (Outbound first; (first = sent.peek()) != null && first.seq() <= handled; ) {
            outstandingBytes += first.bytes();
            covered.add(sent.removeFirst());
        }
    }

    /** The replay is over; what the server dealt with and did not refuse in it is acknowledged. */
    void replayed(List<Effect> out) {
        while (!covered.isEmpty()) {
            acknowledgedSeq = Math.max(acknowledgedSeq, covered.get(0).seq());
            acknowledge(covered.removeFirst(), out);
        }
    }

    /** The session is lost. Returns what may or may not have been handled, oldest first. Seqs begin anew. */
    List<Outbound> lose(long handled, List<Effect> out) {
        cover(handled);
        replayed(out);
        List<Outbound> unknown = new ArrayList<>();
        while (!sent.isEmpty()) {
            Outbound message = sent.removeFirst();
            if (message.isEnded()) continue;
            // A standing one is sent again by itself.
            if (!message.isStanding()) unknown.add(message);
            end(message, Outcome.unknown(Reason.SESSION_LOST, "the session was lost before it was acknowledged"), out);
        }
        nextSeq = 1;
        acknowledgedSeq = 0;
        recent.clear();
        return unknown;
    }

    /** Returns the message that waits longest for its acknowledgement on this connection, null for none. */
    @Nullable
    Outbound oldestInFlight() {
        return inFlight == 0 ? null : sent.peek();
    }

    /** Since when it waits, if it does. */
    long unansweredSince() {
        Outbound oldest = oldestInFlight();
        return oldest == null ? SessionMachine.NEVER : oldest.inSocketSince();
    }

    /** Returns the message that probably ended the connection, null for none. To be called before {@link #connectionLost}. */
    @Nullable
    Outbound suspect(int closeCode) {
        return suspicion.after(closeCode, sent, inFlight);
    }

    /** Up to which seq the server has acknowledged; it must not know of less. */
    long acknowledgedSeq() {
        return acknowledgedSeq;
    }

    /** Returns those messages that were acknowledged beyond {@code handled} and are remembered, oldest first. */
    List<Outbound> acknowledgedBeyond(long handled) {
        return recent.beyond(handled);
    }

    /** All that was handed over and is not over, in the order of their seqs. */
    List<Outbound> unacknowledged() {
        List<Outbound> all = new ArrayList<>();
        for (SeqRing some : Arrays.asList(covered, sent)) {
            for (int i = 0; i < some.size(); i++) {
                if (!some.get(i).isEnded()) all.add(some.get(i));
            }
        }
        return all;
    }

    /** Takes up a session that another process began: messages that it sent, and the number of its next. */
    void restore(List<Outbound> messages, long next) {
        messages.forEach(sent::add);
        nextSeq = next;
        // What is missing was dealt with. Older messages may still be there: the replay that covered them was not over.
        acknowledgedSeq = next - 1;
        for (int i = messages.size() - 1; i >= 0 && messages.get(i).seq() == acknowledgedSeq; i--) acknowledgedSeq--;
    }

    /** The server knows seqs that this process does not: they were sent after what it restored was saved. */
    void skipTo(long seq) {
        nextSeq = Math.max(nextSeq, seq + 1);
    }

    /** Every seq up to {@code handled} is dealt with. Returns false where one of them was never sent. */
    boolean acknowledge(long handled, List<Effect> out) {
        if (handled > highestSeq()) return false;
        acknowledgedSeq = Math.max(acknowledgedSeq, handled);
        while (inFlight > 0 && sent.get(0).seq() <= handled) {
            inFlight--;
            acknowledge(sent.removeFirst(), out);
        }
        return true;
    }

    /** Of a message that has just left covered, or those in flight. */
    private void acknowledge(Outbound message, List<Effect> out) {
        outstandingBytes -= message.bytes();
        if (message.isEnded()) return;
        end(message, Outcome.acknowledged(), out);
        recent.add(message);
    }

    /**
     * The server refused {@code seq}. It keeps its place until the server's acknowledgement passes it. A server that does not
     * know of the refusal on a later connection has lost writes: what is refused is never sent again.
     *
     * @return the message, ended; null where no message of that seq, covered or sent on this connection, waits for its outcome
     */
    @Nullable
    Outbound reject(long seq, List<Effect> out) {
        Outbound message = covered.find(seq);
        if (message == null && inFlight > 0 && seq <= sent.get(inFlight - 1).seq()) message = sent.find(seq);
        if (message == null || message.isEnded()) return null;
        // The connection may not have told of it yet.
        markWritten(message, out);
        message.markEnded();
        acknowledgedSeq = Math.max(acknowledgedSeq, seq);
        return message;
    }

    /** The client ends: nothing waits any more. */
    void cancel(List<Effect> out) {
        connectionLost(out);
        while (!sent.isEmpty()) {
            Outbound message = sent.removeFirst();
            if (!message.isEnded())
                end(message, Outcome.unknown(Reason.CLIENT_CLOSED, "the client ended before it was acknowledged"), out);
        }
        for (Outbound message : queue.end()) {
            end(message, Outcome.cancelled(Reason.CLIENT_CLOSED, "the client ended before it was sent"), out);
        }
    }

    /** An earlier process has sent nothing after its snapshot was taken. */
    void proveRestored() {
        queue.prove();
    }

    /** An earlier process may have sent what waited when its snapshot was taken. Returns that, ended. */
    List<Outbound> endRestored(String detail, List<Effect> out) {
        List<Outbound> messages = queue.takeUnproven();
        for (Outbound message : messages) {
            message.setUnproven(false);
            end(message, Outcome.unknown(Reason.RESTORED, detail), out);
        }
        return messages;
    }

    private static void end(Outbound message, Outcome outcome, List<Effect> out) {
        message.markEnded();
        Outcome known = message.ifNotSentBefore(outcome);
        out.add(driver -> driver.ended(message, known));
    }
}
