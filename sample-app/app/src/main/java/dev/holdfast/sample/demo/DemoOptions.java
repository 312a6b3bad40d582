package dev.holdfast.sample.demo;

import dev.holdfast.sample.server.SessionStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The options on the command line.
 *
 * @param scenarios what to run, in order
 * @param messages how many messages each side sends in each scenario, except for the storm; a minimum with two nodes
 * @param seconds how long the storm lasts
 * @param seed the seed for the times of the faults
 * @param json whether the result is printed as JSON
 * @param log where the embedded server keeps its sessions, for {@link SessionStore#at}
 */
public record DemoOptions(List<Scenario> scenarios, int messages, int seconds, long seed, boolean json, String log) {
    public static final String USAGE = "usage: [--headless] [--scenario all|"
            + Arrays.stream(Scenario.values()).map(Scenario::label).collect(Collectors.joining("|"))
            + "] [--messages N] [--seconds N, of the storm] [--seed S] [--json] [--log memory|redis://host:port/number]";

    private static final int DEFAULT_MESSAGES = 10_000;
    private static final int DEFAULT_SECONDS = 20;
    private static final int MIN_SECONDS = 5;

    public static DemoOptions parse(String... args) {
        List<Scenario> scenarios = List.of(Scenario.values());
        int messages = DEFAULT_MESSAGES;
        int seconds = DEFAULT_SECONDS;
        long seed = 1;
        boolean json = false;
        String log = SessionStore.MEMORY;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--headless":
                    // Scenarios always run headless, so the option has no effect.
                    break;
                case "--scenario":
                    String name = value(args, ++i);
                    if (!name.equals("all")) scenarios = List.of(Scenario.labelled(name));
                    break;
                case "--messages":
                    messages = atLeast(1, args, ++i);
                    break;
                case "--seconds":
                    seconds = atLeast(MIN_SECONDS, args, ++i);
                    break;
                case "--seed":
                    seed = number(args, ++i);
                    break;
                case "--log":
                    log = SessionStore.checkedAddress(value(args, ++i));
                    break;
                case "--json":
                    json = true;
                    break;
                default:
                    throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        return new DemoOptions(scenarios, messages, seconds, seed, json, log);
    }

    /** Runs one of the scenarios to its end. */
    public Tally run(Scenario scenario, Progress progress) throws InterruptedException {
        if (scenario == Scenario.TWO_NODES) return TwoNodes.run(TwoNodes.Harm.KILLED, messages, progress);
        try (SessionStore store = SessionStore.at(log)) {
            ScenarioRun run = scenario == Scenario.STORM
                    ? ScenarioRun.ofSeconds(scenario, seconds, seed, progress, store)
                    : ScenarioRun.ofMessages(scenario, messages, seed, progress, store);
            return run.run();
        }
    }

    private static String value(String[] args, int i) {
        if (i >= args.length) throw new IllegalArgumentException(args[i - 1] + " wants a value");
        return args[i];
    }

    private static int atLeast(int least, String[] args, int i) {
        long number = number(args, i);
        if (number < least || number > Integer.MAX_VALUE / 1000) {
            throw new IllegalArgumentException(args[i - 1] + " wants at least " + least + ", and not much more");
        }
        return (int) number;
    }

    private static long number(String[] args, int i) {
        String value = value(args, i);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(args[i - 1] + " wants a number, not " + value, e);
        }
    }
}
