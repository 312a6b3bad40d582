package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** A received application message, with its place in the stream. Safe from any thread. */
public final class Inbound {
    private final long epoch;
    private final @Nullable String id;
    private final Payload payload;
    private final long cost;

    /** Set by the code that hands the message to the application. */
    private volatile boolean handled;

    /** Creates a message that has not been handled. */
    public Inbound(long epoch, @Nullable String id, Payload payload, long cost) {
        this.epoch = epoch;
        this.id = id;
        this.payload = payload;
        this.cost = cost;
    }

    /** Returns the number of the client's session that it belongs to, counted from 1. */
    public long epoch() {
        return epoch;
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

    /** Marks that the application has handled it. {@link SessionMachine#onHandled} reads the mark. */
    public void markHandled() {
        handled = true;
    }

    boolean isHandled() {
        return handled;
    }
}
