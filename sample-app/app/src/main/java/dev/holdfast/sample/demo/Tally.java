package dev.holdfast.sample.demo;

import java.time.Duration;

/**
 * What came of a scenario.
 *
 * @param sent by the client and the server
 * @param acknowledged of the client's
 * @param received by the client and the server
 * @param lost of both, without the client having been told
 * @param told of both: what the client was told may be lost
 * @param sessionsLost how often the client was told of a lost session
 * @param slowestDetection from a break to the client's word of it
 * @param problem what else went wrong, empty if nothing did
 * @param skipped why it was not run, empty if it was
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

    /** Of a scenario that can't be run here. */
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
