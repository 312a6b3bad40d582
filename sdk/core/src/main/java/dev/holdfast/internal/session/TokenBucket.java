package dev.holdfast.internal.session;

/**
 * A token bucket, held as the moment at which it will be full again: to take tokens moves it into the future by what they
 * take to fill. Time comes in.
 */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double nanosPerToken;
    private final long burstNanos;

    /** Before any time that comes: a bucket starts full. */
    private long fullAt = Long.MIN_VALUE / 2;

    /** @param burstNanos what it holds, as the time in which it fills */
    TokenBucket(long tokensPerSecond, long burstNanos) {
        this.nanosPerToken = NANOS_PER_SECOND / tokensPerSecond;
        this.burstNanos = burstNanos;
    }

    /** From when on so many tokens can be taken. More than it holds can be taken when it is full. */
    long due(long tokens) {
        long cost = cost(tokens);
        return cost >= burstNanos ? fullAt : fullAt + cost - burstNanos;
    }

    void take(long tokens, long now) {
        fullAt = Math.max(fullAt, now) + cost(tokens);
    }

    /** Bounded, so that no sum of it wraps around. */
    private long cost(long tokens) {
        return Math.min((long) Math.ceil(tokens * nanosPerToken), Long.MAX_VALUE / 4);
    }
}
