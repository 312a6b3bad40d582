package dev.holdfast.internal.time;

/** A monotonic clock. Safe from any thread. */
public interface Ticker {
    /** Nanoseconds since some fixed moment before the first call; never negative, never less than before. */
    long nanos();
}
