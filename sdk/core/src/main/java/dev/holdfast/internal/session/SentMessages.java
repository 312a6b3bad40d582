package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were handed to a connection and wait for the server's acknowledgement, in the order of their seqs:
 * first those that a welcome {@code covered}, then those {@code sent}. The first of the sent messages are in flight on
 * this connection; the rest go out again on it.
 *
 * <p>Not thread-safe.
 */
final class SentMessages {
    /** The maximum number of messages kept for sending again, even if the server allows more. */
    private static final int MAX_UNACKNOWLEDGED = 65_536;

    private static final long MAX_UNACKNOWLEDGED_BYTES = 16 * 1024 * 1024;
    /** The maximum number of messages that an assertion checks. */
    private static final int MAX_CHECKED = 256;

    /** The messages that the server says it has handled. Until the replay ends, it may still reject one. */
    private final SeqRing covered = new SeqRing();

    private final SeqRing sent = new SeqRing();
    private final boolean resendsWithKey;
    private final RecentlyAcknowledged recent = new RecentlyAcknowledged();
    private final Suspicion suspicion = new Suspicion();

    /** The number of messages of {@code sent} that are in flight. */
    private int inFlight;
    /** The bytes of covered messages and of those in flight, which count against the server's window. */
    private long outstandingBytes;

    private long nextSeq = 1;
    /**
     * The seq up to which the server has handled everything, over all connections of the session: by an
     * acknowledgement, or by a rejection, which comes only after everything before it is handled.
     */
    private long acknowledgedSeq;

    private int maxUnacked = MAX_UNACKNOWLEDGED;
    private long maxBytes = MAX_UNACKNOWLEDGED_BYTES;

    /**
     * Creates an empty store.
     *
     * @param resendsWithKey whether messages with an idempotency key survive the loss of the session
     */
    SentMessages(boolean resendsWithKey) {
        this.resendsWithKey = resendsWithKey;
    }

    boolean isEmpty() {
        return sent.isEmpty() && covered.isEmpty();
    }

    void setWindow(int unacked, long bytes) {
        maxUnacked = Math.min(unacked, MAX_UNACKNOWLEDGED);
        maxBytes = Math.min(bytes, MAX_UNACKNOWLEDGED_BYTES);
    }

    /** Returns whether the server's window has room for a message of {@code bytes}. */
    boolean hasRoom(long bytes) {
        // A message larger than the whole window goes alone. The server may accept it, and it would never fit
        // otherwise.
        return isWindowFree() || (freeMessages() > 0 && bytes <= freeBytes());
    }

    /** Returns whether nothing counts against the server's window, so that it takes a message of any size. */
    boolean isWindowFree() {
        return outstanding() == 0;
    }

    /** Returns how many messages the window takes. */
    int freeMessages() {
        return maxUnacked - outstanding();
    }

    /** Returns how many bytes of messages the window takes, unless {@link #isWindowFree}. */
    long freeBytes() {
        return maxBytes - outstandingBytes;
    }

    private int outstanding() {
        return covered.size() + inFlight;
    }

    long highestSeq() {
        return nextSeq - 1;
    }

    long takeSeq() {
        return nextSeq++;
    }

    /** Returns the seq up to which the server has acknowledged. A server that knows less has lost writes. */
    long acknowledgedSeq() {
        return acknowledgedSeq;
    }

    /** Returns the next message to send again on this connection, null if there is none. */
    @Nullable
    Outbound nextToResend() {
        return inFlight < sent.size() ? sent.get(inFlight) : null;
    }

    /**
     * Records that a message was handed to the connection: the next one to send again, or a new one if there is none.
     */
    void handedOver(Outbound message) {
        if (inFlight == sent.size()) sent.add(message);
        inFlight++;
        message.setInSocketSince(SessionMachine.NEVER);
        outstandingBytes += message.bytes();
    }

