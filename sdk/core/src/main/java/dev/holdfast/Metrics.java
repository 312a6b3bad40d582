package dev.holdfast;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The counters of a {@link HoldfastClient} and the level of its queue, read at one call of {@link HoldfastClient#metrics}. Each
 * number is correct, but they are not all read at the same moment. Immutable.
 */
public final class Metrics {
    /**
     * The counters of a client. They start at 0 when the client is built. More constants may be added: keep a default branch.
     */
    public enum Counter {
        /** Attempts to connect, including those of handovers. */
        ATTEMPTS,
        /** Connections whose upgrade was done. */
        CONNECTIONS_OPENED,
        /** Those of the opened connections that plain HTTP carried, with a {@link Carrier}. */
        CONNECTIONS_OVER_HTTP,
        /** Failed attempts and lost connections, as reported by {@link HoldfastEventListener#onConnectionFailure}. */
        FAILURES,
        /** New resumable sessions. */
        SESSIONS_NEW,
        /** Resumptions of a session on another connection. */
        SESSIONS_RESUMED,
        /** Resumable sessions that the server no longer had. */
        SESSIONS_LOST,
        /** Handovers that succeeded: another connection took over from one that was open. */
        HANDOVERS,
        /** Messages that the queue took from {@code send}. */
        MESSAGES_SENT,
        /** Sent messages that a socket has taken, including session start messages. A message counts once. */
        MESSAGES_WRITTEN,
        /** Payload bytes of the written messages: UTF-8 bytes for text, no framing, before compression. */
        BYTES_WRITTEN,
        /** Messages that were sent again: a socket had taken them, and they were handed to another connection. */
        MESSAGES_RESENT,
        /** Sent messages that the server has acknowledged. */
        MESSAGES_ACKNOWLEDGED,
        /** Messages from the server that were given to the application. */
        MESSAGES_RECEIVED,
        /** Payload bytes of the received messages, counted like {@link #BYTES_WRITTEN}. */
        BYTES_RECEIVED,
        /** Messages that the server replayed when it resumed a session. */
        MESSAGES_REPLAYED,
        /** Messages from the server that the client had received before, and dropped. */
        DUPLICATES_DROPPED,
        /** Pings that a socket has taken. */
        PINGS,
        /** Pings that the server answered before the next ping was sent. */
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

    /**
     * {@return the value of a counter since the client was built}
     *
     * @param counter what to count
     */
    public long count(Counter counter) {
        Long count = counts.get(Objects.requireNonNull(counter, "counter"));
        return count == null ? 0 : count;
    }

    /** {@return all counters; unmodifiable} */
    public Map<Counter, Long> counts() {
        return counts;
    }

    /** {@return how many messages wait in the queue: those not yet handed to a connection} */
    public int queuedMessages() {
        return queuedMessages;
    }

    /** {@return the payload bytes of the messages that wait in the queue} */
    public long queuedBytes() {
        return queuedBytes;
    }

    /** {@return the value of {@link HoldfastClient#bufferedAmount}, which defines it} */
    public long bufferedAmount() {
        return bufferedAmount;
    }

    /** {@return the value of {@link HoldfastClient#roundTripTime}} */
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
