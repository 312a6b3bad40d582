package dev.holdfast.sample.model;

import dev.holdfast.ClientState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The last minute, for the charts. Confined to the window's thread. */
public final class History {
    /** How far back it goes, in nanoseconds. */
    public static final long SPAN_NANOS = 60_000_000_000L;

    /**
     * How things stood at a moment.
     *
     * @param heartbeatMillis the newest heartbeat's round trip, NaN where there is none
     * @param ackMillis the newest acknowledgement's time since its message was sent, NaN where there is none
     * @param queued messages that no socket has taken yet
     * @param bufferedBytes their payload
     * @param sentPerSecond lately
     * @param receivedPerSecond lately
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
        // The one before the oldest that is shown reaches into what is shown.
        while (states.size() > 1 && change.nanoTime() - second().nanoTime() > SPAN_NANOS) states.remove();
        states.add(change);
    }

    private StateChange second() {
        var changes = states.iterator();
        changes.next();
        return changes.next();
    }

    /** Oldest first. */
    public List<Sample> samples() {
        return new ArrayList<>(samples);
    }

    /** Oldest first. */
    public List<StateChange> states() {
        return new ArrayList<>(states);
    }
}
