package dev.holdfast.sample.demo;

import java.time.Duration;

/**
 * The result of a scenario.
 *
 * @param sent messages sent by the client and by the server
 * @param acknowledged messages of the client that were acknowledged
 * @param received messages received by the client and by the server
 * @param lost messages of both that were lost without a report to the client
 * @param told messages of both that the client reported as possibly lost
 * @param sessionsLost how often the client reported a lost session
 * @param slowestDetection the longest time from a break to the client's report of it
 * @param problem what else went wrong; empty if nothing did
 * @param skipped why the scenario was not run; empty if it was
 */
public record Tally(
        Scenario scenario,
        int sent,
        int acknowledged,
        int received,
        int lost,
        int duplicated,
        int reordered,
        int told,
        int sessionsLost,
        int reconnects,
        Duration slowestDetection,
        Duration took,
        String problem,
        String skipped) {
    public static final String HEADING =
            "scenario         sent   acknowledged  received  lost  duplicated  reordered  told  sessions lost "
                    + " reconnects  slowest detection  took";

    /** Returns the result of a scenario that cannot be run here. */
    static Tally skipped(Scenario scenario, String reason) {
        return new Tally(scenario, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, "", reason);
    }

    public boolean wasSkipped() {
        return !skipped.isEmpty();
    }

    public boolean failed() {
        return !wasSkipped() && !passed();
    }

    public boolean passed() {
        if (wasSkipped()) return false;
        boolean tellsWhatItMust = scenario.mayLoseSessions()
                ? sessionsLost > 0 || !scenario.losesSessions()
                : told == 0 && sessionsLost == 0;
        return lost == 0 && duplicated == 0 && reordered == 0 && tellsWhatItMust && problem.isEmpty();
    }

    @Override
    public String toString() {
        if (wasSkipped()) return String.format("%-15s  skipped: %s", scenario.label(), skipped);
        return String.format(
                "%-15s  %5d  %12d  %8d  %4d  %10d  %9d  %4d  %13d  %10d  %14d ms  %.1f s  %s",
                scenario.label(),
                sent,
                acknowledged,
                received,
                lost,
                duplicated,
                reordered,
                told,
                sessionsLost,
                reconnects,
                slowestDetection.toMillis(),
                took.toMillis() / 1000.0,
                passed() ? "passed" : "FAILED " + problem);
    }
}
