package dev.holdfast.internal.session;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A message or a gap of a subscription whose cursor is stored, and how far the application is with it. Safe from any thread: the
 * callbacks move it forward, and the machine reads it or cancels it.
 */
public final class CursorMark {
    private static final int WAITS = 0;
    private static final int BEGUN = 1;
    private static final int HANDLED = 2;
    private static final int CANCELLED = 3;

    private final Subscription subscription;
    /** Null for a message that does not move the cursor, and for a gap. */
    final @Nullable String cursor;
    /** Whether it is the report of a gap, with which the cursor goes. */
    final boolean isGap;

    private final boolean manual;
    /** Bytes of the message, if the application says when it has handled it. */
    final long cost;

    private final AtomicInteger state = new AtomicInteger(WAITS);
    /** Whether the bytes of a message that the application acknowledges no longer count. */
    private final AtomicBoolean released = new AtomicBoolean();

    CursorMark(Subscription subscription, @Nullable String cursor, boolean isGap, boolean manual, long cost) {
        this.subscription = subscription;
        this.cursor = cursor;
        this.isGap = isGap;
        this.manual = manual;
        this.cost = cost;
    }

    /**
     * Returns the mark of a message that the protocol's own code gives to the application, see {@link ProtocolInput#give}.
     *
     * @param cursor its position; one that is too long moves nothing
     */
    public static CursorMark of(Subscription subscription, String cursor) {
        return new CursorMark(subscription, StoredCursors.fitting(cursor), false, false, 0);
    }

    Subscription subscription() {
        return subscription;
    }

    /** Returns whether the application says when it has handled the message. */
    boolean isManual() {
        return manual;
    }

    /** Returns whether the application is to have it. Otherwise it comes again to the next subscription of its name. */
    public boolean begin() {
        return !subscription.isOver() && state.compareAndSet(WAITS, BEGUN);
    }

    public void handled() {
        state.compareAndSet(BEGUN, HANDLED);
    }

    /** Returns whether the application has it and has not said that it has handled it. */
    boolean isUnacknowledged() {
        return manual && state.get() == BEGUN;
    }

    /** Returns whether its bytes are to be released, which happens once. */
    boolean release() {
        return released.compareAndSet(false, true);
    }

    boolean isHandled() {
        return state.get() == HANDLED;
    }

    /** Keeps it from the application. Returns false if the application has it already. */
    boolean cancel() {
        return state.compareAndSet(WAITS, CANCELLED);
    }
}
