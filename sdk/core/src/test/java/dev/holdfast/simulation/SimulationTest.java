package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules, each drawn from its seed. {@code -Dsimulation.runs} says how many, {@code -Dsimulation.seed}
 * the first; as many threads as there are processors run one each.
 */
@Tag("slow")
class SimulationTest {
    private static final int RUNS = Integer.getInteger("simulation.runs", 20_000);
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final int TRACE_LINES = 60;

    private final AtomicLong nextSeed = new AtomicLong(FIRST_SEED);
    private final AtomicReference<AssertionError> violation = new AtomicReference<>();

    // Guarded by this.
    private long schedules;
    private long steps;
    private long attempts;
    private long losses;
    private long received;
    private long replays;
    private long duplicates;
    private long batches;
    private final Map<String, Integer> happened = new TreeMap<>();
    private final Map<Outcome.Kind, Integer> outcomes = new EnumMap<>(Outcome.Kind.class);

    @Test
    void invariantsHold() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(this::runSome, "simulation " + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        System.out.printf(
                "%d attempts, %d sessions lost, %d replays after an id with %d duplicates, %d batches, %d received, sent %s%n",
                attempts, losses, replays, duplicates, batches, received, outcomes);
        System.out.printf(
                "simulation: %d schedules, %d steps, %d violations%n",
                schedules, steps, violation.get() == null ? 0 : 1);
        System.out.println("simulation: " + happened);
        if (violation.get() != null) throw violation.get();
        if (RUNS < 1_000) return;
        // What never happens is not tested.
        assertTrue(losses > RUNS / 10, "sessions are hardly ever lost");
        assertTrue(replays > RUNS / 10, "hardly anyone goes on from a last message");
        assertTrue(batches > RUNS / 10, "messages hardly ever share a frame");
        assertTrue(duplicates > RUNS / 10, "servers hardly ever replay for nothing");
        for (String what : List.of(
                "acknowledged message forgotten",
                "acknowledgement overdue",
                "clock set",
                "credential refused late",
                "delay cut short",
                "endpoint failed",
                "endpoint late",
                "endpoint never came",
                "expired in a sleep",
                "key recognized",
                "message given up",
                "message restored",
                "message too large",
                "poison",
                "process died",
                "protocol broken",
                "rolled back",
                "throw from credentials",
                "throw from onMessage",
                "throw from uncaught exception handler",
                "zombie",
                "zombie that pings")) {
            assertTrue(happened.getOrDefault(what, 0) > RUNS / 100, () -> "hardly ever: " + what + " " + happened);
        }
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

    /** Until all are run, or one fails. */
    private void runSome() {
        for (long seed; (seed = nextSeed.getAndIncrement()) < FIRST_SEED + RUNS && violation.get() == null; ) {
            Simulation simulation = new Simulation(seed);
            Throwable thrown = run(simulation);
            if (thrown != null) violation.compareAndSet(null, shrunk(seed, simulation.faults(), thrown));
            count(simulation);
        }
    }

    /** Returns what went wrong, null for nothing. */
    private static Throwable run(Simulation simulation) {
        // The SDK hands what a callback or a task of its own throws to its thread's handler.
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

    private synchronized void count(Simulation simulation) {
        schedules++;
        steps += simulation.world().steps();
        attempts += simulation.attempts();
        losses += simulation.app().losses.size();
        received += simulation.app().handledCount();
        replays += simulation.replays();
        duplicates += simulation.duplicates();
        batches += simulation.batches();
        simulation.world().happened().forEach((what, count) -> happened.merge(what, count, Integer::sum));
        simulation.outcomes().forEach((kind, count) -> outcomes.merge(kind, count, Integer::sum));
    }

    private static AssertionError shrunk(long seed, int faults, Throwable thrown) {
        Set<Integer> spared = Shrinking.spared(faults, without -> run(new Simulation(seed, without)) != null);
        Simulation smallest = new Simulation(seed, spared);
        Throwable still = run(smallest);
        List<String> trace = smallest.world().trace();
        List<String> end = trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size());
        return new AssertionError(
                "seed " + seed + ": " + thrown.getMessage()
                        + "\nagain: mvn -pl sdk/core test -Dtest=SimulationTest -Dsimulation.runs=1 -Dsimulation.seed="
                        + seed
                        + "\nwith " + (faults - spared.size()) + " of its " + faults + " faults, at "
                        + smallest.world().now() / 1e9 + " s: " + (still == null ? null : still.getMessage()) + "\n"
                        + String.join("\n", end),
                still);
    }

    @Test
    void aSeedSaysAll() {
        for (long seed = 1; seed <= 50; seed++) {
            Simulation once = new Simulation(seed);
            assertNull(run(once));
            Simulation again = new Simulation(seed);
            assertNull(run(again));
            assertEquals(once.world().steps(), again.world().steps(), "seed " + seed);
            assertEquals(once.world().trace(), again.world().trace(), "seed " + seed);
        }
    }
}
