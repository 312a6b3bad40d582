package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A thread for each task, counted, so that a test can see them all end. */
public final class IoThreads implements Executor {
    static final String NAME = "test I/O";
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    // Guarded by this.
    private final List<Thread> running = new ArrayList<>();
    private final List<Throwable> thrown = new ArrayList<>();
    private int started;
    private CountDownLatch gate = new CountDownLatch(0);

    /** Tasks that start from now on are held up until the latch lets them go: the writer of a connection that is open, say. */
    public synchronized CountDownLatch hold() {
        gate = new CountDownLatch(1);
        return gate;
    }

    @Override
    public void execute(Runnable task) {
        CountDownLatch open = gate();
        Thread thread = new Thread(() -> run(task, open), NAME);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((escapedFrom, uncaught) -> escaped(uncaught));
        synchronized (this) {
            running.add(thread);
            started++;
        }
        thread.start();
    }

    private void run(Runnable task, CountDownLatch open) {
        Throwable escaped = null;
        try {
            open.await();
            task.run();
        } catch (Throwable t) {
            escaped = t;
        }
        synchronized (this) {
            running.remove(Thread.currentThread());
            if (escaped != null) thrown.add(escaped);
            notifyAll();
        }
    }

    private synchronized void escaped(Throwable uncaught) {
        thrown.add(uncaught);
        notifyAll();
    }

    private synchronized CountDownLatch gate() {
        return gate;
    }

    /** Waits until so many tasks have ended. */
    public synchronized void awaitEnded(int tasks) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (started - running.size() < tasks) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(started - running.size() + " tasks ended, not " + tasks);
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Waits until no more than so many tasks run. */
    public synchronized void awaitRunning(int tasks) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (running.size() > tasks) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(running.size() + " tasks run, not " + tasks);
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    public synchronized int started() {
        return started;
    }

    /** Waits until tasks have ended with so many exceptions, and takes them. */
    public synchronized List<Throwable> takeThrown(int count) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (thrown.size() < count) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(thrown.size() + " exceptions, not " + count);
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        List<Throwable> taken = new ArrayList<>(thrown);
        thrown.clear();
        return taken;
    }

    /** Waits until every task has ended, and none with an exception. */
    public synchronized void awaitAllEnded() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!running.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                StringBuilder stuck = new StringBuilder("threads that did not end:");
                for (Thread thread : running) {
                    for (StackTraceElement frame : thread.getStackTrace()) {
                        stuck.append("\n    ").append(frame);
                    }
                }
                fail(stuck.toString());
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        assertEquals(List.of(), thrown, "thrown on I/O threads");
    }
}
