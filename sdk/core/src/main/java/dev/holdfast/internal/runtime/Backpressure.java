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
 * Tells the application when its queue passes the high water mark and when it is back at the low one: the listener, of the
 * one and the other in turn, and whoever waits to go on. One word at most is under way, so what changes to and fro while
 * the application is busy is not told. Safe from any thread.
 */
final class Backpressure {
    /** Among so few futures those that were given up are left. */
    private static final int FEW = 16;

    private final SharedQueue queue;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final BooleanSupplier mustNotWait;
    private final ClientCallbacks callbacks;

    private final AtomicBoolean underWay = new AtomicBoolean();
    private volatile boolean lastTold;
    private volatile boolean ended;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    @GuardedBy("lock")
    private int pruneAt = FEW;

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

    /** Tells what has changed. */
    void update() {
        if (ended) return;
        boolean pressed = queue.isPressed();
        if (pressed != lastTold && underWay.compareAndSet(false, true)) dispatcher.post(this::tell);
        if (!pressed) complete(future -> future.complete(null));
    }

    private void tell() {
        underWay.set(false);
        boolean pressed = queue.isPressed();
        if (ended || pressed == lastTold) return;
        lastTold = pressed;
        try {
            callbacks.onBackpressure(pressed);
        } finally {
            // It may have changed before it was seen what is told last.
            update();
        }
    }

    /** Completes when the queue is not pressed, or is cancelled when nothing is sent any more. */
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
                pruneAt = Math.max(FEW, 2 * waiting.size());
            }
            waiting.add(future);
            anyWaiting = true;
        } finally {
            lock.unlock();
        }
        // What ended the wait may have come just before. Not told from here: this is a thread of the application's.
        if (ended) {
            serial.post(this::cancelWaiting);
        } else if (!queue.isPressed()) {
            serial.post(this::update);
        }
        return future;
    }

    /** The client has ended: nothing is told any more. */
    void end() {
        ended = true;
        cancelWaiting();
    }

    private void cancelWaiting() {
        complete(future -> future.cancel(false));
    }

    /** How many futures wait, those included that were given up and are not forgotten yet. */
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
