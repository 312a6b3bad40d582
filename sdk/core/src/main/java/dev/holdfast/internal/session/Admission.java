package dev.holdfast.internal.session;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a message that was offered to a {@link WaitingQueue}, and of those that waited there. */
public final class Admission {
    /** It waits, and nothing gave way. */
    static final Admission TAKEN = new Admission(true, null, Collections.emptyList());

    /** There was no room, and nothing has changed. */
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

    /** The older message of its key that it replaced, if there was one. */
    public @Nullable Outbound conflated() {
        return conflated;
    }

    /** Those that gave way. */
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
