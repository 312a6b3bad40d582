package dev.holdfast.internal.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The report of a message whose acknowledgement is overdue, once for each message. The server answers pings, so it reads; the
 * message is late after an interval of the heartbeat.
 *
 * <p>Not thread-safe.
 */
final class OverdueAck {
    private final long limitNanos;

    /** The message that was last reported. */
    private @Nullable Outbound reported;

    OverdueAck(long limitNanos) {
        this.limitNanos = limitNanos;
    }

    /** Reports the oldest message in flight, null for none, if it is overdue. */
    void report(@Nullable Outbound oldest, long now, List<Effect> out) {
        if (oldest == null || oldest == reported || oldest.isEnded()) return;
        long since = oldest.inSocketSince();
        if (since == SessionMachine.NEVER || now - since < limitNanos) return;
        reported = oldest;
        out.add(driver -> driver.ackOverdue(oldest, now - since));
    }
}
