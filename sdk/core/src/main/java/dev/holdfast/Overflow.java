package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A setting of the {@link OutboundQueue}: what happens when a message is sent and the queue has no room for it. It is a {@link
 * Policy}, and for {@link #block} a maximum wait as well. Immutable.
 */
@CheckReturnValue
public final class Overflow {
    /**
     * The names of the policies, for {@link Outcome#droppedBy}. An {@link Overflow} is a policy with its settings. More
     * constants may be added: keep a default branch.
     */
    public enum Policy {
        /** The queue does not take the new message. */
        REJECT,
        /** The messages that have waited longest are dropped. */
        DROP_OLDEST,
        /** The message that was sent last is dropped: the new one, if nothing of a lower priority waits. */
        DROP_NEWEST,
        /** {@code send} waits for room. */
        BLOCK
    }

    private static final Overflow REJECT = new Overflow(Policy.REJECT, null);
    private static final Overflow DROP_OLDEST = new Overflow(Policy.DROP_OLDEST, null);
    private static final Overflow DROP_NEWEST = new Overflow(Policy.DROP_NEWEST, null);

    private final Policy policy;
    private final @Nullable Duration maxWait;

    private Overflow(Policy policy, @Nullable Duration maxWait) {
        this.policy = policy;
        this.maxWait = maxWait;
    }

    /**
     * {@return the policy that does not take the new message: its delivery has ended as {@link Outcome.Kind#DROPPED}
     * when {@code send} returns}
     */
    public static Overflow reject() {
        return REJECT;
    }

    /**
     * {@return the policy that drops the oldest waiting messages of the lowest priority, as many as needed, but none of
     * a higher priority than the new message} If that does not make enough room, nothing is dropped and the queue does
     * not take the new message.
     */
    public static Overflow dropOldest() {
        return DROP_OLDEST;
    }

    /**
     * {@return the policy that drops the newest messages of the lowest priority, as many as needed} The new message
     * counts as one of them: if too little of a lower priority waits, the queue does not take the new message.
     */
    public static Overflow dropNewest() {
        return DROP_NEWEST;
    }

    /**
     * {@return the policy under which {@code send} waits for room, at most {@code maxWait}; after that the queue does
     * not take the message} Waiting threads are let in by priority, then in the order in which they came. A thread that
     * is interrupted stops waiting and keeps its interrupted status, and the queue does not take its message.
     *
     * <p>Under this policy {@code send} throws {@link IllegalStateException}, even if there is room, on a thread that must not
     * wait:
     *
     * <ul>
     *   <li>in a callback of the client, or of its event listeners except {@link HoldfastEventListener#onFrame}, which must not
     *       call {@code send} either;
     *   <li>on the thread on which callbacks last ran, if the application has set the callback executor;
     *   <li>on the main thread of an Android application.
     * </ul>
     *
     * @param maxWait the longest time that {@code send} blocks, positive
     * @throws IllegalArgumentException if {@code maxWait} is not positive
     */
    public static Overflow block(Duration maxWait) {
        return new Overflow(Policy.BLOCK, Checks.positive("maxWait", maxWait));
    }

    /** {@return the kind of this policy} */
    public Policy policy() {
        return policy;
    }

    /** {@return how long {@code send} waits for room at most; null unless the policy is {@link Policy#BLOCK}} */
    public @Nullable Duration maxWait() {
        return maxWait;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Overflow)) return false;
        Overflow that = (Overflow) other;
        return policy == that.policy && Objects.equals(maxWait, that.maxWait);
    }

    @Override
    public int hashCode() {
        return Objects.hash(policy, maxWait);
    }

    @Override
    public String toString() {
        return maxWait == null ? "Overflow(" + policy + ")" : "Overflow(" + policy + ", maxWait=" + maxWait + ")";
    }
}
