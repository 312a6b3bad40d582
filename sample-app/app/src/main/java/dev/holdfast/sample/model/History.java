package dev.holdfast.sample.model;

import dev.holdfast.ClientState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The samples of the last minute, for the charts. Confined to the window's thread. */
public final class History {
    /** The length of the history in nanoseconds. */
    public static final long SPAN_NANOS = 60_000_000_000L;

    /**
     * The figures of one moment.
     *
     * @param heartbeatMillis the newest heartbeat's round trip; NaN if there is none
     * @param ackMillis the time from the send of a message to its acknowledgement, for the newest acknowledgement; NaN
     *     if there is none
     * @param queued messages that no socket has accepted yet
     * @param bufferedBytes the payload of those messages
     * @param sentPerSecond the recent rate of sent messages
     * @param receivedPerSecond the recent rate of received messages
     */
    public record Sample(
            long nanoTime,
            double heartbeatMillis,
            double ackMillis,
            int queued,
            long bufferedBytes,
            double sentPerSecond,
            double receivedPerSecond) {}

    /** A state and when it began. */
    public record StateChange(long nanoTime, ClientState state) {}

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private final ArrayDeque<StateChange> states = new ArrayDeque<>();

    void add(Sample sample) {
        samples.add(sample);
        while (sample.nanoTime() - samples.element().nanoTime() > SPAN_NANOS) samples.remove();
    }

    void add(StateChange change) {
        // The state before the oldest visible change still reaches into the visible span.
        while (states.size() > 1 && change.nanoTime() - second().nanoTime() > SPAN_NANOS) states.remove();
        states.add(change);
    }

    private StateChange second() {
        var changes = states.iterator();
        changes.next();
        return changes.next();
    }

    /** Returns the samples, oldest first. */
    public List<Sample> samples() {
        return new ArrayList<>(samples);
    }

    /** Returns the state changes, oldest first. */
    public List<StateChange> states() {
        return new ArrayList<>(states);
    }
}
