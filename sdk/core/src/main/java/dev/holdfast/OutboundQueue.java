package dev.holdfast;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may wait to be sent, and how. A message waits in the queue until the connection has little left to write; until
 * then it can be recalled ({@link Delivery#cancel}), expire, be replaced or give way. See {@code docs/queue.md}. Immutable.
 */
public final class OutboundQueue {
    private static final int DEFAULT_MESSAGES = 65_536;
    private static final Duration MAX_WINDOW = Duration.ofSeconds(10);

    private final long maxBytes;
    private final int maxMessages;
    private final long highWaterMark;
    private final long lowWaterMark;
    private final Overflow overflow;
    private final @Nullable RateLimit rateLimit;
    private final @Nullable Duration batchWindow;

    private OutboundQueue(
            long maxBytes,
            int maxMessages,
            long highWaterMark,
            long lowWaterMark,
            Overflow overflow,
            @Nullable RateLimit rateLimit,
            @Nullable Duration batchWindow) {
        this.maxBytes = maxBytes;
        this.maxMessages = maxMessages;
        this.highWaterMark = highWaterMark;
        this.lowWaterMark = lowWaterMark;
        this.overflow = overflow;
        this.rateLimit = rateLimit;
        this.batchWindow = batchWindow;
    }

    /**
     * Room for so many payload bytes, and for 65,536 messages. The water marks are at a half and an eighth, a full queue
     * takes no more, and messages leave it as fast as they can.
     */
    public static OutboundQueue ofBytes(long maxBytes) {
        if (maxBytes <= 0) throw new IllegalArgumentException("queue of " + maxBytes + " bytes");
        return new OutboundQueue(maxBytes, DEFAULT_MESSAGES, maxBytes / 2, maxBytes / 8, Overflow.reject(), null, null);
    }

    /** Room for so many messages: an empty one has no bytes and takes memory all the same. */
    public OutboundQueue maxMessages(int maxMessages) {
        if (maxMessages <= 0) throw new IllegalArgumentException("queue of " + maxMessages + " messages");
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /**
     * When a producer should pause and when it may go on, in payload bytes: above {@code high} the queue is not {@link
     * HoldfastClient#writable} any more, and at {@code low} it is again. The same shares of {@link #maxMessages} count for
     * messages, so that a queue of small ones is not full without a warning. A half and an eighth unless set.
     */
    public OutboundQueue waterMarks(long high, long low) {
        if (low < 0 || high < low || high >= maxBytes) {
            throw new IllegalArgumentException(
                    "water marks at " + high + " and " + low + " in a queue of " + maxBytes + " bytes");
        }
        return new OutboundQueue(maxBytes, maxMessages, high, low, overflow, rateLimit, batchWindow);
    }

    /** What gives way when there is no room. {@link Overflow#reject} unless set. */
    public OutboundQueue overflow(Overflow overflow) {
        Objects.requireNonNull(overflow, "overflow");
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /** How fast messages leave the queue. As fast as they can unless set. */
    public OutboundQueue rateLimit(RateLimit rateLimit) {
        Objects.requireNonNull(rateLimit, "rateLimit");
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /**
     * Lets small messages share a frame, which spares a server that has many of them work. A message waits up to {@code
     * window} for others, unless its priority is {@link Priority#HIGH} or above or the high water mark is passed; with no
     * window at all, those that are ready together go together. Only where the server of a {@link Session#resumable} says
     * that it takes such frames ({@code docs/protocol.md}, section 7); elsewhere nothing waits. Not unless set.
     *
     * @throws IllegalArgumentException if it is negative or longer than ten seconds
     */
    public OutboundQueue batching(Duration window) {
        Objects.requireNonNull(window, "window");
        if (window.isNegative() || window.compareTo(MAX_WINDOW) > 0) {
            throw new IllegalArgumentException("batching window of " + window);
        }
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, window);
    }

    /** Payload bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Messages. */
    public int maxMessages() {
        return maxMessages;
    }

    /** Payload bytes above which a producer should pause. */
    public long highWaterMark() {
        return highWaterMark;
    }

    /** Payload bytes at which it may go on. */
    public long lowWaterMark() {
        return lowWaterMark;
    }

    /** What gives way when there is no room. */
    public Overflow overflow() {
        return overflow;
    }

    /** How fast messages leave the queue, null for as fast as they can. */
    public @Nullable RateLimit rateLimit() {
        return rateLimit;
    }

    /** How long a message waits for others to share a frame with; null where each has its own. */
    public @Nullable Duration batchWindow() {
        return batchWindow;
    }
}
