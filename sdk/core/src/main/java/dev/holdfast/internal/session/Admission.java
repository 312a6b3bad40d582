package dev.holdfast.internal.session;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of offering a message to a {@link WaitingQueue}, with the messages that it displaced. */
public final class Admission {
    /** The message waits, and displaced no other. */
    static final Admission TAKEN = new Admission(true, null, Collections.emptyList());

    /** There was no room; nothing has changed. */
    static final Admission FULL = new Admission(false, null, Collections.emptyList());

    private final boolean taken;
    private final @Nullable Outbound conflated;
    private final List<Outbound> dropped;

    Admission(boolean taken, @Nullable Outbound conflated, List<Outbound> dropped) {
        this.taken = taken;
        this.conflated = conflated;
        this.dropped = dropped;
    }

    public boolean isTaken() {
        return taken;
    }

    /** Returns the older message of the same conflation key that was replaced, null if there was none. */
    public @Nullable Outbound conflated() {
        return conflated;
    }

    /** Returns the messages that were dropped to make room. */
    public List<Outbound> dropped() {
        return dropped;
    }

    /** Returns the payload bytes of the messages that made room. */
    public long displacedBytes() {
        long sum = conflated == null ? 0 : conflated.bytes();
        for (Outbound message : dropped) sum += message.bytes();
        return sum;
    }
}
