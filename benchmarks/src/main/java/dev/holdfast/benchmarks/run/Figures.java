package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** All measured figures, round by round. */
final class Figures {
    private record Key(ClientKind client, Case which, Metric metric) {}

    private final Map<Key, List<Double>> rounds = new HashMap<>();

    void add(ClientKind client, Case which, Map<Metric, Double> figures) {
        figures.forEach(
                (metric, figure) -> rounds.computeIfAbsent(new Key(client, which, metric), key -> new ArrayList<>())
                        .add(figure));
    }

    /** Returns every round's figure in ascending order; empty if there is none. */
    List<Double> sorted(ClientKind client, Case which, Metric metric) {
        List<Double> sorted = new ArrayList<>(rounds.getOrDefault(new Key(client, which, metric), List.of()));
        Collections.sort(sorted);
        return sorted;
    }

    OptionalDouble median(ClientKind client, Case which, Metric metric) {
        List<Double> sorted = sorted(client, which, metric);
        if (sorted.isEmpty()) return OptionalDouble.empty();
        int middle = sorted.size() / 2;
        double upper = sorted.get(middle);
        return OptionalDouble.of(sorted.size() % 2 == 1 ? upper : (sorted.get(middle - 1) + upper) / 2);
    }
}
