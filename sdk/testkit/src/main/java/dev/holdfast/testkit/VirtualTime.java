package dev.holdfast.testkit;

import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock, a scheduler and an executor that stand still until a test lets time go on. Tasks run on the thread that calls {@link
 * #advance} or waits for something, in the order of their times; tasks of the same time run in the order in which they were
 * added. So a test takes no real time and does the same in each run.
 *
 * <p>A method that really blocks, such as {@link CompletableFuture#get} or {@link dev.holdfast.HoldfastClient#close(Duration)},
 * would wait for ever on this thread, because nothing runs meanwhile: use {@link #await}.
 *
 * <p>If a task, such as a callback of the application, throws, the method that let time go on throws the same exception. So an
 * assertion in a callback fails the test.
 *
 * <p>Tasks may be added on any thread. Time may go on on one thread at a time.
 */
public final class VirtualTime {
    /** The limit of {@link #await}, and of the waits of other classes, unless they have one of their own. */
    static final Duration LIMIT = Duration.ofMinutes(10);

    /** Not 0, so that a moment before the first does not look like no moment. */
    private static final long START_NANOS = TimeUnit.HOURS.toNanos(1);

    private static final int MAX_TASKS_AT_ONCE = 100_000;

    private static final class Task {
        final long due;
        final long number;
        final Runnable action;

        Task(long due, long number, Runnable action) {
            this.due = due;
            this.number = number;
            this.action = action;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.due).thenComparingLong(task -> task.number));
    private long now = START_NANOS;
    private long added;
    private @Nullable Thread runner;

    /** Written by what runs in a task, and read behind it on the same thread. */
    private final List<Throwable> thrown = new ArrayList<>();

    private int tasksAtOnce;

    /** Creates a time that begins at zero. */
    public VirtualTime() {}

    /** {@return the time since the beginning} */
    public Duration now() {
        return Duration.ofNanos(nanos() - START_NANOS);
    }

    /**
     * {@return an executor whose tasks run when time goes on, or at once while it does} Use it where the application's code
     * takes an executor, for example as {@link dev.holdfast.HoldfastClientBuilder#callbackExecutor}.
     */
    public Executor executor() {
        return task -> add(task, 0);
    }

    /**
     * Runs a task later.
     *
     * @param delay the time from now, not negative
     * @param task runs on the thread that lets time go on
     */
    public void schedule(Duration delay, Runnable task) {
        long nanos = delay.toNanos();
        if (nanos < 0) throw new IllegalArgumentException("delay must not be negative, but was " + delay);
        add(Objects.requireNonNull(task, "task"), nanos);
    }

    /**
     * Lets time go on, and runs what becomes due, each task at its own time.
     *
     * @param duration how long, not negative
     */
    public void advance(Duration duration) {
        if (duration.isNegative())
            throw new IllegalArgumentException("duration must not be negative, but was " + duration);
        long end = nanos() + duration.toNanos();
        run(end, () -> false);
        lock.lock();
        try {
            now = end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets time go on until a future is complete, for at most 10 minutes.
     *
     * @param <T> the type of the result
     * @param future for example {@code client.opened()}
     * @return the future's result, null if that is null
     * @throws ExecutionException if the future fails; the cause is what it failed with
     * @throws AssertionError if it is not complete by then
     */
    public <T> T await(CompletableFuture<T> future) throws ExecutionException {
        runUntil(future::isDone, LIMIT, () -> "the future is not complete");
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }

    /**
     * Lets time go on until a condition holds.
     *
     * @param condition read after each task
     * @param limit the maximum time
     * @throws AssertionError if the condition does not hold by then
     */
    public void runUntil(BooleanSupplier condition, Duration limit) {
        runUntil(condition, limit, () -> "the condition does not hold");
    }

    /** @param failure returns what did not happen, the beginning of a sentence */
    void runUntil(BooleanSupplier condition, Duration limit, Failure failure) {
        Objects.requireNonNull(condition, "condition");
        long end = nanos() + limit.toNanos();
        if (run(end, condition)) return;
        throw new AssertionError(failure.text() + " after " + seconds(limit.toNanos()) + " of virtual time");
    }

    /** The text of a failed wait, which is made only if it is needed. */
    interface Failure {
        String text();
    }

    long nanos() {
        lock.lock();
        try {
            return now;
        } finally {
            lock.unlock();
        }
    }

    Ticker ticker() {
        return this::nanos;
    }

    Scheduler scheduler() {
        return (task, delayNanos) -> {
            Task added = add(task, Math.max(0, delayNanos));
            return () -> remove(added);
        };
    }

    Task add(Runnable action, long delayNanos) {
        lock.lock();
        try {
            Task task = new Task(now + delayNanos, added++, action);
            tasks.add(task);
            return task;
        } finally {
            lock.unlock();
        }
    }

    private void remove(Task task) {
        lock.lock();
        try {
            tasks.remove(task);
        } finally {
            lock.unlock();
        }
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
    }

    /** Runs tasks up to {@code end}. Returns whether the condition holds. */
    private boolean run(long end, BooleanSupplier condition) {
        Thread thread = Thread.currentThread();
        begin(thread);
        // This handler gets the exceptions of callbacks: the SDK continues, but the test must fail.
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((where, what) -> thrown.add(what));
        try {
            while (!condition.getAsBoolean()) {
                Task next = take(end);
                if (next == null) return condition.getAsBoolean();
                next.action.run();
                rethrow();
            }
            return true;
        } finally {
            thread.setUncaughtExceptionHandler(before == thread.getThreadGroup() ? null : before);
            end();
        }
    }

    private void begin(Thread thread) {
        lock.lock();
        try {
            if (runner != null) {
                throw new IllegalStateException("time goes on already, on " + runner.getName()
                        + ": a callback must not wait or advance the time");
            }
            runner = thread;
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            runner = null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Task take(long end) {
        lock.lock();
        try {
            Task next = tasks.peek();
            if (next == null || next.due > end) {
                now = Math.max(now, end);
                return null;
            }
            tasksAtOnce = next.due > now ? 0 : tasksAtOnce + 1;
            if (tasksAtOnce > MAX_TASKS_AT_ONCE) {
                tasksAtOnce = 0;
                throw new AssertionError("time stands still at " + seconds(now - START_NANOS) + ": more than "
                        + MAX_TASKS_AT_ONCE + " tasks are due at this moment, each added by another");
            }
            now = Math.max(now, next.due);
            tasks.remove();
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void rethrow() {
        if (thrown.isEmpty()) return;
        Throwable first = thrown.remove(0);
        for (Throwable other : thrown) {
            if (other != first) first.addSuppressed(other);
        }
        thrown.clear();
        throw VirtualTime.<RuntimeException>unchecked(first);
    }

    /** Throws the exception itself, whatever its type is: the test must see what the callback threw. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
