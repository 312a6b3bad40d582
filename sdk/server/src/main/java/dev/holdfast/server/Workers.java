package dev.holdfast.server;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks that may block: on the application's executor, or on threads of the server's own, as many as there are tasks
 * running, and none when idle.
 *
 * <p>Runs every task, also one that the application's executor rejects and one that comes after the server was closed:
 * connections end after that, and the sessions of the store outlive the server. Such a task gets a thread of its own.
 */
final class Workers implements Executor {
    private static final int IDLE_SECONDS = 30;

    private final Executor executor;
    private final ThreadPoolExecutor owned = pool();
    private final Consumer<Throwable> onError;
    private volatile boolean closed;

    /**
     * @param given the application's executor, which is not shut down; null for threads of the server's own
     * @param onError what is given the rejections of the executor and the exceptions of tasks
     */
    Workers(@Nullable Executor given, Consumer<Throwable> onError) {
        this.executor = given == null ? owned : given;
        this.onError = onError;
    }

    private static ThreadPoolExecutor pool() {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), Workers::thread);
    }

    private static Thread thread(Runnable task) {
        return DaemonThreads.named("holdfast-server-worker", task);
    }

    @Override
    public void execute(Runnable task) {
        execute(executor, task);
    }

    /** Runs a task that frees blocked threads, so it waits for none of the application's executor. */
    void executeApart(Runnable task) {
        execute(owned, task);
    }

    private void execute(Executor on, Runnable task) {
        Runnable reporting = () -> run(task);
        try {
            on.execute(reporting);
        } catch (RejectedExecutionException e) {
            if (!closed) report(e);
            thread(reporting).start();
        }
    }

    /** Runs a task in this thread, and reports what it throws. */
    void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            report(e);
        }
    }

    private void report(Throwable failure) {
        try {
            onError.accept(failure);
        } catch (Throwable e) {
            // Not even the report was possible, for example for lack of memory. What runs the tasks must go on.
        }
    }

    /** Lets the server's own threads end when they have done what they are at. */
    void close() {
        closed = true;
        owned.shutdown();
    }
}
