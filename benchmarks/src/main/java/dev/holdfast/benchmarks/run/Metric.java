package dev.holdfast.benchmarks.run;

/** What a figure says. */
public enum Metric {
    RATE("messages/s", true),
    P50("p50, us", false),
    P99("p99, us", false),
    MILLIS("ms", false),
    CPU("CPU us/message", false),
    ALLOCATED("bytes allocated/message", false),
    HEAP("heap bytes/connection", false),
    THREADS("threads/connection", false);

    private final String unit;
    private final boolean moreIsBetter;

    Metric(String unit, boolean moreIsBetter) {
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    /** How a table calls it. */
    public String unit() {
        return unit;
    }

    /** Whether it is a rate rather than a cost. */
    public boolean moreIsBetter() {
        return moreIsBetter;
    }
}
