package dev.holdfast.sample.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What a client may still send under a {@link RateLimit}.
 *
 * <p>Not thread-safe: used in the session's lane.
 */
final class TokenBucket {
    private final RateLimit limit;
    private double tokens;
    private long filledAt;

    TokenBucket(RateLimit limit, long nowNanos) {
        this.limit = limit;
        this.tokens = limit.burst();
        this.filledAt = nowNanos;
    }

    /** Whether one more message may come now. */
    boolean take(long nowNanos) {
        double grown = (nowNanos - filledAt) * (double) limit.messagesASecond() / TimeUnit.SECONDS.toNanos(1);
        tokens = Math.min(limit.burst(), tokens + grown);
        filledAt = nowNanos;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** How long until it has all that it can hold: who comes again sooner would soon be sent away again. */
    Duration untilFull() {
        double missing = limit.burst() - tokens;
        return Duration.ofMillis((long) Math.ceil(missing * TimeUnit.SECONDS.toMillis(1) / limit.messagesASecond()));
    }
}
