package dev.holdfast.benchmarks.run;

import static dev.holdfast.benchmarks.client.ClientKind.HOLDFAST;
import static dev.holdfast.benchmarks.client.ClientKind.OKHTTP;
import static dev.holdfast.benchmarks.client.ClientKind.RAW;

import dev.holdfast.benchmarks.client.ClientKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What one of Holdfast's figures should be. */
record Target(ClientKind client, Case which, Metric metric, Bound bound) {
    /** A limit that was worked out, and in words. */
    record Limit(double value, String description) {}

    /** Works a limit out of a run's figures. */
    interface Bound {
        /** Null where what it is compared with was not measured. */
        @Nullable
        Limit of(Figures figures, Target target);
    }

    static final List<Target> ALL = all();

    private static List<Target> all() {
        List<Target> all = new ArrayList<>();
        all.add(new Target(HOLDFAST, Case.SEND_TEXT_32, Metric.RATE, timesBestPeer(2.5)));
        all.add(new Target(HOLDFAST, Case.SEND_TEXT_256, Metric.RATE, timesBestPeer(2)));
        all.add(new Target(HOLDFAST, Case.SEND_TEXT_16K, Metric.RATE, timesBestPeer(1.3)));
        all.add(new Target(HOLDFAST, Case.SEND_BINARY_1M, Metric.RATE, timesBestPeer(1.2)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_32, Metric.RATE, times(3, OKHTTP)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_256, Metric.RATE, times(2.5, OKHTTP)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_16K, Metric.RATE, times(2, OKHTTP)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_BINARY_1M, Metric.RATE, timesBestPeer(1)));
        all.add(new Target(HOLDFAST, Case.ROUND_TRIP_ONE_PROCESSOR, Metric.P50, times(1.25, RAW)));
        all.add(new Target(HOLDFAST, Case.ROUND_TRIP_ONE_PROCESSOR, Metric.P50, timesBestPeer(1)));
        all.add(new Target(HOLDFAST, Case.ROUND_TRIP_ONE_PROCESSOR, Metric.P99, timesBestPeer(1)));
        all.add(new Target(HOLDFAST, Case.ROUND_TRIP, Metric.P50, timesBestPeer(1.2)));
        all.add(new Target(HOLDFAST, Case.SEND_TEXT_32, Metric.ALLOCATED, atMost(80)));
        all.add(new Target(HOLDFAST, Case.SEND_TEXT_256, Metric.ALLOCATED, atMost(80)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_32, Metric.ALLOCATED, atMost(72 + 16)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_256, Metric.ALLOCATED, atMost(296 + 16)));
        all.add(new Target(HOLDFAST, Case.RECEIVE_TEXT_16K, Metric.ALLOCATED, atMost(16_424 + 16)));
        return List.copyOf(all);
    }

    private static Bound atMost(double value) {
        return (figures, target) -> new Limit(value, "at most " + Report.number(value));
    }

    private static Bound times(double factor, ClientKind other) {
        return (figures, target) -> {
            OptionalDouble figure = figures.median(other, target.which, target.metric);
            return figure.isEmpty() ? null : new Limit(factor * figure.getAsDouble(), product(factor, other));
        };
    }

    private static Bound timesBestPeer(double factor) {
        return (figures, target) -> {
            ClientKind best = null;
            double bestFigure = 0;
            for (ClientKind peer : ClientKind.peers()) {
                OptionalDouble figure = figures.median(peer, target.which, target.metric);
                if (figure.isEmpty()) continue;
                boolean better = figure.getAsDouble() > bestFigure == target.metric.moreIsBetter();
                if (best == null || better) {
                    best = peer;
                    bestFigure = figure.getAsDouble();
                }
            }
            return best == null ? null : new Limit(factor * bestFigure, product(factor, best));
        };
    }

    private static String product(double factor, ClientKind other) {
        return String.format(Locale.ROOT, "%s x %s", factor, other.title());
    }
}
