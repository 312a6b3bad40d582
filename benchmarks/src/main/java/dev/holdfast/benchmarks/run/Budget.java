package dev.holdfast.benchmarks.run;

import java.util.concurrent.TimeUnit;

/**
 * The time and the number of connections that a client may use for a case.
 *
 * @param warmMillis the time before the measurement
 * @param measureMillis the time of the measurement
 * @param idleConnections the number of connections that are held when nothing is sent
 */
public record Budget(long warmMillis, long measureMillis, int idleConnections) {
    long warmNanos() {
        return TimeUnit.MILLISECONDS.toNanos(warmMillis);
    }

    long measureNanos() {
        return TimeUnit.MILLISECONDS.toNanos(measureMillis);
    }
}
