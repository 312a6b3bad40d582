package dev.holdfast.internal.session;

import java.util.List;
import java.util.Map;

/** The state of a session that must outlive a process. Immutable, but the messages are the machine's. */
public final class Snapshot {
    public final String sid;
    /** The secret for the next resumption. Never log it. */
    public final String key;
    /** The entry up to which the application has handled the server's stream. */
    public final String position;
    /** Whether {@link #position} is a message that the application has handled, and not the start of the session. */
    public final boolean handled;

    public final long nextSeq;
    /** The messages without an outcome, in the order of their seqs. */
    public final List<Outbound> unacknowledged;
    /** The session start messages that were sent in the session, by name. */
    public final Map<String, Payload> startMessages;

    public Snapshot(
            String sid,
            String key,
            String position,
            boolean handled,
            long nextSeq,
            List<Outbound> unacknowledged,
            Map<String, Payload> startMessages) {
        this.sid = sid;
        this.key = key;
        this.position = position;
        this.handled = handled;
        this.nextSeq = nextSeq;
        this.unacknowledged = unacknowledged;
        this.startMessages = startMessages;
    }
}
