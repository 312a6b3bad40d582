package dev.holdfast.internal.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/** A clock that stands still: it runs nothing until a test advances it, and then on the test's thread. Thread-safe. */
public final class FakeClock implements Ticker, Scheduler {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final class Task implements Scheduled {
        final long dueAt;
        final long number;
        final Runnable action;

        Task(long dueAt, long number, Runnable action) {
            this.dueAt = dueAt;
            this.number = number;
            this.action = action;
        }

        @Override
        public void cancel() {
            synchronized (FakeClock.this) {
                tasks.remove(this);
            }
        }

        @Override
        public String toString() {
            return "task due in " + Duration.ofNanos(dueAt - nanos());
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.dueAt).thenComparingLong(task -> task.number));
    private long now = TimeUnit.HOURS.toNanos(1);
    private long scheduled;

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized Scheduled schedule(Runnable action, long delayNanos) {
        Task task = new Task(now + delayNanos, scheduled++, action);
        tasks.add(task);
        notifyAll();
        return task;
    }

    /** Moves on, running what comes due at the moment when it does. */
    public void advance(Duration duration) {
        long until = nanos() + duration.toNanos();
        for (Task due; (due = takeDue(until)) != null; ) due.action.run();
        synchronized (this) {
            now = until;
        }
    }

    /** Moves on without running anything, as for a process that is stopped. What came due meanwhile runs late. */
    public synchronized void stop(Duration duration) {
        now += duration.toNanos();
    }

    private synchronized Task takeDue(long until) {
        Task first = tasks.peek();
        if (first == null || first.dueAt > until) return null;
        now = Math.max(now, first.dueAt);
        return tasks.remove();
    }

    /** Waits, in real time, until other threads have scheduled so many tasks that are still to run. */
    public synchronized void awaitPending(int count) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (tasks.size() < count) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(tasks.size() + " tasks pending, not " + count);
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** For the end of a test. */
    public synchronized void assertNothingPending() {
        List<Task> pending = new ArrayList<>(tasks);
        assertEquals(List.of(), pending, "tasks still pending");
    }
}
