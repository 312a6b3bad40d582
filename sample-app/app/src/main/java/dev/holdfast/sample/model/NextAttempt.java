package dev.holdfast.sample.model;

import dev.holdfast.ConnectionFailure;

/**
 * The reconnect policy's answer to the newest failure.
 *
 * @param failure the failure
 * @param sinceNanos when it was reported, on the clock of {@link System#nanoTime}
 * @param recoveredAfterNanos for how long the client was not open until it recovered; -1 if it has not recovered
 */
public record NextAttempt(ConnectionFailure failure, long sinceNanos, long recoveredAfterNanos) {
    NextAttempt(ConnectionFailure failure, long sinceNanos) {
        this(failure, sinceNanos, -1);
    }

    NextAttempt recovered(long afterNanos) {
        return new NextAttempt(failure, sinceNanos, afterNanos);
    }

    /** Returns whether the connection has been open again since the failure. */
    public boolean isRecovered() {
        return recoveredAfterNanos >= 0;
    }

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
