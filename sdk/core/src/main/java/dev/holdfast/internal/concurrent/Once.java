package dev.holdfast.internal.concurrent;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A task that runs once, however often it is called. An executor may throw and keep the task nevertheless: a pool may queue
 * it and then fail to start a thread. The task then runs elsewhere, and that executor calls it again later.
 */
public class Once extends AtomicBoolean implements Runnable {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // Never serialized.
    private final Runnable task;

    public Once(Runnable task) {
        this.task = task;
    }

    @Override
    public void run() {
        if (compareAndSet(false, true)) task.run();
    }
}
