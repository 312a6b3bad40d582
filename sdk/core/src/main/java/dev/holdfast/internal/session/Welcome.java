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

    /** The silence after which the server's own heartbeat is overdue; 0 if the server has none. */
    public final long serverHeartbeatNanos;

    /** The time without a write after which the client owes {@link #clientBeat}. */
    final long clientHeartbeatNanos;

    /** The packet that keeps the connection alive for the server; null if it expects none. */
    final @Nullable Packet clientBeat;

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
        this(sid, key, resumed, reason, last, handled, maxUnacked, maxBytes, batch, maxMessage, 0, 0, null);
    }

    private Welcome(
            String sid,
            String key,
            boolean resumed,
            @Nullable String reason,
            @Nullable String last,
            long handled,
            int maxUnacked,
            long maxBytes,
            int batch,
            long maxMessage,
            long serverHeartbeatNanos,
            long clientHeartbeatNanos,
            @Nullable Packet clientBeat) {
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
        this.serverHeartbeatNanos = serverHeartbeatNanos;
        this.clientHeartbeatNanos = clientHeartbeatNanos;
        this.clientBeat = clientBeat;
    }

    /**
     * Returns the welcome of a server that neither numbers nor acknowledges messages.
     *
     * @param key the secret for the next resumption, empty if the server resumes nothing
     * @param reason the reason why the session was not resumed; null if it was
     */
    public static Welcome unnumbered(
            String sid,
            String key,
            boolean resumed,
            @Nullable String reason,
            long maxMessage,
            long serverHeartbeatNanos) {
        return new Welcome(
                sid,
                key,
                resumed,
                reason,
                null,
                0,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                0,
                maxMessage,
                serverHeartbeatNanos,
                0,
                null);
    }

    /**
     * Returns a welcome of a server that expects a heartbeat of the client.
     *
     * @param intervalNanos the client sends {@code beat} if it has written nothing else of the protocol for so long; more than 0
     * @param beat a text without attachments
     */
    public Welcome withClientHeartbeat(long intervalNanos, Packet beat) {
        if (intervalNanos <= 0) throw new IllegalArgumentException("interval of " + intervalNanos + " ns");
        return new Welcome(
                sid,
                key,
                resumed,
                reason,
                last,
                handled,
                maxUnacked,
                maxBytes,
                batch,
                maxMessage,
                serverHeartbeatNanos,
                intervalNanos,
                beat);
    }
}
