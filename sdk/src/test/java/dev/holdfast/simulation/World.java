package dev.holdfast.simulation;

import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Time, chance and threads of a simulated world. Everything that happens is an event of one queue, so a seed says all;
 * nothing runs until {@link #step}.
 */
final class World {
    private static final long MOST_STEPS_AT_ONCE = 20_000;

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

    final Random random;
    final Ticker ticker = () -> now();
    /** The time of day: the ticker's, and what the device slept through. */
    final Ticker wall = () -> now() + this.slept;

    final Scheduler scheduler = (task, delay) -> schedule(() -> runAwake(task), delay);
    /** Threads that are scheduled a little later, and not always in the order in which they were started. */
    final Executor threads = task -> schedule(() -> runAwake(task), below(2000));

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.<Event>comparingLong(e -> e.at).thenComparingLong(e -> e.order));
    private final List<String> trace = new ArrayList<>();
    private long now;
    private long slept;
    private long frozenUntil;
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

    /** The client's process does not run for a while, though time goes on. */
    void freeze(long nanos) {
        trace("process is frozen for " + nanos / 1_000_000 + " ms");
        frozenUntil = Math.max(frozenUntil, now + nanos);
    }

    /** When the client's process last began to run again after a sleep or a freeze, or will. */
    long awakeSince() {
        return frozenUntil;
    }

    private void runAwake(Runnable task) {
        if (now < frozenUntil) {
            schedule(task, frozenUntil - now);
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
            if (stepsAtOnce > MOST_STEPS_AT_ONCE) throw new Violation("busy: time stands still at " + now);
            now = next.at;
            steps++;
            next.task.run();
            return true;
        }
    }

    void trace(String what) {
        trace.add(String.format("%12.6f  %s", now / 1e9, what));
    }

    List<String> trace() {
        return trace;
    }
}
