package dev.holdfast.sample.model;

import dev.holdfast.ConnectionFailure;

/**
 * What the reconnect policy made of the newest failure.
 *
 * @param failure what happened
 * @param sinceNanos when it was told, on the clock of {@link System#nanoTime}
 */
public record NextAttempt(ConnectionFailure failure, long sinceNanos) {
    /** How much of the delay is left: from 1 to 0. */
    public double shareLeft(long nanoTime) {
        long delay = failure.retryIn().toNanos();
        return delay <= 0 ? 0 : Math.max(0, 1 - (nanoTime - sinceNanos) / (double) delay);
    }

    /** How long is left, in seconds. */
    public double secondsLeft(long nanoTime) {
        return shareLeft(nanoTime) * failure.retryIn().toNanos() / 1e9;
    }
}
