package dev.holdfast;

import java.time.Duration;

/**
 * How a dead connection is found out: when nothing has come in for the interval a ping goes out (RFC 6455 section
 * 5.5.2), and when nothing comes in for the deadline after it was written the connection is dead. Any byte that comes in
 * proves life, a pong or not. Immutable.
 */
public final class Heartbeat {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

    private final long intervalNanos;
    private final long deadlineNanos;

    private Heartbeat(long intervalNanos, long deadlineNanos) {
        this.intervalNanos = intervalNanos;
        this.deadlineNanos = deadlineNanos;
    }

    /** A ping after {@code interval} of silence, with a deadline of 10 seconds. */
    public static Heartbeat every(Duration interval) {
        return new Heartbeat(Durations.positiveNanos("interval", interval), DEFAULT_DEADLINE.toNanos());
    }

    /** How long after a ping silence means death. */
    public Heartbeat deadline(Duration deadline) {
        return new Heartbeat(intervalNanos, Durations.positiveNanos("deadline", deadline));
    }

    /** The silence before a ping, in nanoseconds. */
    public long intervalNanos() {
        return intervalNanos;
    }

    /** The silence after a ping that means death, in nanoseconds. */
    public long deadlineNanos() {
        return deadlineNanos;
    }
}
