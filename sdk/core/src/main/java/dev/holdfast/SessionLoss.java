package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A report that the server no longer has the session, with the messages whose outcome is therefore unknown. A new session
 * begins. Messages that the server sent before it may be missing, so an application should load its state from the server
 * again. {@link HoldfastListener#onSessionLost} receives it. Immutable.
 */
public final class SessionLoss {
    private final String reason;
    private final List<Delivery> unknown;
    private final List<Delivery> inDoubt;
    private final long inDoubtCount;

    SessionLoss(String reason, List<Delivery> unknown, List<Delivery> inDoubt, long inDoubtCount) {
        this.reason = reason;
        this.unknown = unknown;
        this.inDoubt = inDoubt;
        this.inDoubtCount = inDoubtCount;
    }

    /**
     * {@return the reason that the server gives: {@code unknown}, {@code expired}, {@code epoch}, {@code trimmed}
     * ({@code docs/protocol.md}, section 3), or another} It is {@code rolled-back} if the server resumed the session
     * and no longer knows messages that it had acknowledged or rejected before, as after a restore from a backup; see
     * {@link #inDoubt}. With {@link Session#resumeFrom} it is {@code stale}: the server refused the id of the last message, see
     * {@link ResumeFrom#withStaleCodes}.
     */
    public String reason() {
        return reason;
    }

    /**
     * {@return the messages that may or may not have been handled, oldest first; unmodifiable} Each has ended with
     * {@link Outcome.Kind#UNKNOWN}. What still waited in the queue is not among them and goes out on the new session.
     */
    public List<Delivery> unknown() {
        return unknown;
    }

    /**
     * {@return messages that ended with {@link Outcome.Kind#ACKNOWLEDGED} and that the server has forgotten, oldest
     * first; unmodifiable, and empty unless the reason is {@code rolled-back}} The client remembers the newest 256
     * messages and 256 KiB of their payload, and none that another process sent; {@link #inDoubtCount} counts all.
     */
    public List<Delivery> inDoubt() {
        return inDoubt;
    }

    /**
     * {@return how many messages the server had dealt with and has forgotten; 0 unless the reason is {@code
     * rolled-back}} Rejected messages and session start messages count as well, although {@link #inDoubt} does not list
     * them.
     */
    public long inDoubtCount() {
        return inDoubtCount;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof SessionLoss)) return false;
        SessionLoss that = (SessionLoss) other;
        return reason.equals(that.reason)
                && unknown.equals(that.unknown)
                && inDoubt.equals(that.inDoubt)
                && inDoubtCount == that.inDoubtCount;
    }

    @Override
    public int hashCode() {
        return Objects.hash(reason, unknown, inDoubt, inDoubtCount);
    }

    @Override
    public String toString() {
        String text =
                "session lost (" + Printable.value(reason) + "), " + unknown.size() + " messages of unknown outcome";
        return inDoubtCount == 0 ? text : text + ", " + inDoubtCount + " that the server had dealt with in doubt";
    }
}
