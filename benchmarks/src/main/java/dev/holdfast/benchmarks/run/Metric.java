package dev.holdfast.benchmarks.run;

/** The quantity that a figure measures. */
public enum Metric {
    RATE("messages/s", true),
    P50("p50, us", false),
    P99("p99, us", false),
    MILLIS("ms", false),
    CPU("CPU us/message", false),
    ALLOCATED("bytes allocated/message", false),
    HEAP("heap bytes/connection", false),
    /** With the heap in use, the stacks of threads, and what the JVM and the C library allocate. */
    RESIDENT("resident bytes/connection", false),
    THREADS("threads/connection", false);

    private final String unit;
    private final boolean moreIsBetter;

    Metric(String unit, boolean moreIsBetter) {
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    /** Returns the unit in a table. */
    public String unit() {
        return unit;
    }

    /** Returns whether this is a rate rather than a cost. */
    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
