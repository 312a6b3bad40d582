package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The schedules of the simulation with a store, whose processes die at commits: before the disk has the changes, or after. What
 * the next process finds, sends and reports must be true. {@code -Dstore.crashes} says how many deaths, {@code -Dstore.seed} the
 * first seed.
 */
@Tag("slow")
class StoreCrashTest {
    private static final long CRASHES = Long.getLong("store.crashes", 2_000);
    private static final long FIRST_SEED = Long.getLong("store.seed", 1);
    private static final int TRACE_LINES = 60;
    private static final int MAX_VIOLATIONS = 8;

    private final AtomicLong nextSeed = new AtomicLong(FIRST_SEED);
    private final AtomicLong crashes = new AtomicLong();
    private final AtomicLong schedules = new AtomicLong();
    private final AtomicLong violations = new AtomicLong();
    private final AtomicReference<AssertionError> violation = new AtomicReference<>();
    private final Map<String, Integer> happened = Collections.synchronizedMap(new TreeMap<>());

    @Test
    void noDeathAtACommitLosesOrDoublesAnything() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(this::runSome, "crashes " + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        System.out.printf(
                "store: %d crash points in %d schedules, %d violations%n",
                crashes.get(), schedules.get(), violations.get());
        System.out.println("store: " + happened);
        if (violation.get() != null) throw violation.get();
        if (CRASHES < 2_000) return;
        assertTrue(
                happened.getOrDefault("message found in the store", 0) > CRASHES / 4, "stores are hardly ever in use");
    }

    /** Without this, a test that finds nothing would say nothing. */
    @ParameterizedTest
    @EnumSource(value = BuggyStore.Bug.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsEachPlantedBug(BuggyStore.Bug bug) {
        long deaths = 0;
        for (long seed = FIRST_SEED; deaths < CRASHES; seed++) {
            Simulation simulation = new Simulation(seed, Set.of(), bug);
            Throwable thrown = run(simulation);
            deaths += simulation.crashes();
            if (thrown == null) continue;
            System.out.printf(
                    "store: %s found after %d crash points, seed %d: %s%n", bug, deaths, seed, thrown.getMessage());
            assertInstanceOf(Violation.class, thrown);
            return;
        }
        fail(bug + " is not found in " + deaths + " crash points");
    }

    /** The same for subscriptions whose cursors are stored. */
    @Test
    void noDeathAtACommitLosesOrDoublesAMessageOfASubscription() throws InterruptedException {
        AtomicLong seeds = new AtomicLong(FIRST_SEED);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread thread = new Thread(
                    () -> {
                        while (crashes.get() < CRASHES && violation.get() == null) subscribe(seeds.getAndIncrement());
                    },
                    "subscriptions " + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        System.out.printf(
                "subscriptions: %d crash points in %d schedules, %d violations%n",
                crashes.get(), schedules.get(), violations.get());
        System.out.println("subscriptions: " + happened);
        if (violation.get() != null) throw violation.get();
        if (CRASHES < 2_000) return;
        for (String what : List.of(
                "cursor found in the store",
                "gap reported",
                "message handled again in another process",
                "message unknown after a restart",
                "subscription closed")) {
            assertTrue(happened.getOrDefault(what, 0) > CRASHES / 200, what + " hardly ever happens");
        }
    }

    private void subscribe(long seed) {
        SubscriptionCrashes simulation = new SubscriptionCrashes(seed, SubscriptionCrashes.Bug.NONE);
        Throwable thrown = run(simulation::run, simulation::uncaught);
        crashes.addAndGet(simulation.crashes());
        schedules.incrementAndGet();
        simulation.world().happened().forEach((what, count) -> happened.merge(what, count, Integer::sum));
        if (thrown == null) return;
        violations.incrementAndGet();
        report(seed, thrown, simulation.world());
    }

    @Test
    void findsACursorThatIsStoredBeforeItsMessageIsHandled() {
        long deaths = 0;
        for (long seed = FIRST_SEED; deaths < CRASHES; seed++) {
            SubscriptionCrashes simulation =
                    new SubscriptionCrashes(seed, SubscriptionCrashes.Bug.CURSOR_BEFORE_EFFECT);
            Throwable thrown = run(simulation::run, simulation::uncaught);
            deaths += simulation.crashes();
            if (thrown == null) continue;
            System.out.printf(
                    "subscriptions: CURSOR_BEFORE_EFFECT found after %d crash points, seed %d: %s%n",
                    deaths, seed, thrown.getMessage());
            assertInstanceOf(Violation.class, thrown);
            return;
        }
        fail("CURSOR_BEFORE_EFFECT is not found in " + deaths + " crash points");
    }

    private void runSome() {
        while (crashes.get() < CRASHES && violations.get() < MAX_VIOLATIONS) {
            long seed = nextSeed.getAndIncrement();
            Simulation simulation = new Simulation(seed, Set.of(), BuggyStore.Bug.NONE);
            Throwable thrown = run(simulation);
            crashes.addAndGet(simulation.crashes());
            schedules.incrementAndGet();
            simulation.world().happened().forEach((what, count) -> happened.merge(what, count, Integer::sum));
            if (thrown == null) continue;
            violations.incrementAndGet();
            report(seed, thrown, simulation.world());
        }
    }

    private void report(long seed, Throwable thrown, World world) {
        System.out.println("store: seed " + seed + ": " + thrown.getMessage());
        List<String> trace = world.trace();
        violation.compareAndSet(
                null,
                new AssertionError(
                        "seed " + seed + ": " + thrown.getMessage()
                                + "\nagain: mvn -pl sdk/core test -Dtest=StoreCrashTest -Dstore.crashes=1 -Dstore.seed="
                                + seed + "\n"
                                + String.join(
                                        "\n", trace.subList(Math.max(0, trace.size() - TRACE_LINES), trace.size())),
                        thrown));
    }

    /** Returns what went wrong, null for nothing. */
    private static Throwable run(Simulation simulation) {
        return run(simulation::run, simulation::uncaught);
    }

    private static Throwable run(Runnable schedule, Consumer<Throwable> uncaught) {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.accept(e));
        try {
            schedule.run();
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
    }
}
