package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.settings.Nanos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application message to send. Any thread may read the final fields. The links to the queue belong to the queue
 * while the message waits there. The other fields are the machine's, confined to the session's serial context like the
 * effects that report them.
 *
 * <p>It is the effect of its own sending, so that handing it to a connection allocates nothing.
 */
public final class Outbound implements Effect {
    private final Payload payload;
    private final long bytes;
    private final Object receipt;
    private final SendOptions options;

    /**
     * The expiry while the message waits in the queue. After that, the time since which the current connection's
     * socket has it. One field serves both, because every message has one.
     */
    long expiresAt = SessionMachine.NEVER;
    /** The {@link Lane} that it waits in; null for none. */
    @Nullable
    Lane lane;

    @Nullable
    Outbound previous;

    @Nullable
    Outbound next;

    /** The index in an {@link ExpiryHeap}, if it is in one. */
    int heapIndex;

    /** The place in the client's store; null without a store. Changed only while the message is in nobody else's hands. */
    private @Nullable StoreRecord record;
    /** Whether the store has the message. */
    private boolean stored;

    private boolean ascii;
    private boolean endsLater;

    private boolean unproven;
    /** Whether an earlier process handed it to a connection of a session that is lost. */
    private boolean resent;
    /** Set by any thread, read by the machine. */
    private volatile boolean givenUp;

    private boolean refusedForSize;
    private boolean sessionStart;
    private long seq;
    private boolean handedOver;
    private boolean written;
    private boolean joined;
    private boolean ended;

    /**
     * Creates a message.
     *
     * @param bytes the payload's bytes as the application counts them: UTF-8 for text, no framing
     * @param receipt the application's receipt for this message; the machine only carries it
     */
    public Outbound(Payload payload, long bytes, Object receipt, SendOptions options) {
        this.payload = payload;
        this.bytes = bytes;
        this.receipt = receipt;
        this.options = options;
    }

    /** Creates a message with default options. */
    public Outbound(Payload payload, long bytes, Object receipt) {
        this(payload, bytes, receipt, SendOptions.defaults());
    }

    public Payload payload() {
        return payload;
    }

    public long bytes() {
        return bytes;
    }

    public Object receipt() {
        return receipt;
    }

    public SendOptions options() {
        return options;
    }

    /** Marks a text that is known to be ASCII, so that nobody need look again. Call this before queuing it. */
    public void markAscii() {
        ascii = true;
    }

    /** Returns whether it is a text that is known to be ASCII. */
    public boolean isAscii() {
        return ascii;
    }

    /** Starts its time to live, if it has one. Call this before queuing it. */
    public void sentAt(long now) {
        long expiry = Nanos.expiry(options);
        if (expiry > 0) expiresAt = now + expiry;
    }

    /** Returns the idempotency key that goes out with the message, null for none. A binary message cannot carry one. */
    public @Nullable String idempotencyKey() {
        return payload.kind() == Payload.Kind.BINARY ? null : options.idempotencyKey();
    }

    /** Returns its number in the session, 0 before it is first handed to a connection. */
    public long seq() {
        return seq;
    }

    /** Returns whether it has left the queue and can no longer be recalled. */
    public boolean isHandedOver() {
        return handedOver;
    }

    /** Returns whether a socket has ever taken it. */
    public boolean isWritten() {
        return written;
    }

    /** Marks it as a session start message, which has no receipt. Returns this message. */
    public Outbound asSessionStart() {
        sessionStart = true;
        return this;
    }

    /** Returns whether it is a session start message. */
    public boolean isSessionStart() {
        return sessionStart;
    }

    /** Marks that an earlier process handed it to a connection under this number. Returns this message. */
    public Outbound restored(long earlierSeq) {
        handOver(earlierSeq);
        written = true;
        return this;
    }

    /** Returns the outcome of a message that is larger than the server's {@code limit}. */
    public static Outcome tooLarge(Outbound message, long limit) {
        return Outcome.tooLarge("message of " + message.bytes() + " bytes, and the server takes at most " + limit);
    }

    /** Marks that the application does not want it sent again. */
    public void giveUp() {
        givenUp = true;
    }

    public boolean isGivenUp() {
        return givenUp;
    }

    /** Marks that the server refused a message for its size, and that this one was the largest. */
    void markRefusedForSize() {
        refusedForSize = true;
    }

    boolean isRefusedForSize() {
        return refusedForSize;
    }

    /** Gives it another number, because its old one is free again. */
    void renumber(long seq) {
        this.seq = seq;
        changed();
    }

    /**
     * Marks a message that waited in an earlier process when its snapshot was taken: that process may have sent it
     * since. Call this before queuing it.
     */
    void setUnproven(boolean unproven) {
        this.unproven = unproven;
    }

    /** Marks that an earlier process handed it to a connection, and that it goes out again in a new session. */
    public void markResent() {
        resent = true;
    }

