package dev.holdfast.internal.runtime;

import dev.holdfast.internal.concurrent.LongTask;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.time.ElapsedClock;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all clients of a process share: one timer thread, a pool for I/O that keeps no thread idle for long, the clocks, and the
 * random sources. All threads are daemons, so none keeps the process alive. Safe from any thread.
 */
final class ProcessResources {
    private static final long IDLE_SECONDS = 10;

    private static final ThreadFactory IO_THREADS = daemons("Holdfast I/O ");

    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), IO_THREADS);

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private static final SecureRandom SEEDS = new SecureRandom();
    private static final Random SECURE_RANDOM = new KeyStream(SEEDS);
    private static final Random JITTER = new Random(SEEDS.nextLong());

    private static final Ticker TICKER = tickerFromNow();

    private static final Ticker WALL = () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());

    private static final Ticker ELAPSED = new ElapsedClock(TICKER, WALL);

    private ProcessResources() {}

    /** Returns the executor for I/O. A long task has a new thread: one that has worked keeps memory that it does not need. */
    static Executor io() {
        return task -> {
            if (task instanceof LongTask) IO_THREADS.newThread(task).start();
            else POOL.execute(task);
        };
    }

    static Scheduler scheduler() {
        return (task, delayNanos) -> {
            // The executor would swallow what a task throws.
            ScheduledFuture<?> future = TIMER.schedule(() -> Uncaught.run(task), delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
    }

    /** Returns a cryptographic source. Each writer takes keys for many messages from it at once, so its lock is seldom held. */
    static Random secureRandom() {
        return SECURE_RANDOM;
    }

    /** Returns a source for delays, which is not cryptographic. */
    static Random jitter() {
        return JITTER;
    }

    /** Returns the ticker, which may stand still while the device sleeps. */
    static Ticker ticker() {
        return TICKER;
    }

    /** Returns the ticker that counts sleep. There is one, since what clients share counts by it. */
    static Ticker elapsed() {
        return ELAPSED;
    }

    /** Returns the time of day in nanoseconds since 1970. */
    static Ticker wall() {
        return WALL;
    }

    private static Ticker tickerFromNow() {
        long origin = System.nanoTime();
        return () -> System.nanoTime() - origin;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, daemons("Holdfast timer "));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
