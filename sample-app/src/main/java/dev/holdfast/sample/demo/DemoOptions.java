package dev.holdfast.sample.demo;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the command line asks for.
 *
 * @param scenarios what to run, in order
 * @param messages how many messages each side sends in each, but for the storm
 * @param seconds how long the storm lasts
 * @param seed when the faults come
 * @param json whether the result is told in JSON
 */
public record DemoOptions(List<Scenario> scenarios, int messages, int seconds, long seed, boolean json) {
    public static final String USAGE = "usage: [--headless] [--scenario all|"
            + Arrays.stream(Scenario.values()).map(Scenario::label).collect(Collectors.joining("|"))
            + "] [--messages N] [--seconds N, of the storm] [--seed S] [--json]";

    private static final int DEFAULT_MESSAGES = 10_000;
    private static final int DEFAULT_SECONDS = 20;
    private static final int MIN_SECONDS = 5;

    public static DemoOptions parse(String... args) {
        List<Scenario> scenarios = List.of(Scenario.values());
        int messages = DEFAULT_MESSAGES;
        int seconds = DEFAULT_SECONDS;
        long seed = 1;
        boolean json = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--headless":
                    // The only way to run so far.
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
                case "--json":
                    json = true;
                    break;
                default:
                    throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        return new DemoOptions(scenarios, messages, seconds, seed, json);
    }

    /** What is to be run for one of the scenarios. */
    public ScenarioRun run(Scenario scenario, Progress progress) {
        return scenario == Scenario.STORM
                ? ScenarioRun.ofSeconds(scenario, seconds, seed, progress)
                : ScenarioRun.ofMessages(scenario, messages, seed, progress);
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
