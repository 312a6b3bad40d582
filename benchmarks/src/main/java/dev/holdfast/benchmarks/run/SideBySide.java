package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A benchmark that runs every client on the same work, each in its own JVM, in rounds. The clients take turns at each
 * case, so that other load on the machine affects all of them. Prints Markdown.
 */
public final class SideBySide {
    private static final List<String> ONE_PROCESSOR = List.of("taskset", "-c", "0");

    private final Options options;
    private final Figures figures = new Figures();
    private final List<String> failed = new ArrayList<>();
    private final Stage stage = new Stage(List.of());
    private final Stage pinned = new Stage(ONE_PROCESSOR);

    private SideBySide(Options options) throws IOException {
        this.options = options;
    }

    /**
     * Measures, and prints the report. Fails if one of our own clients failed.
     *
     * @param args see {@link Options#of}
     */
    public static void main(String[] args) throws IOException {
        SideBySide run = new SideBySide(Options.of(args));
        try {
            run.runAll();
        } finally {
            run.stage.close();
            run.pinned.close();
        }
        System.out.print(new Report(run.options, run.figures).markdown());
        if (!run.failed.isEmpty()) throw new IllegalStateException("Holdfast failed: " + run.failed);
    }

    private void runAll() {
        List<ClientKind> order = new ArrayList<>(options.clients());
        for (int round = 0; round < options.rounds(); round++) {
            for (Case which : options.cases()) {
                for (ClientKind client : order) {
                    if (which.isFor(client)) run(client, which, round == 0 ? options.first() : options.later());
                }
            }
            Collections.rotate(order, 1);
        }
    }

    private void run(ClientKind client, Case which, Budget budget) {
        try {
            Map<Metric, Double> measured = switch (which.setting()) {
                case SHARED -> stage.measure(client, which, budget);
                case ONE_PROCESSOR -> pinned.measure(client, which, budget);
                case OWN_PROCESS -> stage.measureAlone(client, which, budget);
            };
            figures.add(client, which, measured);
        } catch (IOException e) {
            String what = client.title() + ", " + which.title() + ": " + e.getMessage();
            System.err.println(what);
            if (!ClientKind.peers().contains(client)) failed.add(what);
        }
    }
}
