package dev.holdfast;

import dev.holdfast.internal.time.Durations;
import java.time.Duration;

/**
 * How a dead connection is found out: when nothing has come in for the interval a ping goes out (RFC 6455 section
 * 5.5.2), and when nothing comes in for the deadline after it was written the connection is dead. Any byte that comes in
 * proves life, a pong or not.
 *
 * <p>In a resumable session, while a message waits for its acknowledgement for longer than the interval, a ping goes out
 * whatever comes in, at most one an interval. Only its own pong answers it, or the acknowledgement of all that was sent before
 * it. So a server that sends and no longer reads is
 * noticed within the interval and the deadline, and so is a path that drops only what the client sends. This does not apply
 * with {@link #serverPings} or {@link #none}, nor while the client does not read because the listener is slow.
 *
 * <p>A ping goes out up to a quarter of the interval early, never late, so that the clients of a process wake it together.
 * While nothing else happens there is one an interval, and nothing wakes between. Immutable.
 */
public final class Heartbeat {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);
    private static final Heartbeat NONE = new Heartbeat(Long.MAX_VALUE, DEFAULT_DEADLINE.toNanos(), 0, false);

    private final long intervalNanos;
    private final long deadlineNanos;
    private final long floorNanos;
    private final boolean serverPings;

    private Heartbeat(long intervalNanos, long deadlineNanos, long floorNanos, boolean serverPings) {
        this.intervalNanos = intervalNanos;
        this.deadlineNanos = deadlineNanos;
        this.floorNanos = floorNanos;
        this.serverPings = serverPings;
    }

    /** A ping after {@code interval} of silence, with a deadline of 10 seconds. */
    public static Heartbeat every(Duration interval) {
        return new Heartbeat(Durations.positiveNanos("interval", interval), DEFAULT_DEADLINE.toNanos(), 0, false);
    }

    /**
     * For servers that ping by themselves: a connection on which nothing at all has come in for {@code silence} is dead,
     * and no pings go out, which saves a phone's radio. Their interval and some slack is a good silence.
     */
    public static Heartbeat serverPings(Duration silence) {
        return new Heartbeat(Durations.positiveNanos("silence", silence), DEFAULT_DEADLINE.toNanos(), 0, true);
    }

    /** None: a dead connection is noticed when something is sent, or when the system tells of a change. */
    public static Heartbeat none() {
        return NONE;
    }

    /** How long after a ping silence means death. */
    public Heartbeat deadline(Duration deadline) {
        return new Heartbeat(intervalNanos, Durations.positiveNanos("deadline", deadline), floorNanos, serverPings);
    }

    /**
     * The deadline follows the round-trip times of the connection, as TCP's own does (RFC 6298), never under {@code floor}
     * and never over {@link #deadline}.
     */
    public Heartbeat adaptive(Duration floor) {
        return new Heartbeat(intervalNanos, deadlineNanos, Durations.positiveNanos("floor", floor), serverPings);
    }

    /** The silence before a ping, or of a server that should ping, in nanoseconds; {@link Long#MAX_VALUE} for none. */
    public long intervalNanos() {
        return intervalNanos;
    }

    /** The silence after a ping that means death, in nanoseconds. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** The shortest deadline of one that adapts, in nanoseconds; 0 for one that does not. */
    public long floorNanos() {
        return floorNanos;
    }

    /** Whether the server's own pings are relied on. */
    public boolean serverPings() {
        return serverPings;
    }
}
