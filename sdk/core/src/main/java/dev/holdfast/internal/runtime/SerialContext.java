package dev.holdfast.internal.runtime;

import dev.holdfast.internal.concurrent.Uncaught;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time, in the order in which they came. It holds no thread while it has no task.
 *
 * <p>The queue has no bound of its own: each kind of task is bounded where it comes from.
 */
final class SerialContext {
    private final Executor executor;
    private final Consumer<? super Throwable> onThrown;
    private final Runnable drain = this::drain;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** The number of unfinished tasks. The thread that raises it from zero makes sure that they run. */
    private final AtomicInteger unfinished = new AtomicInteger();

    /**
     * The thread of the task that runs. Not volatile: a thread that runs no task has itself overwritten what it wrote here,
     * so it never reads itself.
     */
    private @Nullable Thread running;

    /** The reason for which the running task has suspended the context; null if it has not. Written and read by the thread of the task. */
    private @Nullable Runnable suspendedFor;

    /**
     * Creates a context without a task.
     *
     * @param executor runs {@link #post}ed tasks; never on a thread of the application's. It must not refuse a task: no task
     *     would ever run here again
     * @param onThrown takes what a task throws, in its place. The tasks behind it run in any case
     */
    SerialContext(Executor executor, Consumer<? super Throwable> onThrown) {
        this.executor = executor;
        this.onThrown = onThrown;
    }

    /**
     * Runs the task on this thread at once, or behind the task that runs. For the SDK's own I/O threads: this saves a
     * wake-up.
     */
    void execute(Runnable task) {
        if (unfinished.compareAndSet(0, 1)) {
            if (run(task) && unfinished.decrementAndGet() > 0) drain();
        } else {
            tasks.add(task);
            if (unfinished.getAndIncrement() == 0) drain();
        }
    }

    /** Runs the task on the executor. For threads that must not be kept: the application's, the timer's. */
    void post(Runnable task) {
        tasks.add(task);
        if (unfinished.getAndIncrement() == 0) executor.execute(drain);
    }

    /**
     * Suspends the context: when the current task has returned, nothing else runs here until {@link #resume}. For work that
     * blocks: it keeps neither the thread of the task nor a thread of its own. To be called last in a task.
     *
     * @param work runs on the thread of the task after it has returned. It must not block, must not throw, and must lead to one
     *     call of {@link #resume}
     */
    void suspend(Runnable work) {
        checkConfined();
        if (suspendedFor != null) throw new IllegalStateException("the context is suspended already");
        suspendedFor = work;
    }

    /** Runs the rest of the task that has suspended the context, and then the tasks behind it, on the current I/O thread. */
    void resume(Runnable rest) {
        if (run(rest) && unfinished.decrementAndGet() > 0) drain();
    }

    /** Returns the task that is sure to run after the one that runs; null if there is none yet. For the running task. */
    @Nullable
    Runnable next() {
        // One that is not counted yet may be overtaken by a task of another thread.
        return unfinished.get() > 1 ? tasks.peek() : null;
    }

    /**
     * Checks that the current thread runs a task of this context.
     *
     * @throws IllegalStateException if it does not: the caller accesses what is confined to the context
     */
    void checkConfined() {
        if (running != Thread.currentThread()) {
            throw new IllegalStateException("not on the serial context, but on " + Thread.currentThread());
        }
    }

    /** Returns false if the task has suspended the context: {@link #resume} runs the tasks behind it. */
    private boolean run(Runnable task) {
        running = Thread.currentThread();
        try {
            task.run();
        } catch (Throwable t) {
            try {
                onThrown.accept(t);
            } catch (Throwable again) {
                Uncaught.report(again);
            }
        } finally {
            running = null;
        }
        Runnable work = suspendedFor;
        if (work == null) return true;
        suspendedFor = null;
        work.run();
        return false;
    }

    private void drain() {
        do {
            if (!run(tasks.remove())) return;
        } while (unfinished.decrementAndGet() > 0);
    }
}
