package dev.holdfast.internal.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A future that completes in a callback. It refuses a wait that would keep the callback from running. Derived futures refuse
 * it too, on Java 9 and later and on Android from API 31; earlier versions have no hook for it.
 */
public final class CallbackFuture<T> extends CompletableFuture<T> {
    private final BooleanSupplier blocksCallback;
    /** The future that this one was derived from, which completes first; null if there is none. */
    private final @Nullable CompletableFuture<?> origin;

    /** @param blocksCallback returns whether the callback cannot run while the current thread waits */
    public CallbackFuture(BooleanSupplier blocksCallback) {
        this(blocksCallback, null);
    }

    private CallbackFuture(BooleanSupplier blocksCallback, @Nullable CompletableFuture<?> origin) {
        this.blocksCallback = blocksCallback;
        this.origin = origin;
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        checkMayWait();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        checkMayWait();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        checkMayWait();
        return super.join();
    }

    private void checkMayWait() {
        // Once the origin is complete, what remains may run on any thread.
        if (isDone() || (origin != null && origin.isDone()) || !blocksCallback.getAsBoolean()) return;
        throw new IllegalStateException(
                "waiting for a Holdfast future on the thread that completes it, which would wait for ever: use"
                        + " thenAccept or whenComplete");
    }

    /** Overrides a method that Java 9 added. */
    @SuppressWarnings("MissingOverride") // Java 8 has no such method.
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return isDone()
                ? new CompletableFuture<>()
                : new CallbackFuture<>(blocksCallback, origin == null ? this : origin);
    }
}
