package dev.holdfast.internal.runtime;

import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.transport.Connection;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that were read and that the application has not finished with, and the answers to them that wait to be
 * written. Reading stops above the limit and resumes at half of it. Safe from any thread, except where a method says
 * otherwise.
 */
final class InboundBudget {
    /** Counted for each message beside its payload: an empty one takes memory too. */
    private static final long MESSAGE_COST = 256;

    /** The part of the limit that may be counted together, and so late: that costs less than counting each message. */
    private static final int SHARE = 8;

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    private volatile @Nullable Connection reading;

    /** Bytes of the current batch that went on to the application, which releases them. Confined to the serial context. */
    private long passedOn;

    /** The cost of the answers that wait to be written. Confined to the serial context. */
    private long answers;

    /** @param limit bytes that may wait for the application before reading stops */
    InboundBudget(long limit) {
        this.limit = limit;
    }

    /** Sets the connection whose reading resumes when there is room. */
    void readFrom(@Nullable Connection connection) {
        reading = connection;
    }

    /** Returns what a message with so many bytes of payload counts. */
    static long costOf(long payload) {
        return payload + MESSAGE_COST;
    }

    static long costOf(Inbound message) {
        return costOf(message.cost());
    }

    /** Returns the bytes that may be counted together, with what follows. */
    long share() {
        return limit / SHARE;
    }

    /** Counts a batch that {@code from} has read, and stops its reading above the limit. */
    void take(long bytes, @Nullable Connection from) {
        if (used.addAndGet(bytes) <= limit || from == null) return;
        from.setReading(false);
        // Another thread may have made room in between, without seeing that reading had stopped.
        if (used.get() <= limit / 2) from.setReading(true);
    }

    /** Releases bytes of messages that the application has finished with. */
    void release(long bytes) {
        long left = used.addAndGet(-bytes);
        Connection from = reading;
        if (from != null && left <= limit / 2 && left + bytes > limit / 2) from.setReading(true);
    }

    /** Releases a message that the application has finished with. */
    void release(Inbound message) {
        release(costOf(message));
    }

    /** Releases a message that the application has and need not acknowledge any more. */
    void releaseAbandoned(long cost) {
        release(costOf(cost));
    }

    // ---- on the serial context ----

    /** Begins a batch that was counted by {@link #take}. */
    void beginBatch() {
        passedOn = 0;
    }

    /** Leaves a message of the batch to the application. */
    void passOn(Inbound message) {
        passedOn += costOf(message);
    }

    /** Ends a batch of {@code bytes}: what did not go on to the application is released. */
    void endBatch(long bytes) {
        if (bytes != passedOn) release(bytes - passedOn);
    }

    /**
     * Sets the cost of the protocol's answers that wait to be written. So a server that asks and does not read is not read
     * either, and the write that makes no progress ends the connection.
     */
    void setAnswers(int messages, long bytes) {
        long more = messages * MESSAGE_COST + bytes - answers;
        answers += more;
        if (more > 0) take(more, reading);
        else if (more < 0) release(-more);
    }
}
