package dev.holdfast.internal.runtime;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one at a time, in the order they came. No thread is held while there is none.
 *
 * <p>Nothing is bounded here: each kind of task has its bound where it comes from.
 */
final class SerialContext {
    private final Executor executor;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Tasks not finished. Who raises it from zero sees to it that they run. */
    private final AtomicInteger unfinished = new AtomicInteger();

    /** @param executor where {@link #post}ed tasks run; never a thread of the application's */
    SerialContext(Executor executor) {
        this.executor = executor;
    }

    /** Runs the task now, on this thread, or behind those that run. For the SDK's own I/O threads: saves a wake-up. */
    void execute(Runnable task) {
        if (unfinished.compareAndSet(0, 1)) {
            run(task);
            if (unfinished.decrementAndGet() > 0) drain();
        } else {
            tasks.add(task);
            if (unfinished.getAndIncrement() == 0) drain();
        }
    }

    /** Runs the task on the executor. For threads that must not be kept: the application's, the timer. */
    void post(Runnable task) {
        tasks.add(task);
        if (unfinished.getAndIncrement() == 0) {
            try {
                executor.execute(this::drain);
            } catch (RuntimeException | Error e) {
                // An executor that is shut down under a client in use, or a process out of threads. Nothing would ever
                // run here again; better on this thread than never.
                drain();
            }
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            // A bug of ours. The tasks behind must still run, or the client would hang without a word.
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
        }
    }

    private void drain() {
        do {
            run(tasks.remove());
        } while (unfinished.decrementAndGet() > 0);
    }
}
