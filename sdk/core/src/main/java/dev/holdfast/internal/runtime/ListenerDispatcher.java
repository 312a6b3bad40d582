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
 * Calls the application, one callback at a time and in order, on the executor that it gave. A few callbacks go in one
 * turn of the executor, so that a user interface's thread gets to draw between the turns of a flood.
 *
 * <p>If the application's executor refuses a turn, the listener is not called any more, on whatever thread; the ends of
 * deliveries, which somebody may wait for, then come on the fallback. If the SDK's own executor refuses one, all callbacks
 * come on the fallback: no thread was promised to the listener.
 *
 * <p>What waits is bounded by the driver: messages in bytes, the rest by what it tells of.
 */
final class ListenerDispatcher {
    private static final int CALLBACKS_A_TURN = 64;

    private static final int MAX_GATHERED = 256;

    /** A callback that does not call the listener. */
    private interface End extends Runnable {}

    private final Executor executor;
    private final Executor fallback;
    private final Consumer<? super Throwable> onRefused;
    private final Runnable turn = this::turn;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean refused;

    private final Consumer<Inbound> listener;
    private final Runnable afterwards;
    private final int mostGathered;
    /** Messages that nobody was told of. Confined to the caller of {@link #gather} and {@link #release}. */
    private @Nullable Together gathered;

    private final boolean isApplications;
    /** The thread of the callback that runs. */
    private volatile @Nullable Thread running;
    /** The application's thread that ran the last callback. */
    private volatile @Nullable Thread last;

    /**
     * A dispatcher with nothing to do.
     *
     * @param isApplications whether the executor is not the SDK's: then the thread of the last callback counts as its own,
     *     and has others to run as well
     * @param fallback never refuses a task
     * @param onRefused takes what the executor throws when it refuses a turn
     * @param listener takes the messages that are gathered
     * @param afterwards run when it has taken some
     */
    ListenerDispatcher(
            Executor executor,
            boolean isApplications,
            Executor fallback,
            Consumer<? super Throwable> onRefused,
            Consumer<Inbound> listener,
            Runnable afterwards) {
        this.executor = executor;
        this.isApplications = isApplications;
        this.fallback = fallback;
        this.onRefused = onRefused;
        this.listener = listener;
        this.afterwards = afterwards;
        this.mostGathered = isApplications ? CALLBACKS_A_TURN : MAX_GATHERED;
    }

    void post(Runnable callback) {
        callbacks.add(callback);
        if (unfinished.getAndIncrement() == 0) nextTurn();
    }

    /** A message for the listener, which waits for {@link #release} or until some are there: they share a wake-up. */
    void gather(Inbound message) {
        Together together = gathered;
        if (together == null) {
            together = new Together();
            gathered = together;
        }
        together.messages.add(message);
        if (together.messages.size() == mostGathered) release();
    }

    /** Posts what was gathered. To be called before what is told after it is posted. */
    void release() {
        Together together = gathered;
        if (together == null) return;
        gathered = null;
        post(together);
    }

    /** Messages that came together. */
    private final class Together implements Runnable {
        final List<Inbound> messages = new ArrayList<>();

        @Override
        public void run() {
            try {
                for (int i = 0; i < messages.size() && !refused; i++) {
                    try {
                        listener.accept(messages.get(i));
                    } catch (Throwable t) {
                        Uncaught.report(t);
                    }
                }
            } finally {
                afterwards.run();
            }
        }
    }

    /** As {@link #post} for what does not call the listener. */
    void postEnd(Runnable callback) {
        End end = callback::run;
        post(end);
    }

    /** Returns whether this thread runs a callback, or is the application's thread that ran the last one. */
    boolean isCallbackThread() {
        Thread current = Thread.currentThread();
        return current == running || current == last;
    }

    /** Returns whether no further callback can run until this thread has returned from what it does. */
    boolean waitsForThisThread() {
        Thread current = Thread.currentThread();
        // Of an executor with more threads than one another thread may run the next callback.
        return current == running || (current == last && UserInterfaceThread.isCurrent());
    }

    /** Returns whether the application's executor has refused a turn, so that the listener is not called any more. */
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
            int most = unfinished.get();
            for (int left = CALLBACKS_A_TURN; left > 0 && count < most; count++) {
                Runnable callback = callbacks.remove();
                left -= callback instanceof Together ? ((Together) callback).messages.size() : 1;
                if (!refused || callback instanceof End) Uncaught.run(callback);
            }
            if (isApplications && last != current) last = current;
            running = null;
            if (unfinished.addAndGet(-count) == 0) return;
        } while (!isApplications);
        nextTurn();
    }
}
