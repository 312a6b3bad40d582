package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs schedules of {@link CarrierSimulation}, on as many threads as there are processors. */
public final class CarrierSimulations {
    private static final int TRACE_LINES = 80;

    private final CarrierBug bug;
    private final long last;
    private final AtomicLong next;

    // Guarded by this.
    private @Nullable Throwable violation;
    private long violationSeed = Long.MAX_VALUE;
    private List<String> violationTrace = List.of();
    private long schedules;
    private long steps;
    private final Map<String, Integer> happened = new TreeMap<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();

    private CarrierSimulations(long first, long runs, CarrierBug bug) {
        this.bug = bug;
        this.next = new AtomicLong(first);
        this.last = first + runs - 1;
    }

    /** Runs schedules until one fails. */
    public static CarrierSimulations run(long firstSeed, long runs, int threads, CarrierBug bug)
            throws InterruptedException {
        CarrierSimulations all = new CarrierSimulations(firstSeed, runs, bug);
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(all::runSome, "simulation " + i);
            thread.start();
            started.add(thread);
        }
        for (Thread thread : started) thread.join();
        return all;
    }

    private void runSome() {
        Turns turns = new Turns();
        try {
            for (long seed; (seed = next.getAndIncrement()) <= last && violation() == null; ) runOne(seed, turns);
        } finally {
            turns.end();
        }
    }

    private void runOne(long seed, Turns turns) {
        CarrierSimulation simulation = new CarrierSimulation(seed, bug, turns);
        Throwable thrown = null;
        Thread.currentThread()
                .setUncaughtExceptionHandler((thread, e) -> simulation.world().fail(e));
        try {
            simulation.run();
        } catch (RuntimeException | Error e) {
            thrown = e;
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        count(seed, simulation, thrown);
    }

    private synchronized void count(long seed, CarrierSimulation simulation, @Nullable Throwable thrown) {
        schedules++;
        steps += simulation.world().steps();
        counts.merge("attempts", (long) simulation.attempts(), Long::sum);
        counts.merge("over HTTP", (long) simulation.overHttp(), Long::sum);
        counts.merge("streams", (long) simulation.streams(), Long::sum);
        counts.merge("openings to poll", (long) simulation.polls(), Long::sum);
        counts.merge("received", simulation.app().handledCount(), Long::sum);
        counts.merge("sessions lost", (long) simulation.app().losses.size(), Long::sum);
        simulation.world().happened().forEach((what, count) -> happened.merge(what, count, Integer::sum));
        if (thrown == null || seed > violationSeed) return;
        violation = thrown;
        violationSeed = seed;
        violationTrace = simulation.world().trace();
    }

    /** Returns the violation that ended the run, null for none. */
    public synchronized @Nullable Throwable violation() {
        return violation;
    }

    /** Returns the seed of the violation, and the end of its schedule. */
    public synchronized String report() {
        int size = violationTrace.size();
        return "seed " + violationSeed + ": " + violation
                + "\nagain: mvn -pl sdk/http -am test -Dtest=CarrierSimulationTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dcarriers.runs=1 -Dcarriers.seed=" + violationSeed + "\n"
                + String.join("\n", violationTrace.subList(Math.max(0, size - TRACE_LINES), size));
    }

    public synchronized long schedules() {
        return schedules;
    }

    /** Returns how often something happened. */
    public synchronized int happened(String what) {
        return happened.getOrDefault(what, 0);
    }

    /** Returns one line of figures, and one of what happened. */
    public synchronized String figures() {
        return schedules + " schedules, " + steps + " steps, " + (violation == null ? 0 : 1) + " violations, " + counts
                + "\n" + happened;
    }

    /** Returns the events of a schedule, one a line. */
    public static List<String> trace(long seed) {
        Turns turns = new Turns();
        try {
            CarrierSimulation simulation = new CarrierSimulation(seed, CarrierBug.NONE, turns);
            simulation.run();
            return simulation.world().trace();
        } finally {
            turns.end();
        }
    }
}
