package dev.holdfast.sample.model;

import dev.holdfast.ConnectionFailure;

/**
 * The reconnect policy's answer to the newest failure.
 *
 * @param failure the failure
 * @param sinceNanos when it was reported, on the clock of {@link System#nanoTime}
 */
public record NextAttempt(ConnectionFailure failure, long sinceNanos) {
    /** Returns the remaining share of the delay, from 1 to 0. */
    public double shareLeft(long nanoTime) {
        long delay = failure.retryIn().toNanos();
        return delay <= 0 ? 0 : Math.max(0, 1 - (nanoTime - sinceNanos) / (double) delay);
    }

    /** Returns the remaining time in seconds. */
    public double secondsLeft(long nanoTime) {
        return shareLeft(nanoTime) * failure.retryIn().toNanos() / 1e9;
    }
}
