package dev.holdfast.protocol;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The heartbeats and limits that a server announces when it opens a session. Immutable. Experimental: it may change in any release. */
@CheckReturnValue
public final class Opened {
    private static final Opened PLAIN = new Opened(null, null, null, Long.MAX_VALUE);

    private final @Nullable Duration serverHeartbeat;
    private final @Nullable Duration clientHeartbeat;
    private final @Nullable Outgoing beat;
    private final long maxMessageBytes;

    private Opened(
            @Nullable Duration serverHeartbeat,
            @Nullable Duration clientHeartbeat,
            @Nullable Outgoing beat,
            long maxMessageBytes) {
        this.serverHeartbeat = serverHeartbeat;
        this.clientHeartbeat = clientHeartbeat;
        this.beat = beat;
        this.maxMessageBytes = maxMessageBytes;
    }

    /** {@return an opening without announcements: the client's own pings find a dead connection} */
    public static Opened plain() {
        return PLAIN;
    }

    /**
     * {@return an opening by a server that sends heartbeats} They take the place of the client's pings.
     *
     * @param silence the connection is dead if nothing has come for so long; more than 0
     * @throws IllegalArgumentException if it is not
     */
    public Opened withServerHeartbeat(Duration silence) {
        return new Opened(Outgoing.positive("silence", silence), clientHeartbeat, beat, maxMessageBytes);
    }

    /**
     * {@return an opening by a server that expects heartbeats}
     *
     * @param interval the client sends one if it has written nothing else for so long; more than 0. Give less than the server expects,
     *     such as three quarters: the heartbeat needs time to arrive
     * @param message the heartbeat, a single WebSocket message
     * @throws IllegalArgumentException if the interval is not more than 0, or if the message is not a single one or expects an
     *     acknowledgement
     */
    public Opened withClientHeartbeat(Duration interval, Outgoing message) {
        Objects.requireNonNull(message, "message").requireControl("a heartbeat");
        return new Opened(serverHeartbeat, Outgoing.positive("interval", interval), message, maxMessageBytes);
    }

    /**
     * {@return an opening by a server that takes no larger messages} A larger one ends as {@code REJECTED}.
     *
     * @param bytes the maximum bytes of a message, its attachments included; more than 0
     * @throws IllegalArgumentException if it is not
     */
    public Opened withMaxMessageBytes(long bytes) {
        if (bytes <= 0) throw new IllegalArgumentException("bytes must be positive, but was " + bytes);
        return new Opened(serverHeartbeat, clientHeartbeat, beat, bytes);
    }

    /** {@return the silence that means a dead connection; null if the server sends no heartbeats} */
    public @Nullable Duration serverHeartbeat() {
        return serverHeartbeat;
    }

    /** {@return the time after which the client owes the server a heartbeat; null if it expects none} */
    public @Nullable Duration clientHeartbeat() {
        return clientHeartbeat;
    }

    /** {@return the client's heartbeat; null if the server expects none} */
    public @Nullable Outgoing clientHeartbeatMessage() {
        return beat;
    }

    /** {@return the maximum bytes of a message; {@link Long#MAX_VALUE} for no limit} */
    public long maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Opened)) return false;
        Opened that = (Opened) other;
        return Objects.equals(serverHeartbeat, that.serverHeartbeat)
                && Objects.equals(clientHeartbeat, that.clientHeartbeat)
                && Objects.equals(beat, that.beat)
                && maxMessageBytes == that.maxMessageBytes;
    }

    @Override
    public int hashCode() {
        return Objects.hash(serverHeartbeat, clientHeartbeat, beat, maxMessageBytes);
    }

    @Override
    public String toString() {
        return "Opened(server heartbeat " + serverHeartbeat + ", client heartbeat " + clientHeartbeat + " " + beat
                + (maxMessageBytes == Long.MAX_VALUE ? ")" : ", at most " + maxMessageBytes + " bytes)");
    }
}
