package dev.holdfast.server;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one at a time and in order, on threads of the workers that come with them: a session's lane outlives its
 * server. Its callers bound its queue.
 */
final class Lane {
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    /**
     * Runs a task after those that wait.
     *
     * @param workers where it runs, unless the lane is already running elsewhere
     */
    void execute(Workers workers, Runnable task) {
        lock.lock();
        try {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        } finally {
            lock.unlock();
        }
        try {
            workers.execute(() -> drain(workers));
        } catch (RuntimeException | Error e) {
            stopped();
            throw e;
        }
    }

    /** Lets the next task start a thread again. What waits runs before it, in order. */
    private void stopped() {
        lock.lock();
        try {
            running = false;
        } finally {
            lock.unlock();
        }
    }

    private void drain(Workers workers) {
        for (Runnable task = next(); task != null; task = next()) {
            // One broken task must not stop the lane.
            workers.run(task);
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            Runnable task = tasks.poll();
            running = task != null;
            return task;
        } finally {
            lock.unlock();
        }
    }
}
