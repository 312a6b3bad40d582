package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** An application message on its way in, with its place in the stream. Safe from any thread. */
public final class Inbound {
    private final long epoch;
    private final @Nullable String id;
    private final Payload payload;
    private final long cost;

    /** Set by whoever the application tells. */
    private volatile boolean handled;

    /** A message that is not handled. */
    public Inbound(long epoch, @Nullable String id, Payload payload, long cost) {
        this.epoch = epoch;
        this.id = id;
        this.payload = payload;
        this.cost = cost;
    }

    /** Which of the client's sessions, counted from 1, it belongs to. */
    public long epoch() {
        return epoch;
    }

    /** The server's name for it; null where the session has none. */
    public @Nullable String id() {
        return id;
    }

    public Payload payload() {
        return payload;
    }

    /** What it weighs against the bound of what waits for the application. */
    public long cost() {
        return cost;
    }

    /** The application is done with it. {@link SessionMachine#onHandled} looks at it. */
    public void markHandled() {
        handled = true;
    }

    boolean isHandled() {
        return handled;
    }
}
