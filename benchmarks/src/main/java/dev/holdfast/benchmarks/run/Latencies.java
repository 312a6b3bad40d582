package dev.holdfast.benchmarks.run;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** A collection of durations. Not thread-safe. */
final class Latencies {
    private static final int MAX_SAMPLES = 1 << 20;

    private final long[] nanos = new long[MAX_SAMPLES];
    private int count;

    void add(long duration) {
        if (count < MAX_SAMPLES) nanos[count++] = duration;
    }

    double medianMillis() {
        return median() / 1e6;
    }

    private long median() {
        return sorted()[count / 2];
    }

    private long[] sorted() {
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted;
    }

    Map<Metric, Double> figures() {
        long[] sorted = sorted();
        Map<Metric, Double> figures = new EnumMap<>(Metric.class);
        figures.put(Metric.P50, sorted[count / 2] / 1000.0);
        figures.put(Metric.P99, sorted[(int) (count * 0.99)] / 1000.0);
        return figures;
    }
}
