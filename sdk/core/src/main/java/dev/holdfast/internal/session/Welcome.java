package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** The server's answer to {@code open}, {@code docs/protocol.md} section 3. */
public final class Welcome {
    public final String sid;
    /** The secret for the next resumption. Never for a log. */
    public final String key;

    public final boolean resumed;
    /** Why the session was not resumed; null where it was, or where the server does not say. */
    public final @Nullable String reason;
    /** Where the client now stands in the server's stream; null where the server does not say. */
    public final @Nullable String last;
    /** The highest seq handled without a gap. */
    public final long handled;
    /** How many messages, and payload bytes, the server lets us have unacknowledged. */
    public final int maxUnacked;

    public final long maxBytes;
    /** How many messages may share a frame; less than 2 where they may not. */
    public final int batch;

    /** The payload bytes of the largest message that the server takes; {@link Long#MAX_VALUE} if it does not say. */
    public final long maxMessage;

    public Welcome(
            String sid,
            String key,
            boolean resumed,
            @Nullable String reason,
            @Nullable String last,
            long handled,
            int maxUnacked,
            long maxBytes,
            int batch,
            long maxMessage) {
        this.sid = sid;
        this.key = key;
        this.resumed = resumed;
        this.reason = reason;
        this.last = last;
        this.handled = handled;
        this.maxUnacked = maxUnacked;
        this.maxBytes = maxBytes;
        this.batch = batch;
        this.maxMessage = maxMessage;
    }
}
