package dev.holdfast;

import dev.holdfast.internal.text.Printable;
import java.util.List;

/**
 * The server no longer has the session: the two streams begin anew, and what lies between is not known. An application
 * reloads its state from the server. Immutable.
 */
public final class SessionLoss {
    private final String reason;
    private final List<Delivery> unknown;

    SessionLoss(String reason, List<Delivery> unknown) {
        this.reason = reason;
        this.unknown = unknown;
    }

    /**
     * The server's word for it: {@code unknown}, {@code expired}, {@code epoch}, {@code trimmed} ({@code
     * docs/resume-protocol.md}, section 3), or another.
     */
    public String reason() {
        return reason;
    }

    /**
     * The messages that may or may not have been handled, oldest first; unmodifiable. Each has ended with {@link
     * Outcome.Kind#UNKNOWN}. What still waited in the queue is not among them and goes out on the new session.
     */
    public List<Delivery> unknown() {
        return unknown;
    }

    @Override
    public String toString() {
        return "session lost (" + Printable.value(reason) + "), " + unknown.size() + " messages of unknown outcome";
    }
}
