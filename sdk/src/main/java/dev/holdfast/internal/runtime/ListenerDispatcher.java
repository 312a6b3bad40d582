package dev.holdfast.internal.runtime;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls the application, one callback at a time and in order, on the executor that it gave. A few callbacks go in one
 * turn of the executor, so that a user interface's thread gets to draw between the turns of a flood.
 *
 * <p>What waits is bounded by the driver: messages in bytes, the rest by what it tells of.
 */
final class ListenerDispatcher {
    private static final int CALLBACKS_A_TURN = 64;

    private final Executor executor;
    private final Runnable onRejected;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();

    /** @param onRejected told, perhaps more than once, that the executor takes no more */
    ListenerDispatcher(Executor executor, Runnable onRejected) {
        this.executor = executor;
        this.onRejected = onRejected;
    }

    void post(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0) nextTurn();
    }

    private void nextTurn() {
        try {
            executor.execute(this::turn);
        } catch (RejectedExecutionException e) {
            onRejected.run();
        }
    }

    private void turn() {
        for (int i = 0; i < CALLBACKS_A_TURN; i++) {
            Runnable callback = callbacks.remove();
            try {
                callback.run();
            } catch (Throwable t) {
                // The application's bug goes where its thread's bugs go; the callbacks behind are not to suffer for it.
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
            }
            if (unfinished.decrementAndGet() == 0) return;
        }
        nextTurn();
    }
}
