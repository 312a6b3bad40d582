package dev.holdfast;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
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

    private final Message message;
    private volatile boolean written;

    /** Null; or the future that was asked for before the end; or the outcome. */
    private final AtomicReference<@Nullable Object> end = new AtomicReference<>();

    Delivery(Message message) {
        this.message = message;
    }

    /** The message that was sent. */
    public Message message() {
        return message;
    }

    /** How far it has come. */
    public Stage stage() {
        return outcomeNow() != null ? Stage.ENDED : written ? Stage.WRITTEN : Stage.QUEUED;
    }

    /** How it ended, null while it has not. */
    public @Nullable Outcome outcomeNow() {
        Object known = end.get();
        return known instanceof Outcome ? (Outcome) known : null;
    }

    /**
     * Completes with how it ended, on the client's callback executor, and never exceptionally. It is complete already
     * where the message has ended when this is called; a message sent while the queue was full or the client closed has
     * ended when {@code send} returns. Each call gives a future of the caller's own.
     */
    public CompletableFuture<Outcome> outcome() {
        while (true) {
            Object known = end.get();
            if (known instanceof Outcome) return CompletableFuture.completedFuture((Outcome) known);
            if (known instanceof Asked) return ((Asked) known).thenApply(Function.identity());
            Asked asked = new Asked();
            if (end.compareAndSet(null, asked)) return asked.thenApply(Function.identity());
        }
    }

    /** Never given away, so that nobody but {@link #end} completes it. */
    private static final class Asked extends CompletableFuture<Outcome> {}

    void markWritten() {
        written = true;
    }

    void end(Outcome how) {
        Object before = end.getAndSet(how);
        if (before instanceof Outcome) throw new IllegalStateException("ended twice: " + before + ", then " + how);
        if (before instanceof Asked) ((Asked) before).complete(how);
    }

    @Override
    public String toString() {
        Outcome ended = outcomeNow();
        return "delivery of " + message + ": " + (ended != null ? ended.toString() : stage().toString());
    }
}
