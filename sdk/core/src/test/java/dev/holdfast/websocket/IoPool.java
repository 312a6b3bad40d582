package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for OkHttp's calls and Holdfast's web sockets, which are to have nothing to do at the end of a test. */
final class IoPool extends ThreadPoolExecutor {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    // Guarded by this.
    private final List<Throwable> thrown = new ArrayList<>();
    private int running;

    IoPool() {
        super(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>());
        setThreadFactory(task -> {
            Thread thread = new Thread(task, "test I/O");
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((at, e) -> {});
            return thread;
        });
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            running++;
        }
        try {
            super.execute(task);
        } catch (RuntimeException e) {
            afterExecute(task, null);
            throw e;
        }
    }

    @Override
    protected synchronized void afterExecute(Runnable task, Throwable escaped) {
        running--;
        if (escaped != null) thrown.add(escaped);
        notifyAll();
    }

    /** Waits until every task has ended. */
    synchronized void awaitIdle() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (running > 0) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail(running + " tasks did not end");
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Takes what escaped from a task, which there must be. */
    synchronized Throwable takeThrown() throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (thrown.isEmpty()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) fail("nothing thrown");
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return thrown.remove(0);
    }

    synchronized void assertNothingThrown() {
        assertEquals(List.of(), thrown, "thrown on I/O threads");
    }
}
