package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        result.put("passed", passed()).put("seed", seed);
        var scenarios = result.putArray("scenarios");
        for (Tally tally : tallies) {
            scenarios
                    .addObject()
                    .put("scenario", tally.scenario().label())
                    .put("passed", tally.passed())
                    .put("skipped", tally.skipped())
                    .put("sent", tally.sent())
                    .put("acknowledged", tally.acknowledged())
                    .put("received", tally.received())
                    .put("lost", tally.lost())
                    .put("duplicated", tally.duplicated())
                    .put("reordered", tally.reordered())
                    .put("told", tally.told())
                    .put("sessionsLost", tally.sessionsLost())
                    .put("reconnects", tally.reconnects())
                    .put("slowestDetectionMillis", tally.slowestDetection().toMillis())
                    .put("tookMillis", tally.took().toMillis())
                    .put("problem", tally.problem());
        }
        return result.toPrettyString();
    }
}
