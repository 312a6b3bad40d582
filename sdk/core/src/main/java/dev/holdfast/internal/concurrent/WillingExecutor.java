package dev.holdfast.internal.concurrent;

import java.util.concurrent.Executor;

/**
 * An executor that never refuses a task. If its first executor refuses, the second gets the task; if that refuses as well,
 * the calling thread runs it. For tasks that must run somewhere.
 */
public final class WillingExecutor implements Executor {
    private final Executor first;
    private final Executor second;

    public WillingExecutor(Executor first, Executor second) {
        this.first = first;
        this.second = second;
    }

    @Override
    public void execute(Runnable task) {
        Once once = new Once(task);
        if (!offer(first, once) && !offer(second, once)) Uncaught.run(once);
    }

    private static boolean offer(Executor executor, Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (Throwable refusal) {
            // It is shut down or full, or the process is out of threads.
            return false;
        }
    }
}
