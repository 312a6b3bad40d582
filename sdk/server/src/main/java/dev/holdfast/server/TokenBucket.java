package dev.holdfast.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The remaining allowance of a client under a {@link RateLimit}.
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

    /** Takes one token. Returns false if the client may not send another message now. */
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

    /** Returns the time until the bucket is full. A client that returns earlier would soon be sent away again. */
    Duration untilFull() {
        double missing = limit.burst() - tokens;
        return Duration.ofMillis((long) Math.ceil(missing * TimeUnit.SECONDS.toMillis(1) / limit.messagesASecond()));
    }
}
