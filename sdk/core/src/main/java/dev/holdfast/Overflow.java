package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/** What gives way when a message is sent to a queue that has no room for it. Immutable. */
public final class Overflow {
    /** The policies. */
    public enum Policy {
        /** The new message is not taken. */
        REJECT,
        /** Messages that have waited longest give way. */
        DROP_OLDEST,
        /** The message that was sent last gives way, the new one first of all. */
        DROP_NEWEST,
        /** {@code send} waits for room. */
        BLOCK
    }

    private static final Overflow REJECT = new Overflow(Policy.REJECT, 0);
    private static final Overflow DROP_OLDEST = new Overflow(Policy.DROP_OLDEST, 0);
    private static final Overflow DROP_NEWEST = new Overflow(Policy.DROP_NEWEST, 0);

    private final Policy policy;
    private final long blockNanos;

    private Overflow(Policy policy, long blockNanos) {
        this.policy = policy;
        this.blockNanos = blockNanos;
    }

    /** The new message is not taken: its delivery has ended as {@link Outcome.Kind#DROPPED} when {@code send} returns. */
    public static Overflow reject() {
        return REJECT;
    }

    /**
     * The oldest waiting messages of the lowest priority give way, as many as it takes, but none of a priority above the
     * new message's. Where that does not make room enough nothing gives way and the new message is not taken.
     */
    public static Overflow dropOldest() {
        return DROP_OLDEST;
    }

    /**
     * The newest messages of the lowest priority give way, as many as it takes, the new one counted among them: where
     * nothing of a lower priority waits, or not enough of it, the new message is not taken.
     */
    public static Overflow dropNewest() {
        return DROP_NEWEST;
    }

    /**
     * {@code send} waits for room, for at most {@code limit}; then the new message is not taken. Those that wait are let in
     * by priority and then in the order they came. A thread that is interrupted while it waits stops waiting, keeps its
     * interrupted status, and its message is not taken.
     *
     * <p>Never for a thread that callbacks run on, nor for the main thread of an Android application: there {@code send}
     * throws {@link IllegalStateException}, whether there is room or not.
     */
    public static Overflow block(Duration limit) {
        return new Overflow(Policy.BLOCK, Durations.positiveNanos("limit", limit));
    }

    /** Which it is. */
    public Policy policy() {
        return policy;
    }

    /** How long {@code send} waits for room at most, in nanoseconds; 0 where it does not wait. */
    public long blockNanos() {
        return blockNanos;
    }
}
