package dev.holdfast.benchmarks.scale;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A virtual thread for each task, where the JDK has them, and how many there are now. */
final class VirtualThreads implements Executor {
    private final Executor executor;
    private final AtomicInteger running = new AtomicInteger();

    VirtualThreads() {
        try {
            // This module is compiled for JDK 17, which has none.
            this.executor = (Executor)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedOperationException(
                    "Java " + Runtime.version().feature() + " has no virtual threads: run this with 21 or later", e);
        }
    }

    @Override
    public void execute(Runnable task) {
        running.incrementAndGet();
        executor.execute(() -> {
            try {
                task.run();
            } finally {
                running.decrementAndGet();
            }
        });
    }

    int running() {
        return running.get();
    }
}
