package dev.holdfast.internal.session;

import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.settings.Nanos;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An application message on its way out. What is final may be read by any thread. What ties it to the queue belongs to the
 * queue while it waits there; the rest is the machine's, confined to the session's serial context like the effects that
 * tell of it.
 */
public final class Outbound {
    private final Payload payload;
    private final long bytes;
    private final Object receipt;
    private final SendOptions options;

    /**
     * When it may wait no longer. Once it has left the queue, since when the current connection's socket has it. One field for
     * both, because there is one for every message.
     */
    long expiresAt = SessionMachine.NEVER;
    /** Its place in a {@link Lane}; null where it waits in none. */
    @Nullable
    Lane lane;

    @Nullable
    Outbound previous;

    @Nullable
    Outbound next;

    /** Its place in an {@link ExpiryHeap}, if it is in one. */
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
     * @param bytes the payload's bytes as the application counts them: UTF-8 for text, no framing
     * @param receipt what the application holds of this message; the machine only carries it
     */
    public Outbound(Payload payload, long bytes, Object receipt, SendOptions options) {
        this.payload = payload;
        this.bytes = bytes;
        this.receipt = receipt;
        this.options = options;
    }

    /** A message with nothing special about it. */
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

    /** From when its time to live counts, if it has one. To be called before it is queued. */
    public void sentAt(long now) {
        long expiry = Nanos.expiry(options);
        if (expiry > 0) expiresAt = now + expiry;
    }

    /** Returns the idempotency key that goes out with the message, null for none. A binary message has no room for one. */
    public @Nullable String idempotencyKey() {
        return payload.kind() == Payload.Kind.BINARY ? null : options.idempotencyKey();
    }

    /** Its number in the session, given when it is first handed to a connection; 0 before. */
    public long seq() {
        return seq;
    }

    /** Whether it has left the queue: it can't be recalled any more. */
    public boolean isHandedOver() {
        return handedOver;
    }

    /** Whether a socket has taken it, once at least. */
    public boolean isWritten() {
        return written;
    }

    /** It begins every new session, and nobody holds a receipt. */
    public Outbound asSessionStart() {
        sessionStart = true;
        return this;
    }

    /** Whether it begins every new session. */
    public boolean isSessionStart() {
        return sessionStart;
    }

    /** It was handed to a connection by an earlier process, under this number. */
    public Outbound restored(long earlierSeq) {
        handOver(earlierSeq);
        written = true;
        return this;
    }

    /** How a message ends that is larger than the {@code limit} of the server. */
    public static Outcome tooLarge(Outbound message, long limit) {
        return Outcome.tooLarge("message of " + message.bytes() + " bytes, and the server takes at most " + limit);
    }

    /** The application does not want it sent again. */
    public void giveUp() {
        givenUp = true;
    }

    public boolean isGivenUp() {
        return givenUp;
    }

    /** The server refused a message for its size, and this was the largest. */
    void markRefusedForSize() {
        refusedForSize = true;
    }

    boolean isRefusedForSize() {
        return refusedForSize;
    }

    /** Gives it another number: the one that it had is free again. */
    void renumber(long seq) {
        this.seq = seq;
    }

    /**
     * Marks a message that waited in an earlier process when its snapshot was taken: that process may have sent it since. To
     * be called before it is queued.
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

    /** Since when the current connection's socket has it, if it has. */
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

    /** Whether it shares its frame with the message behind it. */
    boolean isJoined() {
        return joined;
    }

    void setJoined(boolean joined) {
        this.joined = joined;
    }

    /** A socket has it, which is reported the first time. */
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
