package dev.holdfast.internal.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A future that completes in a callback, and so refuses to be waited for where that would keep the callback from running.
 * Futures derived from it refuse the same on Java 9 and later, and on Android from API 31; earlier versions have no hook.
 */
public final class CallbackFuture<T> extends CompletableFuture<T> {
    private final BooleanSupplier keepsCallbackBack;
    /** The future that this one was derived from, which completes first; null if it was not derived. */
    private final @Nullable CompletableFuture<?> origin;

    /** @param keepsCallbackBack whether the callback can't run before the current thread goes on */
    public CallbackFuture(BooleanSupplier keepsCallbackBack) {
        this(keepsCallbackBack, null);
    }

    private CallbackFuture(BooleanSupplier keepsCallbackBack, @Nullable CompletableFuture<?> origin) {
        this.keepsCallbackBack = keepsCallbackBack;
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
        if (isDone() || (origin != null && origin.isDone()) || !keepsCallbackBack.getAsBoolean()) return;
        throw new IllegalStateException(
                "waiting for a Holdfast future on the thread that completes it, which would wait for ever: use"
                        + " thenAccept or whenComplete");
    }

    /** Overrides a method that Java 9 added. */
    @SuppressWarnings("MissingOverride") // Java 8 has no such method.
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return isDone()
                ? new CompletableFuture<>()
                : new CallbackFuture<>(keepsCallbackBack, origin == null ? this : origin);
    }
}
