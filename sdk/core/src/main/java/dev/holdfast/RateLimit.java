package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * How fast messages leave the queue: a token bucket for messages, one for payload bytes, or both. A bucket starts full and
 * holds what its rate fills in during the burst, one second unless set. What is sent again on a new connection counts
 * again. A message that is larger than the bucket goes when the bucket is full, and what it took too much is paid off
 * before the next. Immutable.
 */
public final class RateLimit {
    private static final long DEFAULT_BURST_NANOS = Duration.ofSeconds(1).toNanos();

    private final long messagesPerSecond;
    private final long bytesPerSecond;
    private final long burstNanos;

    private RateLimit(long messagesPerSecond, long bytesPerSecond, long burstNanos) {
        this.messagesPerSecond = messagesPerSecond;
        this.bytesPerSecond = bytesPerSecond;
        this.burstNanos = burstNanos;
    }

    /** So many messages a second. */
    public static RateLimit ofMessages(long perSecond) {
        return new RateLimit(positive("messages", perSecond), 0, DEFAULT_BURST_NANOS);
    }

    /** So many payload bytes a second. */
    public static RateLimit ofBytes(long perSecond) {
        return new RateLimit(0, positive("bytes", perSecond), DEFAULT_BURST_NANOS);
    }

    /** So many messages a second besides. */
    public RateLimit messages(long perSecond) {
        return new RateLimit(positive("messages", perSecond), bytesPerSecond, burstNanos);
    }

    /** So many payload bytes a second besides. */
    public RateLimit bytes(long perSecond) {
        return new RateLimit(messagesPerSecond, positive("bytes", perSecond), burstNanos);
    }

    /** What may go at once after a pause: as much as the rate allows in that time, and one message at least. */
    public RateLimit burst(Duration burst) {
        return new RateLimit(messagesPerSecond, bytesPerSecond, Durations.positiveNanos("burst", burst));
    }

    private static long positive(String what, long perSecond) {
        if (perSecond <= 0) throw new IllegalArgumentException(perSecond + " " + what + " a second");
        return perSecond;
    }

    /** Messages a second; 0 where they are not counted. */
    public long messagesPerSecond() {
        return messagesPerSecond;
    }

    /** Payload bytes a second; 0 where they are not counted. */
    public long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** What a bucket holds, in nanoseconds of its rate. */
    public long burstNanos() {
        return burstNanos;
    }
}
