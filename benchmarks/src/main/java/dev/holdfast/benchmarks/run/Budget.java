package dev.holdfast.benchmarks.run;

import java.util.concurrent.TimeUnit;

/**
 * How long a client may take over a case, and how much of it.
 *
 * @param warmMillis before anything counts
 * @param measureMillis what counts
 * @param idleConnections how many connections are held where nothing is sent
 */
public record Budget(long warmMillis, long measureMillis, int idleConnections) {
    long warmNanos() {
        return TimeUnit.MILLISECONDS.toNanos(warmMillis);
    }

    long measureNanos() {
        return TimeUnit.MILLISECONDS.toNanos(measureMillis);
    }
}
