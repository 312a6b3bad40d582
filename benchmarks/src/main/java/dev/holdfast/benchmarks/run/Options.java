package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.ClientKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The options of a run.
 *
 * @param rounds how often every client runs every case
 * @param first the budget of each client's first run of a case
 * @param later the budget of all later runs, when the client's JVM is warm
 */
record Options(List<ClientKind> clients, List<Case> cases, int rounds, Budget first, Budget later) {
    /** The number of idle connections. */
    private static final int IDLE = 250;

    /**
     * Parses the command line: {@code --short}, {@code --clients A,B}, {@code --cases A,B}, {@code --rounds N},
     * {@code --millis N}.
     */
    static Options of(String... args) {
        List<ClientKind> clients = List.of(ClientKind.values());
        List<Case> cases = List.of(Case.values());
        int rounds = 5;
        long millis = 1500;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--short" -> {
                    rounds = 3;
                    millis = 300;
                }
                case "--clients" -> clients = list(args[++i], ClientKind::valueOf);
                case "--cases" -> cases = list(args[++i], Case::valueOf);
                case "--rounds" -> rounds = Integer.parseInt(args[++i]);
                case "--millis" -> millis = Long.parseLong(args[++i]);
                default -> throw new IllegalArgumentException("no option " + args[i]);
            }
        }
        return new Options(
                clients, cases, rounds, new Budget(3 * millis, millis, IDLE), new Budget(millis / 4, millis, IDLE));
    }

    private static <T> List<T> list(String names, Function<String, T> valueOf) {
        return new ArrayList<>(Stream.of(names.split(",", -1)).map(valueOf).toList());
    }
}
