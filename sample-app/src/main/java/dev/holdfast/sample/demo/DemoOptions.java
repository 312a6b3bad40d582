package dev.holdfast.sample.demo;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the command line asks for.
 *
 * @param scenarios what to run, in order
 * @param messages how many messages each side sends in each
 * @param seed when the faults come
 */
public record DemoOptions(List<Scenario> scenarios, int messages, long seed) {
    public static final String USAGE = "usage: [--headless] [--scenario all|"
            + Arrays.stream(Scenario.values()).map(Scenario::label).collect(Collectors.joining("|"))
            + "] [--messages N] [--seed S]";

    private static final int DEFAULT_MESSAGES = 10_000;

    public static DemoOptions parse(String... args) {
        List<Scenario> scenarios = List.of(Scenario.values());
        int messages = DEFAULT_MESSAGES;
        long seed = 1;
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
                    messages = (int) number(args, ++i);
                    if (messages < 1) throw new IllegalArgumentException("--messages wants at least 1");
                    break;
                case "--seed":
                    seed = number(args, ++i);
                    break;
                default:
                    throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        return new DemoOptions(scenarios, messages, seed);
    }

    private static String value(String[] args, int i) {
        if (i >= args.length) throw new IllegalArgumentException(args[i - 1] + " wants a value");
        return args[i];
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
