package dev.holdfast.benchmarks.scale;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An executor with a virtual thread for each task, if the JDK has them. It counts the threads that exist now. */
final class VirtualThreads implements Executor {
    private final Executor executor;
    private final AtomicInteger running = new AtomicInteger();

    VirtualThreads() {
        try {
            // Looked up by reflection: this module is compiled for JDK 17, which has no virtual threads.
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
