package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The policy that detects dead connections. If nothing is received for the interval, the client sends a ping (RFC 6455
 * section 5.5.2). If nothing is received within the deadline after the ping was written, the connection is dead. Any byte
 * received proves that it is alive, not only a pong.
 *
 * <p>In a resumable session the client also sends a ping if a message has waited longer than the interval for its
 * acknowledgement, at most one ping per interval, even while other messages are received. Only the pong for that ping, or
 * the acknowledgement of every message sent before it, answers it. This finds a server that sends but no longer reads, and a
 * path that drops only what the client sends. It does not apply to {@link #serverPings} and {@link #none}, nor while the
 * client has stopped reading because the listener is slow.
 *
 * <p>A ping may be sent up to a quarter of the interval early, never late, so that the clients of a process wake it
 * together. An idle connection costs one wake-up per interval. Immutable.
 */
@CheckReturnValue
public final class Heartbeat {
    private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);
    private static final Heartbeat NONE = new Heartbeat(null, DEFAULT_DEADLINE, null, false);

    private final @Nullable Duration interval;
    private final Duration deadline;
    private final @Nullable Duration minDeadline;
    private final boolean serverPings;

    private Heartbeat(
            @Nullable Duration interval, Duration deadline, @Nullable Duration minDeadline, boolean serverPings) {
        this.interval = interval;
        this.deadline = deadline;
        this.minDeadline = minDeadline;
        this.serverPings = serverPings;
    }

    /**
     * {@return a heartbeat that sends a ping if nothing is received for {@code interval}, with a deadline of 10 s}
     *
     * @param interval the silence after which a ping is sent, positive
     * @throws IllegalArgumentException if {@code interval} is not positive
     */
    public static Heartbeat every(Duration interval) {
        return new Heartbeat(Checks.positive("interval", interval), DEFAULT_DEADLINE, null, false);
    }

    /**
     * {@return a heartbeat for a server that sends pings itself: a connection is dead if nothing is received for {@code
     * silence}} The client sends no pings, which saves a phone's radio. Use the server's interval plus some slack. Over plain
     * HTTP a server of {@code resume.v1.json} sends something every 25 s.
     *
     * @param silence the silence after which the connection is dead, positive
     * @throws IllegalArgumentException if {@code silence} is not positive
     */
    public static Heartbeat serverPings(Duration silence) {
        return new Heartbeat(Checks.positive("silence", silence), DEFAULT_DEADLINE, null, true);
    }

    /**
     * {@return no heartbeat} The client notices a dead connection only when it sends something, or when the network
     * monitor reports a change.
     */
    public static Heartbeat none() {
        return NONE;
    }

    /**
     * {@return a heartbeat with this deadline for the answer to a ping} Default: 10 s.
     *
     * @param deadline the time limit of the answer, positive
     * @throws IllegalArgumentException if {@code deadline} is not positive
     */
    public Heartbeat withDeadline(Duration deadline) {
        return new Heartbeat(interval, Checks.positive("deadline", deadline), minDeadline, serverPings);
    }

    /**
     * {@return a heartbeat whose deadline follows the connection's round-trip times as TCP's retransmission timer does
     * (RFC 6298)} It stays between {@code min} and {@link #deadline}; {@code min} has no effect if it is longer than
     * that. Default: the deadline is fixed.
     *
     * @param min the shortest deadline, positive
     * @throws IllegalArgumentException if {@code min} is not positive
     */
    public Heartbeat withAdaptiveDeadline(Duration min) {
        return new Heartbeat(interval, deadline, Checks.positive("min", min), serverPings);
    }

    /**
     * {@return how long nothing may be received before the client sends a ping, or, with {@link #isServerPings}, before
     * the connection is dead} Null for {@link #none}.
     */
    public @Nullable Duration interval() {
        return interval;
    }

    /** {@return the deadline for the answer to a ping; the longest one if the deadline is adaptive} */
    public Duration deadline() {
        return deadline;
    }

    /** {@return the shortest deadline if the deadline is adaptive, null if it is fixed} */
    public @Nullable Duration minDeadline() {
        return minDeadline;
    }

    /** {@return whether the client relies on the server's pings and sends none} */
    public boolean isServerPings() {
        return serverPings;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Heartbeat)) return false;
        Heartbeat that = (Heartbeat) other;
        return Objects.equals(interval, that.interval)
                && deadline.equals(that.deadline)
                && Objects.equals(minDeadline, that.minDeadline)
                && serverPings == that.serverPings;
    }

    @Override
    public int hashCode() {
        return Objects.hash(interval, deadline, minDeadline, serverPings);
    }

    @Override
    public String toString() {
        return "Heartbeat(interval=" + interval + ", deadline=" + deadline + ", minDeadline=" + minDeadline
                + ", serverPings=" + serverPings + ")";
    }
}
