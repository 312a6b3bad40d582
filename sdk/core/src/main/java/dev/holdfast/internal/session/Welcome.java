package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/** The server's answer to {@code open}, {@code docs/protocol.md} section 3. */
public final class Welcome {
    public final String sid;
    /** The secret for the next resumption. Never log it. */
    public final String key;

    public final boolean resumed;
    /** The reason why the session was not resumed; null if it was, or if the server gives none. */
    public final @Nullable String reason;
    /** The client's position in the server's stream; null if the server does not say. */
    public final @Nullable String last;
    /** The highest seq handled without a gap. */
    public final long handled;
    /** The maximum number of unacknowledged messages; {@link #maxBytes} limits their payload bytes. */
    public final int maxUnacked;

    public final long maxBytes;
    /** The maximum number of messages in a frame; below 2, each message has a frame of its own. */
    public final int batch;

    /** The maximum payload bytes of a message; {@link Long#MAX_VALUE} if the server names no limit. */
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
