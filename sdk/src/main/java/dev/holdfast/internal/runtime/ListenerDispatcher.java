package dev.holdfast.internal.runtime;

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
 * <p>Where the executor refuses a turn the listener is not called any more, on whatever thread; the ends of deliveries,
 * which somebody may wait for, then come on the fallback.
 *
 * <p>What waits is bounded by the driver: messages in bytes, the rest by what it tells of.
 */
final class ListenerDispatcher {
    private static final int CALLBACKS_A_TURN = 64;

    private static final int MOST_GATHERED = 256;

    /** A callback that does not call the listener. */
    private interface End extends Runnable {}

    private final Executor executor;
    private final Executor fallback;
    private final Runnable onRefused;
    private final ConcurrentLinkedQueue<Runnable> callbacks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unfinished = new AtomicInteger();
    private volatile boolean refused;

    private final Consumer<Inbound> listener;
    private final Runnable afterwards;
    private final int mostGathered;
    /** Messages that nobody was told of. Confined to the caller of {@link #gather} and {@link #release}. */
    private @Nullable Together gathered;

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
     * @param listener takes the messages that are gathered
     * @param afterwards run when it has taken some
     */
    ListenerDispatcher(
            Executor executor,
            boolean isApplications,
            Executor fallback,
            Runnable onRefused,
            Consumer<Inbound> listener,
            Runnable afterwards) {
        this.executor = executor;
        this.isApplications = isApplications;
        this.fallback = fallback;
        this.onRefused = onRefused;
        this.listener = listener;
        this.afterwards = afterwards;
        this.mostGathered = isApplications ? CALLBACKS_A_TURN : MOST_GATHERED;
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
                        Telemetry.uncaught(t);
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
            int count = 0;
            int most = unfinished.get();
            for (int left = CALLBACKS_A_TURN; left > 0 && count < most; count++) {
                Runnable callback = callbacks.remove();
                left -= callback instanceof Together ? ((Together) callback).messages.size() : 1;
                run(callback, current);
            }
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
