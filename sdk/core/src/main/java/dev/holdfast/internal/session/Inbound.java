package dev.holdfast.internal.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A received application message, with its place in the stream. It is itself the event that brings it to the machine and the
 * effect that hands it on, since there is one of each for every message. Safe from any thread once it is handed on.
 */
public final class Inbound implements SessionEvent, Effect {
    /** Set by the machine, before the message is handed on. */
    private @Nullable String session;

    private final @Nullable String id;
    private final Payload payload;
    private final long cost;
    /** Null unless it is of a subscription with a store name. */
    private final @Nullable CursorMark mark;

    /** Set by the code that hands the message to the application, if it matters ({@link SessionSettings#tracksHandled}). */
    private volatile boolean handled;

    /** Creates a message that has not been handled. */
    public Inbound(@Nullable String id, Payload payload, long cost) {
        this(id, payload, cost, null);
    }

    Inbound(@Nullable String id, Payload payload, long cost, @Nullable CursorMark mark) {
        this.id = id;
        this.payload = payload;
        this.cost = cost;
        this.mark = mark;
    }

    @Override
    public List<Effect> apply(SessionMachine machine, long connection, long now) {
        return machine.onMessage(connection, this, now);
    }

    @Override
    public void perform(Effects driver) {
        driver.deliver(this);
    }

    /** Records the session that it belongs to; null for none. */
    public Inbound in(@Nullable String session) {
        this.session = session;
        return this;
    }

    /** Returns the id of the session that it belongs to, null if the session has none. */
    public @Nullable String session() {
        return session;
    }

    /** Returns the id that the server gave it, null if the session has no ids. */
    public @Nullable String id() {
        return id;
    }

    public Payload payload() {
        return payload;
    }

    /** Returns the bytes that it takes of the limit for messages that wait for the application. */
    public long cost() {
        return cost;
    }

    /** Returns whether the application is to have it, which is about to get it. */
    public boolean begin() {
        return mark == null || mark.begin();
    }

    /** Returns whether the application says when it has handled it, in a session without manual acknowledgements. */
    public boolean isManual() {
        return mark != null && mark.isManual();
    }

    /**
     * Returns whether the application's acknowledgement releases its bytes. Otherwise the end of its subscription has done so. To be
     * called once.
     */
    public boolean release() {
        return mark == null || mark.release();
    }

    /** Marks that the application has handled it. {@link SessionMachine#onHandled} reads the mark. */
    public void markHandled() {
        handled = true;
        if (mark != null) mark.handled();
    }

    boolean isHandled() {
        return handled;
    }
}
