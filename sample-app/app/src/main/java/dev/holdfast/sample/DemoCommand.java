package dev.holdfast.sample;

import dev.holdfast.sample.connect.Terminal;
import dev.holdfast.sample.demo.DemoArguments;
import dev.holdfast.sample.demo.DemoOptions;
import dev.holdfast.sample.demo.Progress;
import dev.holdfast.sample.demo.Results;
import dev.holdfast.sample.demo.Scenario;
import dev.holdfast.sample.model.Totals;
import dev.holdfast.sample.ui.HoldfastApp;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command {@code demo}: the window, or scenarios against an embedded server through a faulty network, with messages
 * counted on both sides.
 */
@Command(
        name = "demo",
        description = {
            "Breaks connections and counts messages on both sides.",
            "Without options it opens the window if JavaFX and a display are there, and runs all scenarios otherwise."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing was lost, duplicated or reordered without a report to the client",
            "1:something was, or the window cannot be opened",
            "2:the arguments are wrong"
        })
final class DemoCommand implements Callable<Integer> {
    /** A day. */
    private static final int MAX_SECONDS = 86_400;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--window",
            paramLabel = "SECONDS",
            description = "Opens the window, closes it after this time, and prints the totals.")
    private @Nullable Integer window;

    @Mixin
    private DemoArguments arguments = new DemoArguments();

    private DemoCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        DemoOptions options = options();
        boolean javaFx = hasJavaFx();
        if (window != null) return javaFx ? window(window) : withoutJavaFx();
        if (spec.commandLine().getParseResult().matchedOptions().isEmpty()) {
            if (javaFx && HoldfastApp.isPossible() && HoldfastApp.open(0) != null) return ExitCode.OK;
            if (!javaFx) System.err.println("No window, since JavaFX is not in this jar. Running the scenarios.");
        }
        return scenarios(options);
    }

    private DemoOptions options() {
        Integer closing = window;
        if (closing != null && (closing < 1 || closing > MAX_SECONDS)) {
            throw new ParameterException(
                    spec.commandLine(), "--window must be between 1 and " + MAX_SECONDS + ", but was " + closing);
        }
        if (closing != null && arguments.isHeadless()) {
            throw new ParameterException(spec.commandLine(), "--window and --headless exclude each other");
        }
        try {
            return arguments.options();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** Returns whether JavaFX is there. It has native libraries for each platform, so the jar does not contain it. */
    private static boolean hasJavaFx() {
        try {
            Class.forName("javafx.application.Application", false, DemoCommand.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static int withoutJavaFx() {
        System.err.println("The window needs JavaFX, which is not in this jar. From the source folder: mvn -q -Pdemo");
        return ExitCode.SOFTWARE;
    }

    private static int window(int seconds) {
        Totals totals = HoldfastApp.open(seconds);
        if (totals == null) return ExitCode.SOFTWARE;
        System.out.println(totals);
        return totals.arePassed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static int scenarios(DemoOptions options) throws InterruptedException {
        PrintStream aside = options.json() ? System.err : System.out;
        Progress progress = new Progress(aside, Terminal.isAttached());
        Results results = new Results();
        for (Scenario scenario : options.scenarios()) {
            results.add(options.run(scenario, progress));
        }
        progress.end();
        System.out.println(options.json() ? results.json(options.seed()) : results.table());
        return results.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
