package dev.holdfast.internal.session;

/**
 * A token bucket, stored as the time at which it will be full again. Taking tokens moves that time into the future by
 * the time that they take to refill. The caller passes the time in.
 */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double nanosPerToken;
    private final long burstNanos;

    /** Before any possible time: a bucket starts full. */
    private long fullAt = Long.MIN_VALUE / 2;

    /**
     * Creates a full bucket.
     *
     * @param burstNanos the capacity, as the time to fill it
     */
    TokenBucket(long tokensPerSecond, long burstNanos) {
        this.nanosPerToken = NANOS_PER_SECOND / tokensPerSecond;
        this.burstNanos = burstNanos;
    }

    /**
     * Returns the time from which so many tokens can be taken. More than the capacity can be taken when the bucket is
     * full.
     */
    long due(long tokens) {
        long cost = cost(tokens);
        return cost >= burstNanos ? fullAt : fullAt + cost - burstNanos;
    }

    void take(long tokens, long now) {
        fullAt = Math.max(fullAt, now) + cost(tokens);
    }

    /** Returns the time to refill so many tokens. Bounded, so that no sum overflows. */
    private long cost(long tokens) {
        return Math.min((long) Math.ceil(tokens * nanosPerToken), Long.MAX_VALUE / 4);
    }
}
