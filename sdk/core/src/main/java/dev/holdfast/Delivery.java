package dev.holdfast;

import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The receipt of one sent message: how far the message has come, and how it ended. It ends exactly once. Safe from any thread.
 */
public final class Delivery {
    /**
     * The stages of a sent message: queued, written to a socket, ended. No stage says that the server has acknowledged it: an
     * acknowledgement ends the message with the outcome {@link Outcome.Kind#ACKNOWLEDGED}. More constants may be added: keep a
     * default branch.
     */
    public enum Stage {
        /** The message waits in the queue, or a connection has it and has not written it yet. */
        QUEUED,
        /** A socket has taken the message at least once. */
        WRITTEN,
        /** The message has its {@link Delivery#outcome}: acknowledged, dropped, expired or another. */
        ENDED
    }

    /** The services that a delivery needs from its client. Safe from any thread. */
    interface Owner {
        /** Takes the message out of the queue and ends it. Returns false if it no longer waits there. */
        boolean recall(Outbound message);

        /** Marks a message that was handed over so that it is not sent again. Returns whether it did. */
        boolean giveUp(Outbound message);

        /** Returns whether the client has a store. */
        default boolean hasStore() {
            return false;
        }

        /** Returns whether a future of this client would wait for the current thread. */
        boolean mustNotWait();

        /** Returns what reads messages as objects. */
        Payloads payloads();
    }

