package dev.holdfast;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counters of what a {@link HoldfastClient} has done, and the amounts that wait in it. Each number is correct, but they are
 * not all read at the same moment. Immutable.
 */
public final class Metrics {
    /** The counters, which start when the client is built. More constants may be added: keep a default branch. */
    public enum Counter {
        /** Attempts to connect, handovers among them. */
        ATTEMPTS,
        /** Connections whose upgrade was done. */
        CONNECTIONS_OPENED,
        /** Attempts that failed and connections that were lost: as many as failures were told. */
        FAILURES,
        /** Resumable sessions that began. */
        SESSIONS_NEW,
        /** Times that a session went on with another connection. */
        SESSIONS_RESUMED,
        /** Sessions that the server did not have any more. */
        SESSIONS_LOST,
        /** Connections that took over from another without a gap. */
        HANDOVERS,
        /** Messages taken by {@code send}. */
        MESSAGES_SENT,
        /** Messages that a socket has taken, each counted once; standing ones among them. */
        MESSAGES_WRITTEN,
        /** The payload bytes of these: UTF-8 bytes for text, no framing, before compression. */
        BYTES_WRITTEN,
        /** Messages handed to a connection that a socket had taken before, on another. */
        MESSAGES_RESENT,
        /** Messages that the server has handled. */
        MESSAGES_ACKNOWLEDGED,
        /** Messages for the application. */
        MESSAGES_RECEIVED,
        /** The payload bytes of these, counted as for {@link #BYTES_WRITTEN}. */
        BYTES_RECEIVED,
        /** Those among them that came in the replays of sessions that went on. */
        MESSAGES_REPLAYED,
        /** Messages that the server sent again though they were there, and that were dropped. */
        DUPLICATES_DROPPED,
        /** Pings that a socket has taken. */
        PINGS,
        /** Pings that the server answered while they were the newest. */
        PONGS
    }

    private final Map<Counter, Long> counts;
    private final int queuedMessages;
    private final long queuedBytes;
    private final long bufferedAmount;
    private final @Nullable Duration roundTripTime;

    Metrics(
            Map<Counter, Long> counts,
            int queuedMessages,
            long queuedBytes,
            long bufferedAmount,
            @Nullable Duration roundTripTime) {
        this.counts = Collections.unmodifiableMap(new EnumMap<>(counts));
        this.queuedMessages = queuedMessages;
        this.queuedBytes = queuedBytes;
        this.bufferedAmount = bufferedAmount;
        this.roundTripTime = roundTripTime;
    }

    /** Returns the value of a counter since the client was built. */
    public long count(Counter counter) {
        Long count = counts.get(Objects.requireNonNull(counter, "counter"));
        return count == null ? 0 : count;
    }

    /** Returns all counters; unmodifiable. */
    public Map<Counter, Long> counts() {
        return counts;
    }

    /** Returns how many messages wait in the queue: those not yet handed to a connection. */
    public int queuedMessages() {
        return queuedMessages;
    }

    /** Returns the payload bytes of the messages that wait in the queue. */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** Returns the value of {@link HoldfastClient#bufferedAmount}, which defines it. */
    public long bufferedAmount() {
        return bufferedAmount;
    }

    /** Returns the value of {@link HoldfastClient#roundTripTime}. */
    public @Nullable Duration roundTripTime() {
        return roundTripTime;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Metrics)) return false;
        Metrics that = (Metrics) other;
        return counts.equals(that.counts)
                && queuedMessages == that.queuedMessages
                && queuedBytes == that.queuedBytes
                && bufferedAmount == that.bufferedAmount
                && Objects.equals(roundTripTime, that.roundTripTime);
    }

    @Override
    public int hashCode() {
        return Objects.hash(counts, queuedMessages, queuedBytes, bufferedAmount, roundTripTime);
    }

    @Override
    public String toString() {
        return counts + ", queued " + queuedMessages + " messages of " + queuedBytes + " bytes, buffered "
                + bufferedAmount + " bytes, round trip " + roundTripTime;
    }
}
