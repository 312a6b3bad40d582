package dev.holdfast.internal.runtime;

import dev.holdfast.StoreException;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.time.Ticker;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Opens a client's store, and takes over what an earlier process left in it. */
final class StoreOpening {
    private final boolean resumable;
    private final boolean resendsWithKey;
    private final Ticker elapsed;
    private final SessionMachine machine;
    private final EventLoop loop;
    private final SharedQueue queue;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final ClientCallbacks callbacks;

    /** The messages of an earlier process that came from the store, in order. Confined to the serial context. */
    private List<Outbound> fromStore = Collections.emptyList();

    /** Confined to the serial context. */
    private @Nullable StoreException failure;

    StoreOpening(
            boolean resumable,
            boolean resendsWithKey,
            Ticker elapsed,
            SessionMachine machine,
            EventLoop loop,
            SharedQueue queue,
            SerialContext serial,
            ListenerDispatcher dispatcher,
            ClientCallbacks callbacks) {
        this.resumable = resumable;
        this.resendsWithKey = resendsWithKey;
        this.elapsed = elapsed;
        this.machine = machine;
        this.loop = loop;
        this.queue = queue;
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.callbacks = callbacks;
    }

    /** Has the store opened. Every task that is posted later waits behind this one. */
    void post(StoreKeeper store) {
        serial.post(() -> store.open(resumable, resendsWithKey, elapsed, (content, failed) -> {
            if (content != null) {
                takeOver(content);
            } else if (failed != null) {
                failure = failed;
                loop.storeFailed(store, failed);
            }
            dispatcher.release();
        }));
    }

    private void takeOver(StoreContent content) {
        fromStore = Collections.unmodifiableList(content.received);
        for (Outbound message : fromStore) {
            // Nobody has a future of it yet.
            callbacks.onStored(message);
            if (message.isWritten()) callbacks.onWritten(message);
        }
        if (content.hasSession()) {
            content.unacknowledged.forEach(queue::restoreTaken);
            machine.durable.restore(content.session(), content.unacknowledged, content.startMessages());
        } else if (content.storedState().position != null && !resumable) {
            machine.durable.restorePosition(content.storedState().position);
        }
        machine.durable.restoreCursors(content.cursors());
        content.ended.forEach(callbacks::onEnded);
        LostSession lost = content.lost();
        if (lost != null) {
            machine.durable.restoreLoss(lost.reason);
            loop.performer().sessionLost(lost);
        }
        // Behind the callbacks that report them.
        dispatcher.post(() -> serial.post(() -> content.ended.keySet().forEach(Outbound::removeStored)));
        queue.restore(content.waiting, content.isProven());
        queue.notifyOwner();
    }

    /**
     * Returns a future that completes on the callback executor with the result of {@code make}, which is called with the
     * messages of earlier processes when the store is open. It fails if the store could not be opened.
     *
     * @param mustNotWait see {@link CallbackFuture}
     */
    <T> CompletableFuture<T> opened(Function<List<Outbound>, T> make, BooleanSupplier mustNotWait) {
        CallbackFuture<T> future = new CallbackFuture<>(mustNotWait);
        serial.post(() -> {
            dispatcher.release();
            StoreException failed = failure;
            if (failed == null) {
                T made = make.apply(fromStore);
                dispatcher.postEnd(() -> future.complete(made));
            } else {
                dispatcher.postEnd(() -> future.completeExceptionally(failed));
            }
        });
        return future;
    }
}
