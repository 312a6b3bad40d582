package dev.holdfast.benchmarks.run;

import static dev.holdfast.benchmarks.client.ClientKind.HOLDFAST;
import static dev.holdfast.benchmarks.client.ClientKind.HOLDFAST_CLIENT;
import static dev.holdfast.benchmarks.client.ClientKind.HOLDFAST_SESSION;
import static dev.holdfast.benchmarks.client.ClientKind.OKHTTP;
import static dev.holdfast.benchmarks.client.ClientKind.RAW;

import dev.holdfast.benchmarks.client.ClientKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** A target for one of Holdfast's figures. */
record Target(ClientKind client, Case which, Metric metric, Bound bound) {
    /** A computed limit and its description. */
    record Limit(double value, String description) {}

    /** A computation of a limit from a run's figures. */
    interface Bound {
        /** Returns the limit, or null if the figure to compare with was not measured. */
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
        all.add(new Target(HOLDFAST, Case.BEHIND_16M, Metric.MILLIS, timesBestPeer(1)));
        all.add(new Target(HOLDFAST, Case.PING_INTO_16M, Metric.P50, atMost(8000)));
        all.add(new Target(HOLDFAST, Case.IDLE, Metric.HEAP, atMost(12_000)));
        all.add(new Target(HOLDFAST_SESSION, Case.IDLE, Metric.HEAP, atMost(18_000)));
        all.add(new Target(HOLDFAST, Case.IDLE, Metric.RESIDENT, atMost(120_000)));
        for (ClientKind client : List.of(HOLDFAST, HOLDFAST_SESSION)) {
            all.add(new Target(client, Case.IDLE, Metric.RESIDENT, times(1, OKHTTP)));
            all.add(new Target(client, Case.IDLE, Metric.THREADS, atMost(1)));
        }
        all.add(new Target(HOLDFAST_CLIENT, Case.SEND_TEXT_32, Metric.RATE, times(0.6, HOLDFAST)));
        all.add(new Target(HOLDFAST_CLIENT, Case.SEND_TEXT_32, Metric.ALLOCATED, atMost(90)));
        all.add(new Target(HOLDFAST_SESSION, Case.SEND_TEXT_16K, Metric.CPU, times(1.6, HOLDFAST)));
        all.add(new Target(HOLDFAST_SESSION, Case.SEND_TEXT_16K, Metric.ALLOCATED, atMost(1_000)));
        all.add(new Target(HOLDFAST_SESSION, Case.RECEIVE_TEXT_32, Metric.RATE, atLeast(3.3e6)));
        all.add(new Target(HOLDFAST_SESSION, Case.RECEIVE_TEXT_32, Metric.ALLOCATED, atMost(400)));
        for (Case which : List.of(Case.SEND_TEXT_256, Case.RECEIVE_TEXT_256)) {
            all.add(new Target(HOLDFAST_SESSION, which, Metric.RATE, times(0.4, HOLDFAST)));
            all.add(new Target(HOLDFAST_SESSION, which, Metric.CPU, over(HOLDFAST, 1)));
            all.add(new Target(HOLDFAST_SESSION, which, Metric.ALLOCATED, over(HOLDFAST, 600)));
        }
        all.add(new Target(HOLDFAST_SESSION, Case.COME_BACK, Metric.P50, atMost(10_000)));
        all.add(new Target(HOLDFAST_SESSION, Case.REPLAY, Metric.RATE, times(0.5, HOLDFAST, Case.RECEIVE_TEXT_256)));
        return List.copyOf(all);
    }

    private static Bound atMost(double value) {
        return (figures, target) -> new Limit(value, "at most " + Report.number(value));
    }

    private static Bound atLeast(double value) {
        return (figures, target) -> new Limit(value, "at least " + Report.number(value));
    }

    private static Bound times(double factor, ClientKind other) {
        return (figures, target) -> times(factor, other, target.which).of(figures, target);
    }

    private static Bound times(double factor, ClientKind other, Case which) {
        return (figures, target) -> {
            OptionalDouble figure = figures.median(other, which, target.metric);
            if (figure.isEmpty()) return null;
            String description = product(factor, other) + (which == target.which ? "" : ", " + which.title());
            return new Limit(factor * figure.getAsDouble(), description);
        };
    }

    private static Bound over(ClientKind other, double margin) {
        return (figures, target) -> {
            OptionalDouble figure = figures.median(other, target.which, target.metric);
            if (figure.isEmpty()) return null;
            return new Limit(figure.getAsDouble() + margin, other.title() + " and " + Report.number(margin));
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
