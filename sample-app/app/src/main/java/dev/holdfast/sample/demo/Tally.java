package dev.holdfast.sample.demo;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The result of a scenario.
 *
 * @param toServer the client's messages
 * @param fromServer the server's messages
 * @param sessionsLost how often the client reported a lost session
 * @param reconnects how often the connection was made again; how often the client was killed in {@link Killed}
 * @param slowestDetection the longest time from a break to the client's report of it; null if nothing was measured
 * @param problem what else went wrong; null if nothing did
 * @param skipped why the scenario was not run; null if it was
 * @param carried how many messages went over each carrier; null if the client used WebSockets alone
 */
public record Tally(
        Scenario scenario,
        DirectionTotals toServer,
        DirectionTotals fromServer,
        int sessionsLost,
        int reconnects,
        @Nullable Duration slowestDetection,
        Duration took,
        @Nullable String problem,
        @Nullable String skipped,
        Carried.@Nullable Counts carried) {
    public static final String HEADING = "scenario         direction         sent  arrived  acknowledged  in doubt"
            + "  silently lost  duplicated  reordered  sessions lost  reconnects  slowest detection  took";

    /** Creates the result of a client that used WebSockets alone. */
    Tally(
            Scenario scenario,
            DirectionTotals toServer,
            DirectionTotals fromServer,
            int sessionsLost,
            int reconnects,
            @Nullable Duration slowestDetection,
            Duration took,
            @Nullable String problem,
            @Nullable String skipped) {
        this(scenario, toServer, fromServer, sessionsLost, reconnects, slowestDetection, took, problem, skipped, null);
    }

    /** Returns the result of a scenario that cannot be run here. */
    static Tally skipped(Scenario scenario, String reason) {
        return new Tally(scenario, DirectionTotals.NONE, DirectionTotals.NONE, 0, 0, null, Duration.ZERO, null, reason);
    }

    public boolean wasSkipped() {
        return skipped != null;
    }

    public boolean failed() {
        return !wasSkipped() && !passed();
    }

    public boolean passed() {
        if (wasSkipped()) return false;
        boolean reportsWhatItMust = scenario.mayLoseSessions()
                ? sessionsLost > 0 || !scenario.losesSessions()
                : toServer.inDoubt() + fromServer.inDoubt() == 0 && sessionsLost == 0;
        return toServer.isFaultless() && fromServer.isFaultless() && reportsWhatItMust && problem == null;
    }

    /** Returns the result as lines of the table: one for each direction, and one for the carriers if there were two. */
    @Override
    public String toString() {
        if (wasSkipped()) return String.format("%-15s  skipped: %s", scenario.label(), skipped);
        return line(scenario.label(), "to the server", toServer)
                + String.format(
                        "  %13d  %10d  %17s  %.1f s  %s%n",
                        sessionsLost,
                        reconnects,
                        slowestDetection == null ? "-" : slowestDetection.toMillis() + " ms",
                        took.toMillis() / 1000.0,
                        passed() ? "passed" : "FAILED" + (problem == null ? "" : " " + problem))
                + line("", "from the server", fromServer)
                + (carried == null ? "" : String.format("%n%-15s  %s", "", carried));
    }

    private static String line(String name, String direction, DirectionTotals totals) {
        return String.format(
                "%-15s  %-15s  %5d  %7d  %12d  %8d  %13d  %10d  %9d",
                name,
                direction,
                totals.sent(),
                totals.arrived(),
                totals.acknowledged(),
                totals.inDoubt(),
                totals.silentlyLost(),
                totals.duplicated(),
                totals.reordered());
    }
}
