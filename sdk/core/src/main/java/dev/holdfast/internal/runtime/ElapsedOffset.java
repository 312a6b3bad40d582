package dev.holdfast.internal.runtime;

import java.util.concurrent.TimeUnit;

/**
 * How far elapsed time, which sessions count by, is ahead of the ticker, which connections count by. The difference grows
 * while the device sleeps. Confined to the serial context.
 */
final class ElapsedOffset {
    /**
     * Two clocks that are read one after the other differ by a little more or less each time. Smaller changes are ignored:
     * otherwise the time of a connection's last byte would seem to change from one reading to the next.
     */
    private static final long READING_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private long ahead;

    ElapsedOffset(long ahead) {
        this.ahead = ahead;
    }

    /** Notes the offset of an event, and returns by how much it has grown since the last one. */
    long update(long nowAhead) {
        long grown = nowAhead - ahead;
        if (Math.abs(grown) > READING_NANOS) ahead = nowAhead;
        return grown;
    }

    /** Converts a time of the ticker to elapsed time. */
    long toElapsed(long tickerNanos) {
        return tickerNanos + ahead;
    }
}