    /** Returns {@code outcome}, or UNKNOWN if an earlier process may have sent the message. */
    public Outcome ifNotSentBefore(Outcome outcome) {
        if (resent && saysNotHandled(outcome)) {
            return Outcome.unknown(
                    Outcome.Reason.RESTORED,
                    "an earlier process had sent it in a session that is lost; in this one: " + outcome);
        }
        return unproven && outcome.kind() != Outcome.Kind.STORED
                ? Outcome.unknown(
                        Outcome.Reason.RESTORED,
                        "an earlier process may have sent it after its snapshot was taken; in this one: " + outcome)
                : outcome;
    }

    /** Returns whether the outcome is one of the client's own that says that the server has not handled the message. */
    private static boolean saysNotHandled(Outcome outcome) {
        switch (outcome.kind()) {
            case REJECTED:
                return outcome.reason() != Outcome.Reason.SERVER_REJECTED;
            case CANCELLED:
            case CONFLATED:
            case DROPPED:
            case EXPIRED:
                return true;
            default:
                return false;
        }
    }

    /** Returns since when the current connection's socket has it, if it has. */
    long inSocketSince() {
        return expiresAt;
    }

    void setInSocketSince(long time) {
        expiresAt = time;
    }

    boolean isEnded() {
        return ended;
    }

    void handOver(long seq) {
        this.seq = seq;
        this.handedOver = true;
        changed();
    }

    // ---- the store ----

    /** Keeps the message in a record of the client's store from now on. Returns this message. */
    public Outbound storeIn(StoreRecord own) {
        record = own;
        return this;
    }

    /** Takes the record of a waiting message over, whose place this message takes. Call before this one is seen. */
    public void replaceStored(Outbound old) {
        StoreRecord its = old.record;
        if (its == null) return;
        old.endsLater = its.journal().mayHave(its);
        record = its;
        old.record = null;
    }

    /** Takes a message that waited, and is gone, out of the store. */
    public void removeStored() {
        StoreRecord own = record;
        if (own != null) endsLater = own.journal().remove(this);
    }

    /** Returns whether its end may be reported only when the store no longer has it. For messages that waited. */
    public boolean endsLater() {
        return endsLater;
    }

    /** Returns the record in the client's store, null without a store. */
    public @Nullable StoreRecord record() {
        return record;
    }

    /** Returns whether the store has the message. */
    public boolean isStored() {
        return stored;
    }

    /** Returns whether it was given to a store which has not said that it has it. */
    public boolean isBeingStored() {
        StoreRecord own = record;
        return own != null && !stored && own.key() != 0;
    }

    /** Marks that the store has the message. Returns false if it was marked before. */
    public boolean markStored() {
        if (stored) return false;
        stored = true;
        return true;
    }

    /** Reports to the store that the message's number or marks have changed. */
    public void changed() {
        StoreRecord own = record;
        if (own != null && !ended) own.journal().put(this);
    }

    private void recordEnd(Outcome outcome) {
        StoreRecord own = record;
        if (own != null) own.journal().ended(this, outcome);
    }

    /** Returns how the message ends because its client ends: it stays in the store if there is one. */
    Outcome ifNotStored(Outcome outcome) {
        StoreRecord own = record;
        return own != null && own.journal().isOpen() ? Outcome.stored() : outcome;
    }

    /** Returns whether it shares its frame with the message behind it. */
    boolean isJoined() {
        return joined;
    }

    void setJoined(boolean joined) {
        this.joined = joined;
    }

    /** Sends the message on the current connection, in a frame of its own. */
    @Override
    public void perform(Effects driver) {
        driver.sendMessage(this);
    }

    /**
     * Marks that a socket has taken it, and reports that the first time.
     *
     * @param expected how many such reports probably come, with this one
     */
    void markWritten(int expected, List<Effect> out) {
        if (markWritten()) MessageReports.add(this, true, null, expected, out);
    }

    private boolean markWritten() {
        if (written || ended) return false;
        written = true;
        return true;
    }

    /** Ends the message because a socket has taken it. Otherwise as {@link #markWritten(int, List)}. */
    void endWritten(int expected, List<Effect> out) {
        endAsOthers(markWritten(), Outcome.written(), expected, out);
    }

    /** Marks the end of a message whose outcome is reported in another way. */
    void markEnded(Outcome outcome) {
        markEnded();
        recordEnd(outcome);
    }

    private void markEnded() {
        if (ended) throw new IllegalStateException("message ended twice");
        ended = true;
    }

    /** Ends the delivery and reports its outcome. */
    void end(Outcome outcome, List<Effect> out) {
        Outcome known = markEndedAs(outcome);
        out.add(driver -> driver.ended(this, known));
    }

    /**
     * Ends the delivery with an outcome that other messages share.
     *
     * @param expected how many such reports probably come, with this one
     */
    void endAsOthers(Outcome outcome, int expected, List<Effect> out) {
        endAsOthers(false, outcome, expected, out);
    }

    private void endAsOthers(boolean firstWritten, Outcome outcome, int expected, List<Effect> out) {
        Outcome known = markEndedAs(outcome);
        // An outcome of its own is not shared with those that come.
        MessageReports.add(this, firstWritten, known, known.equals(outcome) ? expected : 1, out);
    }

    /** Marks the end, and returns the outcome to report. */
    private Outcome markEndedAs(Outcome outcome) {
        markEnded();
        Outcome known = ifNotSentBefore(outcome);
        recordEnd(known);
        return known;
    }
}
