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
 */
public final class Outbound {
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

    private boolean unproven;
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
    }

    /**
     * Marks a message that waited in an earlier process when its snapshot was taken: that process may have sent it
     * since. Call this before queuing it.
     */
    void setUnproven(boolean unproven) {
        this.unproven = unproven;
    }

    /** Returns {@code outcome}, or UNKNOWN if an earlier process may have sent the message. */
    public Outcome ifNotSentBefore(Outcome outcome) {
        return unproven
                ? Outcome.unknown(
                        Outcome.Reason.RESTORED,
                        "an earlier process may have sent it after its snapshot was taken; in this one: " + outcome)
                : outcome;
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
    }

    /** Returns whether it shares its frame with the message behind it. */
    boolean isJoined() {
        return joined;
    }

    void setJoined(boolean joined) {
        this.joined = joined;
    }

    /** Marks that a socket has taken it, and reports that the first time. */
    void markWritten(List<Effect> out) {
        if (written || ended) return;
        written = true;
        out.add(driver -> driver.written(this));
    }

    void markEnded() {
        if (ended) throw new IllegalStateException("message ended twice");
        ended = true;
    }

    /** Ends the delivery and reports its outcome. */
    void end(Outcome outcome, List<Effect> out) {
        markEnded();
        Outcome known = ifNotSentBefore(outcome);
        out.add(driver -> driver.ended(this, known));
    }
}
