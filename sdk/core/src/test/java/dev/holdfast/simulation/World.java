package dev.holdfast.simulation;

import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Time, chance and threads of a simulated world. Everything that happens is an event of one queue, so a seed says all;
 * nothing runs until {@link #step}.
 */
final class World {
    private static final long MAX_STEPS_AT_ONCE = 20_000;

    private static final class Event {
        final long at;
        final long order;
        final Runnable task;
        boolean cancelled;

        Event(long at, long order, Runnable task) {
            this.at = at;
            this.order = order;
            this.task = task;
        }
    }

    /** How far a reading of the elapsed clock may be ahead of the time: all the bits of it are used. */
    static final long MAX_READING = 7;

    final Random random;
    final Ticker ticker = () -> now();
    /** Time that goes on while the device sleeps. Each reading takes some nanoseconds, so it never agrees with another clock. */
    final Ticker elapsed = () -> elapsed() + (this.readings++ & MAX_READING);
    /** The time of day: the elapsed time, and what the clock was set by. */
    final Ticker wall = () -> elapsed() + this.wallSteps;

    final Scheduler scheduler = (task, delay) -> schedule(() -> runAwake(task), delay);
    /** Threads that are scheduled a little later, and not always in the order in which they were started. */
    final Executor threads = task -> schedule(() -> runAwake(task), below(2000));

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.<Event>comparingLong(e -> e.at).thenComparingLong(e -> e.order));
    private final List<String> trace = new ArrayList<>();
    private final Map<String, Integer> happened = new TreeMap<>();
    private long now;
    private long slept;
    private long wallSteps;
    private int readings;
    private long frozenUntil;
    private Throwable failure;
    private long order;
    private long steps;
    private long stepsAtOnce;

    World(long seed) {
        // The first numbers of a Random hardly differ between neighbouring seeds.
        this.random = new Random(new SplittableRandom(seed).nextLong());
    }

    long now() {
        return now;
    }

    long elapsed() {
        return now + slept;
    }

    long steps() {
        return steps;
    }

    /** Even from 0 to below {@code bound}. */
    long below(long bound) {
        return bound <= 0 ? 0 : (long) (random.nextDouble() * bound);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    Scheduler.Scheduled schedule(Runnable task, long delayNanos) {
        Event event = new Event(now + Math.max(0, delayNanos), order++, task);
        events.add(event);
        return () -> event.cancelled = true;
    }

    /** The device sleeps, and its ticker with it. */
    void sleep(long nanos) {
        trace("device sleeps for " + nanos / 1_000_000 + " ms");
        slept += nanos;
        frozenUntil = Math.max(frozenUntil, now);
    }

    /** Somebody sets the clock of the time of day. */
    void setWall(long step) {
        trace("clock is set by " + step / 1_000_000 + " ms");
        wallSteps += step;
    }

    /** The client's process does not run for a while, though time goes on. */
    void freeze(long nanos) {
        trace("process is frozen for " + nanos / 1_000_000 + " ms");
        frozenUntil = Math.max(frozenUntil, now + nanos);
    }

    /** When the client's process last began to run again after a sleep or a freeze, or will. */
    long awakeSince() {
        return frozenUntil;
    }

    /** Runs the task now, or when the process runs again. */
    void runAwake(Runnable task) {
        if (now < frozenUntil) {
            schedule(() -> runAwake(task), frozenUntil - now);
        } else {
            task.run();
        }
    }

    /** Runs the next event. Returns false where there is none before {@code end}; then it is {@code end}. */
    boolean step(long end) {
        while (true) {
            Event next = events.peek();
            if (next == null || next.at > end) {
                now = end;
                return false;
            }
            events.remove();
            if (next.cancelled) continue;
            stepsAtOnce = next.at == now ? stepsAtOnce + 1 : 0;
            if (stepsAtOnce > MAX_STEPS_AT_ONCE) throw new Violation("busy: time stands still at " + now);
            now = next.at;
            steps++;
            next.task.run();
            if (failure instanceof Error) throw (Error) failure;
            if (failure != null) throw new AssertionError(failure);
            return true;
        }
    }

    /**
     * Ends the schedule after this step, with the first failure that is reported. For code that the SDK calls: the SDK
     * contains what a callback throws.
     */
    void fail(Throwable thrown) {
        if (failure == null) failure = thrown;
    }

    /** Counts something that must happen often enough to be tested. */
    void happened(String what) {
        happened.merge(what, 1, Integer::sum);
    }

    Map<String, Integer> happened() {
        return happened;
    }

    void trace(String what) {
        trace.add(String.format("%12.6f  %s", now / 1e9, what));
    }

    List<String> trace() {
        return trace;
    }
}
