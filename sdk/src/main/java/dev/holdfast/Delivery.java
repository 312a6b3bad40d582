package dev.holdfast;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;
import java.util.function.Predicate;
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

    private static final AtomicReferenceFieldUpdater<Delivery, @Nullable Object> END =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Object.class, "end");
    private static final AtomicReferenceFieldUpdater<Delivery, @Nullable Object> WRITTEN =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Object.class, "written");

    private final Outbound outbound;
    private final ObjectMapper mapper;
    private final Predicate<Outbound> recall;

    /** Null; or the future that was asked for before; or the outcome. */
    private volatile @Nullable Object end;

    /** The same for whether it was written: null, a future or a Boolean. */
    private volatile @Nullable Object written;

    /**
     * The receipt of a message that is about to be sent.
     *
     * @param mapper the message's
     * @param recall takes a message out of the queue and ends it, if it still waits there
     */
    Delivery(Payload payload, long bytes, SendOptions options, ObjectMapper mapper, Predicate<Outbound> recall) {
        this.outbound = new Outbound(payload, bytes, this, options);
        this.mapper = mapper;
        this.recall = recall;
    }

    /** The message that was sent. */
    public Message message() {
        return new Message(null, outbound.payload(), mapper);
    }

    /** How far it has come. */
    public Stage stage() {
        if (outcomeNow() != null) return Stage.ENDED;
        return Boolean.TRUE.equals(written) ? Stage.WRITTEN : Stage.QUEUED;
    }

    /** How it ended, null while it has not. */
    public @Nullable Outcome outcomeNow() {
        Object known = end;
        return known instanceof Outcome ? (Outcome) known : null;
    }

    /**
     * Completes with how it ended, on the client's callback executor, and never exceptionally. It is complete already
     * where the message has ended when this is called; one that the queue did not take has ended when {@code send}
     * returns. Each call gives a future of the caller's own.
     */
    public CompletableFuture<Outcome> outcome() {
        return ask(END, Outcome.class);
    }

    /**
     * Completes with true once a socket has taken the message, on the client's callback executor and before {@link
     * #outcome}; with false where the message ended and is not known to have come so far. Never exceptionally. Each call
     * gives a future of the caller's own.
     */
    public CompletableFuture<Boolean> written() {
        return ask(WRITTEN, Boolean.class);
    }

    /**
     * Takes the message back, if it still waits in the queue: it then has ended as {@link Outcome.Kind#CANCELLED}. What was
     * handed to a connection can't be recalled, though it may not have been written yet.
     *
     * @return whether it was taken back
     */
    public boolean cancel() {
        return outcomeNow() == null && recall.test(outbound);
    }

    /** Never given away, so that nobody but the client completes it. */
    private static final class Asked<T> extends CompletableFuture<T> {}

    private <T> CompletableFuture<T> ask(AtomicReferenceFieldUpdater<Delivery, @Nullable Object> field, Class<T> type) {
        while (true) {
            Object known = field.get(this);
            if (type.isInstance(known)) return CompletableFuture.completedFuture(type.cast(known));
            if (known != null) {
                @SuppressWarnings("unchecked") // A field holds nulls, values of its type and futures of them.
                Asked<T> asked = (Asked<T>) known;
                return asked.thenApply(Function.identity());
            }
            Asked<T> asked = new Asked<>();
            if (field.compareAndSet(this, null, asked)) return asked.thenApply(Function.identity());
        }
    }

    Outbound outbound() {
        return outbound;
    }

    /**
     * A socket has taken it.
     *
     * @return completes the futures that were asked for, on the callback executor; null where there are none
     */
    @Nullable
    Runnable markWritten() {
        return settleWritten(true);
    }

    /** It is over. Returns as {@link #markWritten} does. */
    @Nullable
    Runnable end(Outcome how) {
        Runnable writtenFirst = settleWritten(how.isSuccess() || how.kind() == Outcome.Kind.REJECTED);
        Object before = END.getAndSet(this, how);
        if (before instanceof Outcome) throw new IllegalStateException("ended twice: " + before + ", then " + how);
        if (before == null) return writtenFirst;
        @SuppressWarnings("unchecked") // As above.
        Asked<Outcome> asked = (Asked<Outcome>) before;
        return () -> {
            if (writtenFirst != null) writtenFirst.run();
            asked.complete(how);
        };
    }

    private @Nullable Runnable settleWritten(boolean how) {
        Object before;
        do {
            before = written;
            if (before instanceof Boolean) return null;
        } while (!WRITTEN.compareAndSet(this, before, how));
        if (before == null) return null;
        @SuppressWarnings("unchecked") // As above.
        Asked<Boolean> asked = (Asked<Boolean>) before;
        return () -> asked.complete(how);
    }

    @Override
    public String toString() {
        Outcome ended = outcomeNow();
        return "delivery of " + message() + ": " + (ended != null ? ended.toString() : stage().toString());
    }
}
