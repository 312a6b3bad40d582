package dev.holdfast.internal.settings;

import dev.holdfast.Heartbeat;
import dev.holdfast.internal.time.Durations;

/** A {@link Heartbeat} in nanoseconds. Immutable. */
public final class HeartbeatTimes {
    private final long intervalNanos;
    private final long deadlineNanos;
    private final long floorNanos;
    private final boolean serverPings;

    public HeartbeatTimes(Heartbeat heartbeat) {
        this.intervalNanos = Nanos.orElse(Long.MAX_VALUE, heartbeat.interval());
        this.deadlineNanos = Durations.nanos(heartbeat.deadline());
        this.floorNanos = Nanos.orElse(0, heartbeat.minDeadline());
        this.serverPings = heartbeat.isServerPings();
    }

    /** Returns the silence before a ping, or of a server that should ping; {@link Long#MAX_VALUE} for no heartbeat. */
    public long intervalNanos() {
        return intervalNanos;
    }

    /** Returns the longest deadline for the answer to a ping. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Returns the shortest deadline of an adaptive one; 0 if the deadline is fixed. */
    public long floorNanos() {
        return floorNanos;
    }

    /** Returns whether the client relies on the server's pings. */
    public boolean serverPings() {
        return serverPings;
    }
}
