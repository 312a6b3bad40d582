package dev.holdfast.sample.demo;

import dev.holdfast.server.SessionStore;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The arguments of the scenarios on the command line. */
public final class DemoArguments {
    private static final String ALL = "all";
    private static final int MIN_SECONDS = 5;
    private static final int MAX_NUMBER = 1_000_000;

    @Option(names = "--headless", description = "Opens no window.")
    private boolean headless;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            defaultValue = ALL,
            description = "What to run: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private String scenario = ALL;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Messages in each direction of a scenario, except for storm. Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "Duration of storm. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "50",
            description = "How often killed kills the client's process. Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed for the times of the faults. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--json", description = "Prints the result as JSON, and the progress on standard error.")
    private boolean json;

    @Option(
            names = "--log",
            paramLabel = "ADDRESS",
            defaultValue = SessionStore.MEMORY,
            description = "Where the server keeps its sessions: memory, or redis://host:port/number."
                    + " Default: ${DEFAULT-VALUE}.")
    private String log = SessionStore.MEMORY;

    /** Creates the arguments with their defaults. */
    public DemoArguments() {}

    /** Returns whether the user wants no window. */
    public boolean isHeadless() {
        return headless;
    }

    /** The names of the scenarios, for help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(
                            Stream.of(ALL), Arrays.stream(Scenario.values()).map(Scenario::label))
                    .iterator();
        }
    }

    /**
     * Returns the options that the arguments mean.
     *
     * @throws IllegalArgumentException if there are none; its message is a sentence for the user
     */
    public DemoOptions options() {
        List<Scenario> chosen =
                scenario.equals(ALL) ? List.of(Scenario.values()) : List.of(Scenario.labelled(scenario));
        return new DemoOptions(
                chosen,
                within("--messages", messages, 1),
                within("--seconds", seconds, MIN_SECONDS),
                within("--kills", kills, 1),
                seed,
                json,
                SessionStore.checkedAddress(log));
    }

    static DemoOptions parse(String... args) {
        DemoArguments arguments = new DemoArguments();
        try {
            new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(arguments)).parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        return arguments.options();
    }

    private static int within(String option, int value, int min) {
        if (value >= min && value <= MAX_NUMBER) return value;
        throw new IllegalArgumentException(
                option + " must be between " + min + " and " + MAX_NUMBER + ", but was " + value);
    }
}
