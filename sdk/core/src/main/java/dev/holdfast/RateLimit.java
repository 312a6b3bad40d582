package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit on how fast messages leave the queue: a token bucket for messages, one for payload bytes, or both.
 *
 * <p>A bucket starts full and holds what its rate fills in during the burst time. Messages that are sent again on a new
 * connection count again. A message larger than the bucket is sent when the bucket is full, and the next one waits until
 * the excess is paid off. Immutable.
 */
@CheckReturnValue
public final class RateLimit {
    private static final Duration DEFAULT_BURST = Duration.ofSeconds(1);

    private final long messagesPerSecond;
    private final long bytesPerSecond;
    private final Duration burst;

    private RateLimit(long messagesPerSecond, long bytesPerSecond, Duration burst) {
        this.messagesPerSecond = messagesPerSecond;
        this.bytesPerSecond = bytesPerSecond;
        this.burst = burst;
    }

    /**
     * {@return a limit of {@code perSecond} messages a second}
     *
     * @param perSecond messages per second, positive
     * @throws IllegalArgumentException if {@code perSecond} is not positive
     */
    public static RateLimit ofMessages(long perSecond) {
        return new RateLimit(Checks.positive("perSecond", perSecond), 0, DEFAULT_BURST);
    }

    /**
     * {@return a limit of {@code perSecond} payload bytes a second}
     *
     * @param perSecond payload bytes per second, positive
     * @throws IllegalArgumentException if {@code perSecond} is not positive
     */
    public static RateLimit ofBytes(long perSecond) {
        return new RateLimit(0, Checks.positive("perSecond", perSecond), DEFAULT_BURST);
    }

    /**
     * {@return this limit with a limit of {@code perSecond} messages a second}
     *
     * @param perSecond messages per second, positive
     * @throws IllegalArgumentException if {@code perSecond} is not positive
     */
    public RateLimit withMessagesPerSecond(long perSecond) {
        return new RateLimit(Checks.positive("perSecond", perSecond), bytesPerSecond, burst);
    }

    /**
     * {@return this limit with a limit of {@code perSecond} payload bytes a second}
     *
     * @param perSecond payload bytes per second, positive
     * @throws IllegalArgumentException if {@code perSecond} is not positive
     */
    public RateLimit withBytesPerSecond(long perSecond) {
        return new RateLimit(messagesPerSecond, Checks.positive("perSecond", perSecond), burst);
    }

    /**
     * {@return this limit with another burst} After a pause, as much can be sent at once as the rate allows in {@code
     * burst}, and at least one message. Default: 1 s.
     *
     * @param burst how long a pause can be made up for, positive
     * @throws IllegalArgumentException if {@code burst} is not positive
     */
    public RateLimit withBurst(Duration burst) {
        return new RateLimit(messagesPerSecond, bytesPerSecond, Checks.positive("burst", burst));
    }

    /** {@return the messages per second; 0 if messages are not limited} */
    public long messagesPerSecond() {
        return messagesPerSecond;
    }

    /** {@return the payload bytes per second; 0 if bytes are not limited} */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** {@return the burst, as the time in which an empty bucket fills} */
    public Duration burst() {
        return burst;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof RateLimit)) return false;
        RateLimit that = (RateLimit) other;
        return messagesPerSecond == that.messagesPerSecond
                && bytesPerSecond == that.bytesPerSecond
                && burst.equals(that.burst);
    }

    @Override
    public int hashCode() {
        return Objects.hash(messagesPerSecond, bytesPerSecond, burst);
    }

    @Override
    public String toString() {
        return "RateLimit(messagesPerSecond=" + messagesPerSecond + ", bytesPerSecond=" + bytesPerSecond + ", burst="
                + burst + ")";
    }
}
