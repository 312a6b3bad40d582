package dev.holdfast.sample;

import dev.holdfast.sample.demo.DemoOptions;
import dev.holdfast.sample.demo.Scenario;
import dev.holdfast.sample.demo.ScenarioRun;
import dev.holdfast.sample.demo.Tally;
import dev.holdfast.sample.ui.HoldfastApp;
import java.util.ArrayList;
import java.util.List;

/**
 * Shows connections die and nothing get lost: in a window where there is a display and no argument. Otherwise runs
 * scenarios against an embedded server through a faulty network and counts both sides; exits with 1 if anything was lost,
 * duplicated or reordered without the client having been told, and with 2 on arguments that it does not understand.
 */
public final class Demo {
    private Demo() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 0 && HoldfastApp.isPossible() && HoldfastApp.open()) System.exit(0);
        DemoOptions options;
        try {
            options = DemoOptions.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(DemoOptions.USAGE);
            System.exit(2);
            return;
        }
        List<Tally> tallies = new ArrayList<>();
        for (Scenario scenario : options.scenarios()) {
            tallies.add(new ScenarioRun(scenario, options.messages(), options.seed()).run());
        }
        System.out.println();
        System.out.println(Tally.HEADING);
        for (Tally tally : tallies) System.out.println(tally);
        long failed = tallies.stream().filter(tally -> !tally.passed()).count();
        System.out.println((tallies.size() - failed) + " passed, " + failed + " failed");
        System.exit(failed == 0 ? 0 : 1);
    }
}
