package dev.holdfast.internal.runtime;

import dev.holdfast.internal.concurrent.Uncaught;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time, in the order they came. No thread is held while there is none.
 *
 * <p>Nothing is bounded here: each kind of task has its bound where it comes from.
 */
final class SerialContext {
    private final Executor executor;
    private final Consumer<? super Throwable> onThrown;
    private final Runnable drain = this::drain;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Tasks not finished. Who raises it from zero sees to it that they run. */
    private final AtomicInteger unfinished = new AtomicInteger();

    /**
     * @param executor where {@link #post}ed tasks run; never a thread of the application's. It must not refuse a task: no
     *     task would ever run here again
     * @param onThrown takes what a task throws, in its place. The tasks behind it run in any case
     */
    SerialContext(Executor executor, Consumer<? super Throwable> onThrown) {
        this.executor = executor;
        this.onThrown = onThrown;
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
        if (unfinished.getAndIncrement() == 0) executor.execute(drain);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable t) {
            try {
                onThrown.accept(t);
            } catch (Throwable again) {
                Uncaught.report(again);
            }
        }
    }

    private void drain() {
        do {
            run(tasks.remove());
        } while (unfinished.decrementAndGet() > 0);
    }
}
