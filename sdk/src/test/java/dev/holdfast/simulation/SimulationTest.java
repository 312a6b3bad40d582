package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Outcome;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Many schedules, each from a seed of its own. A failure prints the seed, the end of the trace and how to run it again.
 *
 * <p>{@code -Dsimulation.runs=N} for more of them, {@code -Dsimulation.seed=S} to begin elsewhere.
 */
class SimulationTest {
    private static final int RUNS = Integer.getInteger("simulation.runs", 2_000);
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final int TRACE_LINES = 60;

    @Test
    void invariantsHold() {
        long steps = 0;
        long attempts = 0;
        long losses = 0;
        long received = 0;
        long replays = 0;
        long duplicates = 0;
        Map<Outcome.Kind, Integer> outcomes = new EnumMap<>(Outcome.Kind.class);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
            Simulation simulation = new Simulation(seed);
            Thread thread = Thread.currentThread();
            Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
            // The SDK hands what a callback or a task of its own throws to its thread's handler.
            thread.setUncaughtExceptionHandler((t, e) -> {
                throw e instanceof Error error ? error : new AssertionError(e);
            });
            try {
                simulation.run();
            } catch (RuntimeException | Error e) {
                throw new AssertionError(report(seed, simulation, e), e);
            } finally {
                thread.setUncaughtExceptionHandler(before);
            }
            steps += simulation.world().steps();
            attempts += simulation.attempts();
            losses += simulation.app().losses.size();
            received += simulation.app().handledCount();
            replays += simulation.replays();
            duplicates += simulation.duplicates();
            simulation.outcomes().forEach((kind, count) -> outcomes.merge(kind, count, Integer::sum));
        }
        System.out.printf(
                "simulation: %d schedules, %d steps, 0 violations (%d attempts, %d sessions lost, %d replays after an id"
                        + " with %d duplicates, %d received, sent %s)%n",
                RUNS, steps, attempts, losses, replays, duplicates, received, outcomes);
        if (RUNS >= 1_000) {
            // What never happens is not tested.
            assertTrue(losses > RUNS / 10, "sessions are hardly ever lost");
            assertTrue(replays > RUNS / 10, "hardly anyone goes on from a last message");
            assertTrue(duplicates > RUNS / 10, "servers hardly ever replay for nothing");
            for (Outcome.Kind kind : List.of(
                    Outcome.Kind.ACKNOWLEDGED,
                    Outcome.Kind.REJECTED,
                    Outcome.Kind.UNKNOWN,
                    Outcome.Kind.DROPPED,
                    Outcome.Kind.EXPIRED,
                    Outcome.Kind.CONFLATED,
                    Outcome.Kind.CANCELLED)) {
                assertTrue(outcomes.getOrDefault(kind, 0) > RUNS / 10, "no message ends " + kind);
            }
        }
    }

    @Test
    void aSeedSaysAll() {
        for (long seed = 1; seed <= 50; seed++) {
            Simulation once = new Simulation(seed);
            once.run();
            Simulation again = new Simulation(seed);
            again.run();
            assertEquals(once.world().steps(), again.world().steps(), "seed " + seed);
            assertEquals(once.world().trace(), again.world().trace(), "seed " + seed);
        }
    }

    private static String report(long seed, Simulation simulation, Throwable e) {
        List<String> trace = simulation.world().trace();
        List<String> end = trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size());
        return "seed " + seed + " at " + simulation.world().now() / 1e9 + " s: " + e.getMessage()
                + "\nagain: mvn -pl sdk test -Dtest=SimulationTest -Dsimulation.runs=1 -Dsimulation.seed=" + seed + "\n"
                + String.join("\n", end);
    }
}
