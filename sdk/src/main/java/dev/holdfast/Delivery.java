package dev.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The receipt for one message that was sent: how far it has come and how it ended. It ends exactly once. Safe from any
 * thread.
 */
public final class Delivery {
    /** How far a message has come. */
    public enum Stage {
        /** In the queue, or handed to a connection that has not written it yet. */
        QUEUED,
        /** In a socket, once at least. */
        WRITTEN,
        /** Over; see {@link Delivery#outcome}. */
        ENDED
    }

    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<Delivery, CompletableFuture> FUTURE =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, CompletableFuture.class, "future");

    private final Message message;
    private volatile boolean written;
    private volatile @Nullable Outcome outcome;
    /** Made only when somebody asks. */
    private volatile @Nullable CompletableFuture<Outcome> future;

    Delivery(Message message) {
        this.message = message;
    }

    /** The message that was sent. */
    public Message message() {
        return message;
    }

    /** How far it has come. */
    public Stage stage() {
        return outcome != null ? Stage.ENDED : written ? Stage.WRITTEN : Stage.QUEUED;
    }

    /** How it ended, null while it has not. */
    public @Nullable Outcome outcomeNow() {
        return outcome;
    }

    /**
     * Completes with how it ended, on the client's callback executor; never exceptionally. A message sent while the queue
     * was full or the client closed has ended when {@code send} returns.
     */
    public CompletableFuture<Outcome> outcome() {
        CompletableFuture<Outcome> known = future;
        if (known == null) {
            known = new CompletableFuture<>();
            if (!FUTURE.compareAndSet(this, null, known)) known = future();
        }
        // Asked after it ended: whoever ended it saw no future to complete.
        Outcome ended = outcome;
        if (ended != null) known.complete(ended);
        return known;
    }

    private CompletableFuture<Outcome> future() {
        CompletableFuture<Outcome> set = future;
        if (set == null) throw new AssertionError("a future is never unset");
        return set;
    }

    void markWritten() {
        written = true;
    }

    void end(Outcome how) {
        if (outcome != null) throw new IllegalStateException("ended twice: " + outcome + ", then " + how);
        outcome = how;
        CompletableFuture<Outcome> asked = future;
        if (asked != null) asked.complete(how);
    }

    @Override
    public String toString() {
        Outcome ended = outcome;
        return "delivery of " + message + ": " + (ended != null ? ended.toString() : stage().toString());
    }
}
