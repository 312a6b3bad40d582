package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a client does, and reports it if there is a listener; otherwise it costs a count. Confined to the client's
 * serial context, except {@link #counts}, {@link #frames} and {@link #isReporting}, which are safe from any thread.
 */
public final class Telemetry {
    private static final Counter[] COUNTERS = Counter.values();

    private final @Nullable TelemetryListener listener;

    /** Written on the serial context only, so an ordered write is enough. */
    private final AtomicLongArray counts = new AtomicLongArray(COUNTERS.length);

    /** The thread that is calling the listener. */
    private volatile @Nullable Thread reporting;

    /** The connection that is to take over; 0 if there is none. */
    private long candidate;

    private boolean candidateOpen;
    private String candidateEnd = "";
    private boolean pressed;

    /** @param listener null if nobody wants reports */
    public Telemetry(@Nullable TelemetryListener listener) {
        this.listener = listener;
    }

    /** Returns a copy of the counters. Each is right, but they are not of one moment. */
    Map<Counter, Long> counts() {
        Map<Counter, Long> all = new EnumMap<>(Counter.class);
        for (int i = 0; i < COUNTERS.length; i++) all.put(COUNTERS[i], counts.get(i));
        return all;
    }

    private void count(Counter counter) {
        count(counter, 1);
    }

    @SuppressWarnings("EnumOrdinal") // The index of what values() returned.
    private void count(Counter counter, long more) {
        int i = counter.ordinal();
        counts.lazySet(i, counts.get(i) + more);
    }

    private void report(TelemetryListener listener, Consumer<TelemetryListener> event) {
        reporting = Thread.currentThread();
        try {
            event.accept(listener);
        } catch (Throwable t) {
            Uncaught.report(t);
        } finally {
            reporting = null;
        }
    }

    /** Returns whether this thread is calling the listener: the serial context waits until it returns. */
    boolean isReporting() {
        return Thread.currentThread() == reporting;
    }

    // ---- connections ----

    void attempt(long connection, String host) {
        count(Counter.ATTEMPTS);
        if (listener != null) report(listener, to -> to.onAttempt(connection, host));
    }

    void opened(long connection, boolean overHttp) {
        count(Counter.CONNECTIONS_OPENED);
        if (overHttp) count(Counter.CONNECTIONS_OVER_HTTP);
        if (connection == candidate) candidateOpen = true;
        if (listener != null) report(listener, to -> to.onConnectionOpened(connection, overHttp));
    }

    /** Notes the end of a connection, whether it is a failure or not. */
    void ended(long connection, String reason) {
        if (connection == candidate) candidateEnd = reason;
    }

    void failed(Loss loss, Decision decision) {
        count(Counter.FAILURES);
        if (listener != null) report(listener, to -> to.onConnectionFailure(loss, decision));
    }

    void pingWritten() {
        count(Counter.PINGS);
    }

    void roundTripTime(long nanos) {
        count(Counter.PONGS);
        if (listener != null) report(listener, to -> to.onRoundTripTime(Duration.ofNanos(nanos)));
    }

    @Nullable
    FrameObserver frames(long connection) {
        return listener == null ? null : listener.frames(connection);
    }

    // ---- handovers ----

    void handoverBegun(long connection) {
        candidate = connection;
        candidateOpen = false;
        candidateEnd = "no longer wanted";
        if (listener != null) report(listener, to -> to.onHandoverBegun(connection));
    }

    /** Reports that the candidate is the current connection now, open or not. */
    void promoted() {
        if (candidate == 0) return;
        if (!candidateOpen) {
            candidateEnd = "the current connection was lost first";
            dropped();
            return;
        }
        long connection = candidate;
        candidate = 0;
        count(Counter.HANDOVERS);
        if (listener != null) report(listener, to -> to.onHandoverDone(connection));
    }

    /** Reports that there is no candidate any more, if there was one. */
    void dropped() {
        long connection = candidate;
        String reason = candidateEnd;
        candidate = 0;
        if (connection != 0 && listener != null) report(listener, to -> to.onHandoverFailed(connection, reason));
    }

    // ---- the session ----

    void state(ClientState state) {
        if (listener != null) report(listener, to -> to.onState(state));
    }

    void sessionOpened(boolean resumed, long replayed) {
        count(resumed ? Counter.SESSIONS_RESUMED : Counter.SESSIONS_NEW);
        count(Counter.MESSAGES_REPLAYED, replayed);
        if (listener != null) report(listener, to -> to.onSessionOpened(resumed, replayed));
    }

    void sessionLost(String reason, int unknown) {
        count(Counter.SESSIONS_LOST);
        if (listener != null) report(listener, to -> to.onSessionLost(reason, unknown));
    }

    void suspended(long nanos) {
        if (listener != null) report(listener, to -> to.onSuspended(Duration.ofNanos(nanos)));
    }

    // ---- messages ----

    void handedOver(Outbound message) {
        if (message.isWritten()) count(Counter.MESSAGES_RESENT);
    }

    void written(int messages, long bytes) {
        count(Counter.MESSAGES_WRITTEN, messages);
        count(Counter.BYTES_WRITTEN, bytes);
    }

    void acknowledged() {
        count(Counter.MESSAGES_ACKNOWLEDGED);
    }

    void received(Inbound message) {
        count(Counter.MESSAGES_RECEIVED);
        count(Counter.BYTES_RECEIVED, message.payload().size());
    }

    void ackOverdue(Outbound oldest, long ageNanos) {
        if (listener != null) report(listener, to -> to.onAckOverdue(oldest, Duration.ofNanos(ageNanos)));
    }

    void duplicate() {
        count(Counter.DUPLICATES_DROPPED);
    }

    /** Reports the queue's level if it has passed a water mark. */
    void queue(SharedQueue queue) {
        if (listener == null || queue.isPressed() == pressed) return;
        pressed = !pressed;
        QueueLevel level = queue.level();
        report(listener, to -> to.onQueueLevel(pressed, level.messages, level.bytes));
    }
}
