package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The limits and policies of a client's outbound queue.
 *
 * <p>A message waits in the queue until the connection has little left to write. Until then it can be recalled ({@link
 * Delivery#cancel}), expire, be replaced, or be dropped. See {@code docs/queue.md}. Immutable.
 */
@CheckReturnValue
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
     * {@return a queue with room for {@code maxBytes} payload bytes and 65,536 messages} Its water marks are at one
     * half and one eighth, it rejects messages when it is full, and it has no rate limit and no batching.
     *
     * @param maxBytes the capacity in payload bytes, positive
     * @throws IllegalArgumentException if {@code maxBytes} is not positive
     */
    public static OutboundQueue ofBytes(long maxBytes) {
        Checks.positive("maxBytes", maxBytes);
        return new OutboundQueue(maxBytes, DEFAULT_MESSAGES, maxBytes / 2, maxBytes / 8, Overflow.reject(), null, null);
    }

    /**
     * {@return a queue with room for at most {@code maxMessages} messages} An empty message has no bytes and still
     * takes memory. Default: 65,536.
     *
     * @param maxMessages the capacity in messages, positive
     * @throws IllegalArgumentException if {@code maxMessages} is not positive
     */
    public OutboundQueue withMaxMessages(int maxMessages) {
        Checks.positive("maxMessages", maxMessages);
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /**
     * {@return a queue with these water marks, in payload bytes} Above {@code high} the client asks producers to pause:
     * it is not {@link HoldfastClient#writable}. At {@code low} it is writable again. The same fractions apply to
     * {@link #maxMessages}, so that a queue of small messages also warns before it is full. Default: one half and one
     * eighth.
     *
     * @param high the high mark in payload bytes
     * @param low the low mark in payload bytes, below the high one
     * @throws IllegalArgumentException unless {@code 0 <= low <= high < maxBytes}
     */
    public OutboundQueue withWaterMarks(long high, long low) {
        if (low < 0 || high < low || high >= maxBytes) {
            throw new IllegalArgumentException("water marks must satisfy 0 <= low <= high < maxBytes, but low was "
                    + low + ", high " + high + " and maxBytes " + maxBytes);
        }
        return new OutboundQueue(maxBytes, maxMessages, high, low, overflow, rateLimit, batchWindow);
    }

    /**
     * {@return a queue with this policy for messages that find no room} Default: {@link Overflow#reject}.
     *
     * @param overflow what happens to a message that finds no room
     */
    public OutboundQueue withOverflow(Overflow overflow) {
        Objects.requireNonNull(overflow, "overflow");
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /**
     * {@return a queue that messages leave no faster than this} Default: no limit.
     *
     * @param rateLimit the limit in messages, bytes or both per second
     */
    public OutboundQueue withRateLimit(RateLimit rateLimit) {
        Objects.requireNonNull(rateLimit, "rateLimit");
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    /**
     * {@return a queue that lets small messages share a frame, which saves work on a server that receives many of them}
     * A message waits up to {@code window} for others, unless its priority is {@link Priority#HIGH} or above or the
     * queue is above its high water mark. With a window of zero, messages share a frame only if they are ready at the
     * same time.
     *
     * <p>Batching needs a {@link Session#resumable} session whose server announces it ({@code docs/protocol.md},
     * section 7). With any other server, and over plain HTTP, this has no effect, and no message waits. Default: no
     * batching.
     *
     * @param window the longest time that a message waits for others
     * @throws IllegalArgumentException if {@code window} is negative or longer than 10 s
     */
    public OutboundQueue withBatching(Duration window) {
        Objects.requireNonNull(window, "window");
        if (window.isNegative() || window.compareTo(MAX_WINDOW) > 0) {
            throw new IllegalArgumentException("window must be between 0 and 10 s, but was " + window);
        }
        return new OutboundQueue(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, window);
    }

    /** {@return the capacity in payload bytes} */
    public long maxBytes() {
        return maxBytes;
    }

    /** {@return the capacity in messages} */
    public int maxMessages() {
        return maxMessages;
    }

    /** {@return the high water mark in payload bytes} */
    public long highWaterMark() {
        return highWaterMark;
    }

    /** {@return the low water mark in payload bytes} */
    public long lowWaterMark() {
        return lowWaterMark;
    }

    /** {@return the policy for messages that find no room} */
    public Overflow overflow() {
        return overflow;
    }

    /** {@return the rate limit, null if there is none} */
    public @Nullable RateLimit rateLimit() {
        return rateLimit;
    }

    /** {@return how long a message waits for others to share its frame, null if each message has a frame of its own} */
    public @Nullable Duration batchWindow() {
        return batchWindow;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof OutboundQueue)) return false;
        OutboundQueue that = (OutboundQueue) other;
        return maxBytes == that.maxBytes
                && maxMessages == that.maxMessages
                && highWaterMark == that.highWaterMark
                && lowWaterMark == that.lowWaterMark
                && overflow.equals(that.overflow)
                && Objects.equals(rateLimit, that.rateLimit)
                && Objects.equals(batchWindow, that.batchWindow);
    }

    @Override
    public int hashCode() {
        return Objects.hash(maxBytes, maxMessages, highWaterMark, lowWaterMark, overflow, rateLimit, batchWindow);
    }

    @Override
    public String toString() {
        return "OutboundQueue(maxBytes=" + maxBytes + ", maxMessages=" + maxMessages + ", highWaterMark="
                + highWaterMark + ", lowWaterMark=" + lowWaterMark + ", overflow=" + overflow + ", rateLimit="
                + rateLimit + ", batchWindow=" + batchWindow + ")";
    }
}