    private static final AtomicReferenceFieldUpdater<Delivery, @Nullable Object> END =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Object.class, "end");
    private static final AtomicReferenceFieldUpdater<Delivery, @Nullable Object> WRITTEN =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Object.class, "written");
    private static final AtomicReferenceFieldUpdater<Delivery, @Nullable Object> STORED =
            AtomicReferenceFieldUpdater.newUpdater(Delivery.class, Object.class, "stored");

    private final Outbound outbound;
    private final Owner owner;

    /** The outcome; before that, the future of it, or null if no caller has asked for it. */
    private volatile @Nullable Object end;

    /** The Boolean result of {@link #written}; before that, the future of it, or null. */
    private volatile @Nullable Object written;

    /** The Boolean result of {@link #stored}; before that, the future of it, or null. */
    @SuppressWarnings("UnusedVariable") // STORED reads it.
    private volatile @Nullable Object stored;

    /** Creates the receipt of a message that is about to be sent. */
    Delivery(Payload payload, long bytes, SendOptions options, Owner owner) {
        this.outbound = new Outbound(payload, bytes, this, options);
        this.owner = owner;
    }

    /** {@return the message that was sent} */
    public Message message() {
        return new Message(null, Payloads.sent(outbound.payload()), owner.payloads());
    }

    /** {@return how far the message has come} */
    public Stage stage() {
        if (outcomeNow() != null) return Stage.ENDED;
        return Boolean.TRUE.equals(written) ? Stage.WRITTEN : Stage.QUEUED;
    }

    /** {@return how the message ended; null if it has not ended} */
    public @Nullable Outcome outcomeNow() {
        Object known = end;
        return known instanceof Outcome ? (Outcome) known : null;
    }

    /**
     * {@return a future of the outcome} It is the caller's own, completes on the client's callback executor, and never
     * exceptionally. It is already complete if the message has ended; a message that the queue did not take has ended
     * when {@code send} returns.
     *
     * <p>Do not wait for it in a callback of the client, nor in any other task on a thread that runs callbacks, such as the
     * main thread of a user interface: the callback that completes it could not run, and the wait would never end. While the
     * future is not complete, {@code get} and {@code join} throw {@link IllegalStateException} if the SDK detects that:
     *
     * <ul>
     *   <li>in every callback;
     *   <li>on the main thread of Android, JavaFX or Swing, if the last callback ran on it. Before the first callback, the SDK
     *       cannot detect it.
     * </ul>
     *
     * <p>In other tasks of an executor that runs one task at a time, the SDK cannot detect it. Futures derived from this one
     * behave in the same way on Java 9 and later. On Java 8, {@code outcome().thenApply(…).join()} is not detected.
     */
    public CompletableFuture<Outcome> outcome() {
        return ask(END, Outcome.class);
    }

    /**
     * Returns a future that completes with true when a socket has taken the message. It completes with false if the message
     * ended and no socket is known to have taken it.
     *
     * @return a future of the caller's own. It completes on the client's callback executor before {@link #outcome}, and never
     *     exceptionally. Do not wait for it where {@link #outcome} must not be waited for
     */
    public CompletableFuture<Boolean> written() {
        return ask(WRITTEN, Boolean.class);
    }

    /**
     * Returns a future that completes with true when the client's {@link SessionStore} has the message: from then on the message
     * survives the process. It completes with false if the message ended before, or if the client has no store.
     *
     * @return a future of the caller's own. It completes on the client's callback executor before {@link #outcome}, and never
     *     exceptionally. Do not wait for it where {@link #outcome} must not be waited for
     */
    public CompletableFuture<Boolean> stored() {
        return owner.hasStore() ? ask(STORED, Boolean.class) : CompletableFuture.completedFuture(false);
    }

    /**
     * Takes the message back if it still waits in the queue; it then ends as {@link Outcome.Kind#CANCELLED}, or as {@link
     * Outcome.Kind#UNKNOWN} if an earlier process may have sent it. A message that a connection has cannot be taken back, even if
     * it has not been written yet.
     *
     * @return whether it was taken back
     */
    public boolean cancel() {
        return outcomeNow() == null && owner.recall(outbound);
    }

    /**
     * Gives up a message that was handed to a connection of a resumable session: it is not sent again. Use it to get past a
     * message that the server cannot take and that ends each connection, see {@link ConnectionFailure#suspect}.
     *
     * <p>It takes effect on the next connection. If the server has dealt with the message by then, it ends as it would have.
     * Otherwise it ends as {@link Outcome.Kind#UNKNOWN}, or as {@link Outcome.Kind#REJECTED} with {@link
     * Outcome.Reason#TOO_LARGE} if the server closed a connection because of its size, and the messages behind it go on. Until
     * then nothing changes.
     *
     * @return whether the message will not be sent again; false if it has ended, waits in the queue (use {@link #cancel}), or
     *     belongs to a session without acknowledgements, where nothing is sent again
     */
    public boolean giveUp() {
        return outcomeNow() == null && owner.giveUp(outbound);
    }

    /** A future that only the client completes, because no caller ever gets it. */
    private static final class Asked<T> extends CompletableFuture<T> {}

    private <T> CompletableFuture<T> ask(AtomicReferenceFieldUpdater<Delivery, @Nullable Object> field, Class<T> type) {
        while (true) {
            Object known = field.get(this);
            if (type.isInstance(known)) return CompletableFuture.completedFuture(type.cast(known));
            if (known != null) {
                @SuppressWarnings("unchecked") // A field holds nulls, values of its type and futures of them.
                Asked<T> asked = (Asked<T>) known;
                return copy(asked);
            }
            Asked<T> asked = new Asked<>();
            if (field.compareAndSet(this, null, asked)) return copy(asked);
        }
    }

    private <T> CompletableFuture<T> copy(Asked<T> asked) {
        CallbackFuture<T> copy = new CallbackFuture<>(owner::mustNotWait);
        // Never completes exceptionally, so nothing is lost with the future that this returns.
        CompletableFuture<Void> unused = asked.thenAccept(copy::complete);
        return copy;
    }

    Outbound outbound() {
        return outbound;
    }

    /**
     * Marks that a socket has taken the message.
     *
     * @return a task for the callback executor that completes the futures of {@link #written}; null if there are none
     */
    @Nullable
    Runnable markWritten() {
        return settle(WRITTEN, true);
    }

    /** Marks that the store has the message. Returns as {@link #markWritten} does. */
    @Nullable
    Runnable markStored() {
        return settle(STORED, true);
    }

    /**
     * Ends the delivery. Unless it succeeded or was already marked as written, it counts as not written. Returns as
     * {@link #markWritten} does.
     */
    @Nullable
    Runnable end(Outcome how) {
        Runnable writtenFirst = settle(WRITTEN, how.isSuccess());
        Runnable storedFirst = settle(STORED, how.kind() == Outcome.Kind.STORED);
        Object before = END.getAndSet(this, how);
        if (before instanceof Outcome) throw new IllegalStateException("ended twice: " + before + ", then " + how);
        if (before == null && storedFirst == null) return writtenFirst;
        @SuppressWarnings("unchecked") // As above.
        @Nullable
        Asked<Outcome> asked = (Asked<Outcome>) before;
        return () -> {
            if (storedFirst != null) storedFirst.run();
            if (writtenFirst != null) writtenFirst.run();
            if (asked != null) asked.complete(how);
        };
    }

    private @Nullable Runnable settle(AtomicReferenceFieldUpdater<Delivery, @Nullable Object> field, boolean how) {
        Object before;
        do {
            before = field.get(this);
            if (before instanceof Boolean) return null;
        } while (!field.compareAndSet(this, before, how));
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
