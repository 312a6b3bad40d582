package dev.holdfast.internal.runtime;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Calls the application, one callback at a time and in order, on the executor that it gave. A few callbacks go in one
 * turn of the executor, so that a user interface's thread gets to draw between the turns of a flood.
 *
 * <p>Where the executor refuses a turn the listener is not called any more, on whatever thread; the ends of deliveries,
 * which somebody may wait for, then come on the fallback.
 *
 * <p>What waits is bounded by the driver: messages in bytes, the rest by what it tells of.
 */
final class ListenerDispatcher {
    private static final int CALLBACKS_A_TURN = 64;

    /** A callback that does not call the listener. */
    private interface End extends Runnable {}

    private final Executor executor;
    private final Executor fallback;
    private final Runnable onRefused;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean refused;

    private final boolean remembersThread;
    /** The thread of the callback that runs, or of the last one. */
    private volatile @Nullable Thread thread;

    /**
     * A dispatcher with nothing to do.
     *
     * @param remembersThread whether the thread of the last callback counts as the executor's: not where it is the SDK's
     * @param fallback an executor of the SDK's
     * @param onRefused told once that the executor takes no more
     */
    ListenerDispatcher(Executor executor, boolean remembersThread, Executor fallback, Runnable onRefused) {
        this.executor = executor;
        this.remembersThread = remembersThread;
        this.fallback = fallback;
        this.onRefused = onRefused;
    }

    void post(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0) nextTurn();
    }

    /** As {@link #post} for what does not call the listener. */
    void postEnd(Runnable callback) {
        End end = callback::run;
        post(end);
    }

    /** Whether this thread is in a callback, or is the one that callbacks were last seen on. */
    boolean isCallbackThread() {
        return Thread.currentThread() == thread;
    }

    private void nextTurn() {
        if (!refused) {
            try {
                executor.execute(this::turn);
                return;
            } catch (RuntimeException | Error e) {
                // Shut down, or a toolkit that does not run: whatever it throws, it has not taken the task.
                refused = true;
                onRefused.run();
            }
        }
        try {
            fallback.execute(this::turn);
        } catch (RuntimeException | Error e) {
            turn();
        }
    }

    private void turn() {
        for (int i = 0; i < CALLBACKS_A_TURN; i++) {
            Runnable callback = callbacks.remove();
            Thread current = Thread.currentThread();
            if (thread != current) thread = current;
            try {
                if (!refused || callback instanceof End) callback.run();
            } catch (Throwable t) {
                // The application's bug goes where its thread's bugs go; the callbacks behind are not to suffer for it.
                current.getUncaughtExceptionHandler().uncaughtException(current, t);
            }
            if (!remembersThread) thread = null;
            if (unfinished.decrementAndGet() == 0) return;
        }
        nextTurn();
    }
}
