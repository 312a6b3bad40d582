package dev.holdfast.internal.runtime;

import dev.holdfast.internal.concurrent.Once;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.Inbound;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the application, one callback at a time and in order, on the executor that it gave. A task of the executor runs a
 * limited number of callbacks, so that the thread of a user interface can draw between the tasks of a flood.
 *
 * <p>If the application's executor refuses a task, the listener is not called any more, on any thread; the ends of
 * deliveries, which a thread may wait for, then run on the fallback. If the SDK's own executor refuses one, all callbacks
 * run on the fallback: the listener was promised no particular thread.
 *
 * <p>The driver bounds what waits: messages by their bytes, other callbacks by what they report.
 */
final class ListenerDispatcher {
    private static final int MAX_CALLBACKS = 64;

    private static final int MAX_BATCH = 256;

    /** A callback that does not call the listener. */
    private interface End extends Runnable {}

    private final Executor executor;
    private final Executor fallback;
    private final Consumer<? super Throwable> onRefused;
    private final Runnable turn = this::turn;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean refused;

    private final Consumer<Batch> listener;
    private final int maxBatch;
    /** Messages that are not posted yet. Confined to the serial context, which calls {@link #gather} and {@link #release}. */
    private @Nullable Batch batch;

    private final boolean isApplications;
    /** The thread of the callback that is running. */
    private volatile @Nullable Thread running;
    /** The application's thread that ran the last callback. */
    private volatile @Nullable Thread last;

    /**
     * Creates a dispatcher without a callback.
     *
     * @param isApplications whether the executor is the application's: the thread of the last callback then counts as its own,
     *     and has other tasks to run
     * @param fallback never refuses a task
     * @param onRefused receives what the executor throws when it refuses a task
     * @param listener receives the gathered messages. If it throws, it receives the rest of a batch in another call
     */
    ListenerDispatcher(
            Executor executor,
            boolean isApplications,
            Executor fallback,
            Consumer<? super Throwable> onRefused,
            Consumer<Batch> listener) {
        this.executor = executor;
        this.isApplications = isApplications;
        this.fallback = fallback;
        this.onRefused = onRefused;
        this.listener = listener;
        this.maxBatch = isApplications ? MAX_CALLBACKS : MAX_BATCH;
    }

    /** Posts a callback. */
    void post(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0) nextTurn();
    }

    /** Adds a message for the listener to the batch, which {@link #release} posts, or this method when it is full. */
    void gather(Inbound message) {
        Batch open = batch;
        if (open == null) {
            open = new Batch();
            batch = open;
        }
        open.messages.add(message);
        if (open.messages.size() == maxBatch) release();
    }

    /** Posts the batch. To be called before a callback that belongs behind it is posted. */
    void release() {
        Batch open = batch;
        if (open == null) return;
        batch = null;
        post(open);
    }

    /** Messages that came together and share a wake-up. */
    final class Batch implements Runnable {
        private final List<Inbound> messages = new ArrayList<>();
        private int taken;

        /** Returns the next message, null if there is none left, or the listener must not be called any more. */
        @Nullable
        Inbound next() {
            return refused || taken == messages.size() ? null : messages.get(taken++);
        }

        @Override
        public void run() {
            int before;
            do {
                before = taken;
                try {
                    listener.accept(this);
                } catch (Throwable t) {
                    Uncaught.report(t);
                }
            } while (taken > before && taken < messages.size());
        }
    }

    /** Posts a callback that does not call the listener. It runs even if the executor has refused a task. */
    void postEnd(Runnable callback) {
        End end = callback::run;
        post(end);
    }

    /** Returns whether this thread runs a callback, or is the application's thread that ran the last one. */
    boolean isCallbackThread() {
        Thread current = Thread.currentThread();
        return current == running || current == last;
    }

    /** Returns whether no other callback can run before this thread returns from its current task. */
    boolean waitsForThisThread() {
        Thread current = Thread.currentThread();
        // If the executor has several threads, another one may run the next callback.
        return current == running || (current == last && UserInterfaceThread.isCurrent());
    }

    /** Returns whether the application's executor has refused a task, so that the listener is not called any more. */
    boolean isRefused() {
        return refused;
    }

    private void nextTurn() {
        Runnable once = new Once(turn);
        if (!refused) {
            try {
                executor.execute(once);
                return;
            } catch (Throwable refusal) {
                // Shut down, a toolkit that does not run, or a process out of threads.
                refused = isApplications;
                Uncaught.run(() -> onRefused.accept(refusal));
            }
        }
        fallback.execute(once);
    }

    private void turn() {
        Thread current = Thread.currentThread();
        do {
            running = current;
            int count = 0;
            int due = unfinished.get();
            for (int left = MAX_CALLBACKS; left > 0 && count < due; count++) {
                Runnable callback = callbacks.remove();
                left -= callback instanceof Batch ? ((Batch) callback).messages.size() : 1;
                if (!refused || callback instanceof End) Uncaught.run(callback);
            }
            if (isApplications && last != current) last = current;
            running = null;
            if (unfinished.addAndGet(-count) == 0) return;
        } while (!isApplications);
        nextTurn();
    }
}
