package dev.holdfast.sample;

import dev.holdfast.sample.connect.Connect;
import dev.holdfast.sample.connect.Terminal;
import dev.holdfast.sample.demo.DemoOptions;
import dev.holdfast.sample.demo.Progress;
import dev.holdfast.sample.demo.Results;
import dev.holdfast.sample.demo.Scenario;
import dev.holdfast.sample.model.Totals;
import dev.holdfast.sample.node.Serve;
import dev.holdfast.sample.ui.HoldfastApp;
import java.io.PrintStream;
import java.util.Arrays;

/**
 * A program that shows connections break without losing a message. It opens a window if there is a display and no
 * argument. Otherwise it runs scenarios against an embedded server through a faulty network and counts on both sides.
 * It exits with
 *
 * <ul>
 *   <li>0 if nothing was lost, duplicated or reordered without a report to the client,
 *   <li>1 if something was,
 *   <li>2 if it does not understand its arguments.
 * </ul>
 *
 * <p>{@code --window SECONDS} opens the window for that long; it also exits with 1 if it cannot open one.
 *
 * <p>With {@code connect} as its first argument it is a {@linkplain Connect client for any server}, with {@code server}
 * the {@linkplain Serve reference server} alone.
 */
public final class Demo {
    private static final int USAGE = 2;

    private Demo() {}

    public static void main(String[] args) throws Exception {
        System.exit(run(args));
    }

    private static int run(String... args) throws Exception {
        if (args.length == 0) return HoldfastApp.isPossible() && HoldfastApp.open(0) != null ? 0 : headless();
        String[] rest = Arrays.copyOfRange(args, 1, args.length);
        return switch (args[0]) {
            case "connect" -> Connect.runMain(rest);
            case "server" -> Serve.runMain(rest);
            case "--window" -> window(rest);
            default -> headless(args);
        };
    }

    /**
     * Opens the window. Runs no scenarios instead if that is impossible: a user who asks for a window should see the
     * failure.
     */
    private static int window(String... seconds) {
        if (seconds.length != 1 || !seconds[0].matches("[1-9][0-9]{0,5}")) {
            System.err.println("usage: --window SECONDS, after which it closes");
            return USAGE;
        }
        Totals totals = HoldfastApp.open(Integer.parseInt(seconds[0]));
        if (totals == null) return 1;
        System.out.println(totals);
        return totals.arePassed() ? 0 : 1;
    }

    private static int headless(String... args) throws InterruptedException {
        DemoOptions options;
        try {
            options = DemoOptions.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(DemoOptions.USAGE);
            return USAGE;
        }
        PrintStream aside = options.json() ? System.err : System.out;
        Progress progress = new Progress(aside, Terminal.isAttached());
        Results results = new Results();
        for (Scenario scenario : options.scenarios()) {
            results.add(options.run(scenario, progress));
        }
        progress.end();
        System.out.println(options.json() ? results.json(options.seed()) : results.table());
        return results.passed() ? 0 : 1;
    }
}
