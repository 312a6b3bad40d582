package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * The heartbeat that a protocol owes its server: a packet of its own when the client has written nothing else for an interval.
 * Pings of the WebSocket connection do not count, because the protocol does not see them.
 *
 * <p>Not thread-safe.
 */
final class ClientHeartbeat {
    private long intervalNanos;
    private @Nullable Packet beat;
    private long due = SessionMachine.NEVER;

    /** Starts on a connection, or does nothing if the welcome announces no such heartbeat. */
    void start(Welcome welcome, long now) {
        intervalNanos = welcome.clientHeartbeatNanos;
        beat = welcome.clientBeat;
        due = beat == null ? SessionMachine.NEVER : now + intervalNanos;
    }

    void stop() {
        beat = null;
        due = SessionMachine.NEVER;
    }

    /** Records that the connection has written something. */
    void written(long now) {
        if (beat != null) due = now + intervalNanos;
    }

    /** Returns when {@link #take} is due. */
    long due() {
        return due;
    }

    /** Returns the packet to send if it is due. The next one is not due before this one was written. */
    @Nullable
    Packet take(long now) {
        if (now < due) return null;
        due = SessionMachine.NEVER;
        return beat;
    }
}
