package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.sample.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The results of all scenarios, for people and for programs. */
public final class Results {
    private final List<Tally> tallies = new ArrayList<>();

    public void add(Tally tally) {
        tallies.add(tally);
    }

    /** Returns whether nothing failed. */
    public boolean passed() {
        return tallies.stream().noneMatch(Tally::failed);
    }

    /** Returns a table with one line for each scenario. */
    public String table() {
        long passed = tallies.stream().filter(Tally::passed).count();
        long skipped = tallies.stream().filter(Tally::wasSkipped).count();
        return tallies.stream()
                .map(Tally::toString)
                .collect(Collectors.joining(
                        "\n",
                        "\n" + Tally.HEADING + "\n",
                        "\n" + passed + " passed, " + (tallies.size() - passed - skipped) + " failed, " + skipped
                                + " skipped"));
    }

    /** Returns the results as one JSON object. */
    public String json(long seed) {
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("passed", passed()).put("seed", seed).put("version", Version.current());
        result.putObject("platform")
                .put("java", System.getProperty("java.version"))
                .put("os", System.getProperty("os.name"))
                .put("arch", System.getProperty("os.arch"));
        var scenarios = result.putArray("scenarios");
        for (Tally tally : tallies) {
            Duration slowest = tally.slowestDetection();
            ObjectNode one = scenarios.addObject();
            one.put("scenario", tally.scenario().label())
                    .put("passed", tally.passed())
                    .put("skipped", tally.skipped());
            put(one.putObject("toServer"), tally.toServer());
            put(one.putObject("fromServer"), tally.fromServer());
            one.put("sessionsLost", tally.sessionsLost())
                    .put("reconnects", tally.reconnects())
                    .put("slowestDetectionMillis", slowest == null ? null : slowest.toMillis())
                    .put("tookMillis", tally.took().toMillis())
                    .put("problem", tally.problem());
            Carried.Counts carried = tally.carried();
            if (carried != null) {
                one.putObject("carried").put("webSocket", carried.webSocket()).put("http", carried.http());
            }
        }
        return result.toPrettyString();
    }

    private static void put(ObjectNode direction, DirectionTotals totals) {
        direction
                .put("sent", totals.sent())
                .put("arrived", totals.arrived())
                .put("acknowledged", totals.acknowledged())
                .put("inDoubt", totals.inDoubt())
                .put("silentlyLost", totals.silentlyLost())
                .put("duplicated", totals.duplicated())
                .put("reordered", totals.reordered());
    }
}
