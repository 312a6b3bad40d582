package dev.holdfast.internal.time;

/** A monotonic clock. Safe from any thread. */
public interface Ticker {
    /** Returns nanoseconds since a fixed moment before the first call. It is never negative and never decreases. */
    long nanos();
}
