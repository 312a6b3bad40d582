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

    private static final int MOST_GATHERED = 128;

    /** A callback that does not call the listener. */
    private interface End extends Runnable {}

    private final Executor executor;
    private final Executor fallback;
    private final Runnable onRefused;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean refused;

    /** Callbacks that nobody was told of. Confined to the caller of {@link #gather} and {@link #release}. */
    private int gathered;

    private final boolean isApplications;
    /** The thread of the callback that runs, or of the last one. */
    private volatile @Nullable Thread thread;

    /**
     * A dispatcher with nothing to do.
     *
     * @param isApplications whether the executor is not the SDK's: then the thread of the last callback counts as its own,
     *     and has others to run as well
     * @param fallback an executor of the SDK's
     * @param onRefused told once that the executor takes no more
     */
    ListenerDispatcher(Executor executor, boolean isApplications, Executor fallback, Runnable onRefused) {
        this.executor = executor;
        this.isApplications = isApplications;
        this.fallback = fallback;
        this.onRefused = onRefused;
    }

    void post(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0) nextTurn();
    }

    /** As {@link #post}, but not before {@link #release}, or until a few are there: they share a wake-up. */
    void gather(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0 || gathered > 0) gathered++;
        if (gathered == MOST_GATHERED) release();
    }

    /** Runs what was gathered. */
    void release() {
        if (gathered == 0) return;
        gathered = 0;
        nextTurn();
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
        Thread current = Thread.currentThread();
        do {
            if (thread != current) thread = current;
            int count = Math.min(unfinished.get(), CALLBACKS_A_TURN);
            for (int i = 0; i < count; i++) run(callbacks.remove(), current);
            if (!isApplications) thread = null;
            if (unfinished.addAndGet(-count) == 0) return;
        } while (!isApplications);
        nextTurn();
    }

    private void run(Runnable callback, Thread current) {
        try {
            if (!refused || callback instanceof End) callback.run();
        } catch (Throwable t) {
            // The application's bug goes where its thread's bugs go; the callbacks behind are not to suffer for it.
            current.getUncaughtExceptionHandler().uncaughtException(current, t);
        }
    }
}