    /** Makes everything in flight due again. */
    void connectionLost() {
        inFlight = 0;
        // The replay did not end, so covered messages may have been rejected. The next welcome covers them again.
        while (!covered.isEmpty()) sent.addFirst(covered.removeLast());
        outstandingBytes = 0;
    }

    /**
     * Resumes the session; the server has handled every seq up to {@code handled}. Messages that were given up, or are
     * larger than the server accepts, are not sent again.
     */
    void resume(long handled, long maxMessage, List<Effect> out) {
        cover(handled);
        boolean leaves = false;
        for (int i = 0; i < sent.size() && !leaves; i++) {
            leaves = outcomeIfNotSentAgain(sent.get(i), maxMessage) != null;
        }
        if (!leaves) return;
        // The server accepts nothing more from the older connection, so every higher seq is free and no gap is left.
        nextSeq = handled + 1;
        for (int left = sent.size(); left > 0; left--) {
            Outbound message = sent.removeFirst();
            if (message.isEnded()) continue;
            Outcome outcome = outcomeIfNotSentAgain(message, maxMessage);
            if (outcome == null) {
                message.renumber(nextSeq++);
                sent.add(message);
            } else {
                message.end(outcome, out);
            }
        }
    }

    private static @Nullable Outcome outcomeIfNotSentAgain(Outbound message, long maxMessage) {
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

    /** Handles the end of the replay: what the server has handled and did not reject in it is acknowledged. */
    void replayed(List<Effect> out) {
        while (!covered.isEmpty()) {
            acknowledgedSeq = Math.max(acknowledgedSeq, covered.get(0).seq());
            acknowledge(covered.removeFirst(), covered.size() + 1, out);
        }
    }

    /**
     * Loses the session; seqs begin again. If the settings say so, messages that carry an idempotency key stay here
     * and go out again first. A server that remembers keys handles each once.
     *
     * @return the messages that may or may not have been handled, ended, oldest first
     */
    List<Outbound> lose(long handled, long maxMessage, List<Effect> out) {
        cover(handled);
        replayed(out);
        nextSeq = 1;
        acknowledgedSeq = 0;
        recent.clear();
        List<Outbound> unknown = new ArrayList<>();
        for (int left = sent.size(); left > 0; left--) {
            Outbound message = sent.removeFirst();
            if (message.isEnded()) continue;
            if (isSentAgainAfterLoss(message, maxMessage)) {
                message.renumber(nextSeq++);
                sent.add(message);
                continue;
            }
            // A session start message goes out again in any case.
            if (!message.isSessionStart()) unknown.add(message);
            message.end(Outcome.unknown(Reason.SESSION_LOST, "the session was lost before it was acknowledged"), out);
        }
        return unknown;
    }

    private boolean isSentAgainAfterLoss(Outbound message, long maxMessage) {
        return resendsWithKey
                && message.idempotencyKey() != null
                && !message.isSessionStart()
                && !message.isGivenUp()
                && message.bytes() <= maxMessage;
    }

    /** Returns the message that has waited longest for its acknowledgement on this connection, null if there is none. */
    @Nullable
    Outbound oldestInFlight() {
        return inFlight == 0 ? null : sent.peek();
    }

    /** Returns the message that probably ended the connection, null if there is none. Call before {@link #connectionLost}. */
    @Nullable
    Outbound suspect(int closeCode, boolean ofLastWritten) {
        return suspicion.after(closeCode, ofLastWritten, sent, inFlight);
    }

    /** Returns the remembered messages that were acknowledged beyond {@code handled}, oldest first. */
    List<Outbound> acknowledgedBeyond(long handled) {
        return recent.beyond(handled);
    }

    /** Returns the messages that have no outcome, in the order of their seqs. */
    List<Outbound> unacknowledged() {
        List<Outbound> all = new ArrayList<>();
        addUnacknowledged(covered, all);
        addUnacknowledged(sent, all);
        return all;
    }

    private static void addUnacknowledged(SeqRing from, List<Outbound> to) {
        for (int i = 0; i < from.size(); i++) {
            if (!from.get(i).isEnded()) to.add(from.get(i));
        }
    }

    /** Takes over the session of another process: the messages that it sent, and its next seq. */
    void restore(List<Outbound> messages, long next) {
        messages.forEach(sent::add);
        nextSeq = next;
        // A missing seq was handled. Older messages may still be here, because the replay that covered them had not
        // ended.
        acknowledgedSeq = next - 1;
        for (int i = messages.size() - 1; i >= 0 && messages.get(i).seq() == acknowledgedSeq; i--) acknowledgedSeq--;
    }

    /** Skips seqs that the server knows and this process does not: they were sent after its snapshot was taken. */
    void skipTo(long seq) {
        if (seq < nextSeq) return;
        nextSeq = seq + 1;
        // They cannot be sent again, so a server that loses one of them has lost the session.
        acknowledgedSeq = seq;
    }

    /** Acknowledges every seq up to {@code handled}. Returns false if one of them was never sent. */
    boolean acknowledge(long handled, List<Effect> out) {
        if (handled > highestSeq()) return false;
        acknowledgedSeq = Math.max(acknowledgedSeq, handled);
        while (inFlight > 0 && sent.get(0).seq() <= handled) {
            Outbound first = sent.get(0);
            int left = (int) Math.min(inFlight, handled - first.seq() + 1);
            inFlight--;
            sent.removeFirst();
            acknowledge(first, left, out);
        }
        return true;
    }

    /**
     * Acknowledges a message that has just left {@code covered} or the messages in flight.
     *
     * @param left how many are acknowledged together at most, with this one
     */
    private void acknowledge(Outbound message, int left, List<Effect> out) {
        outstandingBytes -= message.bytes();
        if (message.isEnded()) return;
        message.endAsOthers(Outcome.acknowledged(), left, out);
        recent.add(message);
    }

    /**
     * Ends the message that the server rejected. It keeps its place until an acknowledgement passes it. A server that
     * does not know of the rejection on a later connection has lost writes: a rejected message is never sent again.
     *
     * @return the message, ended; null if no message of that seq, covered or sent on this connection, waits for an
     *     outcome
     */
    @Nullable
    Outbound reject(long seq, Outcome outcome, List<Effect> out) {
        Outbound message = covered.find(seq);
        if (message == null && inFlight > 0 && seq <= sent.get(inFlight - 1).seq()) message = sent.find(seq);
        if (message == null || message.isEnded()) return null;
        // The connection may not have reported it as written yet.
        message.markWritten(1, out);
        message.markEnded(outcome);
        acknowledgedSeq = Math.max(acknowledgedSeq, seq);
        return message;
    }

    /** Ends every message, because the client ends. */
    void cancel(List<Effect> out) {
        while (!sent.isEmpty()) {
            Outbound message = sent.removeFirst();
            if (message.isEnded()) continue;
            Outcome unknown = Outcome.unknown(Reason.CLIENT_CLOSED, "the client ended before it was acknowledged");
            message.end(message.ifNotStored(unknown), out);
        }
    }

    /**
     * Returns whether the counts agree with the messages. For assertions; it checks few messages, because it runs on
     * each event.
     */
    boolean isConsistent() {
        if (covered.size() + sent.size() > MAX_CHECKED) return true;
        long bytes = 0;
        long seq = 0;
        for (int i = 0; i < covered.size() + sent.size(); i++) {
            Outbound message = i < covered.size() ? covered.get(i) : sent.get(i - covered.size());
            if (message.seq() <= seq || message.seq() >= nextSeq) return false;
            seq = message.seq();
            if (i < covered.size() + inFlight) bytes += message.bytes();
        }
        return inFlight <= sent.size() && bytes == outstandingBytes && acknowledgedSeq < nextSeq;
    }
}
