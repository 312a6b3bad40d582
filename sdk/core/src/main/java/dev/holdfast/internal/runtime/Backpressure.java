package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.concurrent.CallbackFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Reports to the application when its queue passes the high water mark and when it is back at the low one: to the listener,
 * and through the futures of {@link #writable}. At most one report is on its way, so changes to and fro while the application
 * is busy are not reported. Safe from any thread.
 */
final class Backpressure {
    /** Futures that the application gave up are removed only above this number. */
    private static final int MIN_PRUNED = 16;

    private final SharedQueue queue;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final BooleanSupplier mustNotWait;
    private final ClientCallbacks callbacks;

    private final AtomicBoolean reportPending = new AtomicBoolean();
    private volatile boolean lastReported;
    private volatile boolean ended;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    @GuardedBy("lock")
    private int pruneAt = MIN_PRUNED;

    /** Written under the lock, read without. */
    private volatile boolean anyWaiting;

    /** @param mustNotWait whether a wait on the current thread for what is reported here would never end */
    Backpressure(
            SharedQueue queue,
            SerialContext serial,
            ListenerDispatcher dispatcher,
            BooleanSupplier mustNotWait,
            ClientCallbacks callbacks) {
        this.queue = queue;
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.mustNotWait = mustNotWait;
        this.callbacks = callbacks;
    }

    /** Reports what has changed. */
    void update() {
        if (ended) return;
        boolean pressed = queue.isPressed();
        if (pressed != lastReported && reportPending.compareAndSet(false, true)) dispatcher.post(this::report);
        if (!pressed) complete(future -> future.complete(null));
    }

    private void report() {
        reportPending.set(false);
        boolean pressed = queue.isPressed();
        if (ended || pressed == lastReported) return;
        lastReported = pressed;
        try {
            callbacks.onBackpressure(pressed);
        } finally {
            // The queue may have changed before this report counted as the last one.
            update();
        }
    }

    /** Returns a future that completes when the queue is not pressed, and is cancelled when the client ends. */
    CompletableFuture<Void> writable() {
        CompletableFuture<Void> future = new CallbackFuture<>(mustNotWait);
        if (ended) {
            future.cancel(false);
            return future;
        }
        if (!queue.isPressed()) {
            future.complete(null);
            return future;
        }
        lock.lock();
        try {
            if (waiting.size() >= pruneAt) {
                waiting.removeIf(CompletableFuture::isDone);
                pruneAt = Math.max(MIN_PRUNED, 2 * waiting.size());
            }
            waiting.add(future);
            anyWaiting = true;
        } finally {
            lock.unlock();
        }
        // The event that ends the wait may have happened just before. This is a thread of the application's, so others
        // complete
        // it.
        if (ended) {
            serial.post(this::cancelWaiting);
        } else if (!queue.isPressed()) {
            serial.post(this::update);
        }
        return future;
    }

    /** Cancels the futures and reports nothing more: the client has ended. */
    void end() {
        ended = true;
        cancelWaiting();
    }

    private void cancelWaiting() {
        complete(future -> future.cancel(false));
    }

    /** Returns the number of futures that wait, including those that were given up and are not removed yet. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private void complete(Consumer<CompletableFuture<Void>> how) {
        if (!anyWaiting) return;
        List<CompletableFuture<Void>> all;
        lock.lock();
        try {
            all = waiting;
            waiting = new ArrayList<>();
            anyWaiting = false;
        } finally {
            lock.unlock();
        }
        dispatcher.postEnd(() -> all.forEach(how));
    }
}
