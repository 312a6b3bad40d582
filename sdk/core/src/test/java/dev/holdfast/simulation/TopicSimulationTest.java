package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Schedules of sessions with subscriptions, each drawn from its seed. {@code -Dtopics.runs} says how many, {@code -Dtopics.seed} the
 * first.
 */
@Tag("slow")
class TopicSimulationTest {
    private static final int RUNS = Integer.getInteger("topics.runs", 1_000);
    private static final long FIRST_SEED = Long.getLong("topics.seed", 1);
    /** The schedules in which a planted bug must be found. */
    private static final int MAX_SCHEDULES = 50;

    private static final int TRACE_LINES = 60;

    @Test
    void invariantsHold() {
        Map<String, Integer> happened = new TreeMap<>();
        long received = 0;
        long steps = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
            TopicSimulation simulation = new TopicSimulation(seed, Topics.Bug.NONE);
            Throwable thrown = run(simulation);
            if (thrown != null) {
                List<String> trace = simulation.world().trace();
                throw new AssertionError(
                        "seed " + seed + ": " + thrown.getMessage()
                                + "\nagain: mvn -pl sdk/core test -Dtest=TopicSimulationTest -Dtopics.runs=1 -Dtopics.seed="
                                + seed + "\n"
                                + String.join(
                                        "\n", trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size())),
                        thrown);
            }
            simulation.world().happened().forEach((what, count) -> happened.merge(what, count, Integer::sum));
            received += simulation.topics().received;
            steps += simulation.world().steps();
        }
        System.out.printf("subscriptions: %d schedules, %d steps, %d received, 0 violations%n", RUNS, steps, received);
        System.out.println("subscriptions: " + happened);
        if (RUNS < 1_000) return;
        for (String what : List.of(
                "cursor rejected",
                "endpoint failed",
                "endpoint late",
                "endpoint never came",
                "gap",
                "message of a cursor repeated",
                "subscription begun while down",
                "subscription ended while down",
                "subscription unanswered")) {
            assertTrue(happened.getOrDefault(what, 0) > RUNS / 10, () -> "hardly ever: " + what + " " + happened);
        }
    }

    /** Without this, a test that finds nothing would say nothing. */
    @ParameterizedTest
    @EnumSource(value = Topics.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsEachPlantedBug(Topics.Bug bug) {
        for (int i = 0; i < MAX_SCHEDULES; i++) {
            Throwable thrown = run(new TopicSimulation(FIRST_SEED + i, bug));
            if (thrown == null) continue;
            System.out.printf("subscriptions: %s found after %d schedules: %s%n", bug, i + 1, thrown.getMessage());
            assertInstanceOf(Violation.class, thrown);
            return;
        }
        fail(bug + " is not found in " + MAX_SCHEDULES + " schedules");
    }

    /** Returns what went wrong, null for nothing. */
    private static @Nullable Throwable run(TopicSimulation simulation) {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> simulation.uncaught(e));
        try {
            simulation.run();
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
    }
}
