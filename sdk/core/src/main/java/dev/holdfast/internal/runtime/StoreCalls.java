package dev.holdfast.internal.runtime;

import dev.holdfast.StoreException;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.time.Scheduler;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of a store, each on an I/O thread, while the serial context waits. A call that takes too long is given up: the
 * context goes on without it, and its thread stays with the store until the call returns. Confined to the serial context.
 */
final class StoreCalls {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** A call may see so many ticks. So it has 30 s at least, and a process that was stopped costs it one tick. */
    private static final int MAX_TICKS = 6;

    /** A call of the store. It blocks, and throws nothing else than a {@link StoreException} or an {@link Error}. */
    interface Work<T> {
        T run() throws StoreException;
    }

    private final class Call<T> {
        final Work<T> work;
        final BiConsumer<@Nullable T, @Nullable StoreException> then;
        final AtomicBoolean over = new AtomicBoolean();
        /** Confined to the scheduler's tasks, of which there is one at a time. */
        int ticks;

        Call(Work<T> work, BiConsumer<@Nullable T, @Nullable StoreException> then) {
            this.work = work;
            this.then = then;
        }

        void run() {
            // A call that waited too long for a thread has not begun, and must not begin any more.
            if (over.get()) {
                onLateReturn.run();
                return;
            }
            T result = null;
            StoreException failure = null;
            Error thrown = null;
            try {
                result = work.run();
            } catch (StoreException e) {
                failure = e;
            } catch (Error e) {
                thrown = e;
            } catch (Throwable e) {
                // Code that is not Java's may throw checked exceptions without declaring them.
                failure = new StoreException(
                        StoreException.Kind.FAILED,
                        "the session store threw " + e.getClass().getSimpleName(),
                        e);
            }
            if (over.compareAndSet(false, true)) {
                resume(result, failure, thrown);
            } else {
                onLateReturn.run();
            }
        }

        private void resume(@Nullable T result, @Nullable StoreException failure, @Nullable Error thrown) {
            serial.resume(() -> {
                current = null;
                if (thrown != null) throw thrown;
                then.accept(result, failure);
            });
        }

        /** Returns whether the call is given up. */
        boolean tick() {
            if (++ticks <= MAX_TICKS || !over.compareAndSet(false, true)) return false;
            StoreException late = new StoreException(
                    StoreException.Kind.TIMED_OUT,
                    "the session store has not answered for " + TimeUnit.NANOSECONDS.toSeconds(MAX_TICKS * TICK_NANOS)
                            + " s. It is closed when it answers",
                    null);
            // Not on the scheduler's thread.
            executor.execute(() -> resume(null, late, null));
            return true;
        }
    }

    private final SerialContext serial;
    private final Executor executor;
    private final Scheduler scheduler;
    private final Runnable onLateReturn;

    /** The call that is under way; null for none. Read by the scheduler's thread. */
    private volatile @Nullable Call<?> current;

    private final AtomicBoolean ticking = new AtomicBoolean();

    /**
     * @param executor runs the calls. It must not refuse a task
     * @param onLateReturn runs behind a call that was given up, on its thread
     */
    StoreCalls(SerialContext serial, Executor executor, Scheduler scheduler, Runnable onLateReturn) {
        this.serial = serial;
        this.executor = executor;
        this.scheduler = scheduler;
        this.onLateReturn = onLateReturn;
    }

    /**
     * Makes a call. To be called last in a task of the serial context: nothing else runs there until {@code then} has run. If the
     * work throws an {@link Error}, the serial context gets that in the place of {@code then}.
     *
     * @param then gets the result or the failure, on the serial context
     */
    <T> void call(Work<T> work, BiConsumer<@Nullable T, @Nullable StoreException> then) {
        Call<T> call = new Call<>(work, then);
        // Its time begins when the context waits. Given up before that, it would resume a context that still runs.
        serial.suspend(() -> {
            // Before the look at the timer: one that ends looks for a call once more after it has said so.
            current = call;
            // One timer for many calls: one for each would wake the scheduler's thread each time.
            if (ticking.compareAndSet(false, true)) scheduleTick();
            executor.execute(call::run);
        });
    }

    private void scheduleTick() {
        try {
            scheduler.schedule(this::tick, TICK_NANOS);
        } catch (Throwable t) {
            // A call without a limit is better than none: a client that can't set timers ends, and must close its
            // store.
            ticking.set(false);
            Uncaught.report(t);
        }
    }

    /** On the scheduler's thread. */
    private void tick() {
        Call<?> call = current;
        if (call == null) {
            ticking.set(false);
            // One that came meanwhile found the timer running.
            if (current != null && ticking.compareAndSet(false, true)) scheduleTick();
        } else if (!call.tick()) {
            scheduleTick();
        }
    }
}
