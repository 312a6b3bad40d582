package dev.holdfast.sample.model;

import dev.holdfast.ClientState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The samples of the last minute, for the charts. Confined to the window's thread. */
public final class History {
    /** The length of the history in nanoseconds. */
    public static final long SPAN_NANOS = 60_000_000_000L;

    /**
     * The figures of one moment.
     *
     * @param heartbeatMillis the newest heartbeat's round trip; NaN while there is none or the client is not open
     * @param ackMillis the longest time from the send of a message to its acknowledgement, among the acknowledgements
     *     since the previous sample, or the previous value if there were none; NaN while the client is not open
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

    /**
     * A state and when it began.
     *
     * @param overHttp whether plain HTTP carries the open session, and not a WebSocket
     */
    public record StateChange(long nanoTime, ClientState state, boolean overHttp) {
        @Override
        public String toString() {
            return state.toString().toLowerCase(Locale.ROOT) + (overHttp ? " over HTTP" : "");
        }
    }

    /** A time for which the process did not run. */
    public record Suspension(long fromNanoTime, long toNanoTime) {}

    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private final ArrayDeque<StateChange> states = new ArrayDeque<>();
    private final ArrayDeque<Suspension> suspensions = new ArrayDeque<>();
    private final ArrayDeque<Long> handovers = new ArrayDeque<>();

    void add(Sample sample) {
        samples.add(sample);
        long oldest = sample.nanoTime() - SPAN_NANOS;
        while (samples.element().nanoTime() < oldest) samples.remove();
        while (!suspensions.isEmpty() && suspensions.element().toNanoTime() < oldest) suspensions.remove();
        while (!handovers.isEmpty() && handovers.element() < oldest) handovers.remove();
    }

    void add(StateChange change) {
        // The state before the oldest visible change still reaches into the visible span.
        while (states.size() > 1 && change.nanoTime() - second().nanoTime() > SPAN_NANOS) states.remove();
        states.add(change);
    }

    void add(Suspension suspension) {
        suspensions.add(suspension);
    }

    /** Notes that another connection has taken over. */
    void addHandover(long nanoTime) {
        handovers.add(nanoTime);
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

    /** Returns the suspensions of the process, oldest first. */
    public List<Suspension> suspensions() {
        return new ArrayList<>(suspensions);
    }

    /** Returns when another connection has taken over, oldest first. */
    public List<Long> handovers() {
        return new ArrayList<>(handovers);
    }
}
