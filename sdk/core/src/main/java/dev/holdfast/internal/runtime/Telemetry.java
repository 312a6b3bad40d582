package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.Outbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a client does and tells whoever watches. Confined to the client's serial context but for {@link #counts} and
 * {@link #frames}, which any thread may call. Where nobody watches it costs a count.
 */
public final class Telemetry {
    private static final Counter[] COUNTERS = Counter.values();

    private final List<HoldfastEventListener> listeners;
    private final @Nullable HoldfastEventListener events;
    private final BiFunction<Loss, Decision, ConnectionFailure> failures;
    private final Environment environment;

    /** Written by the serial context alone, so a count needs no more than a write in order. */
    private final AtomicLongArray counts = new AtomicLongArray(COUNTERS.length);

    /** The thread that is in the event listener, on the serial context. */
    private volatile @Nullable Thread reporting;

    /** The connection that is to take over, 0 for none. */
    private long candidate;

    private boolean candidateOpen;
    private String candidateEnd = "";
    private boolean pressed;

    /**
     * @param listeners called in this order; empty if nobody watches
     * @param failures what to tell of a lost connection
     */
    public Telemetry(
            List<HoldfastEventListener> listeners,
            BiFunction<Loss, Decision, ConnectionFailure> failures,
            Environment environment) {
        this.listeners = new ArrayList<>(listeners);
        this.events = EventListeners.of(this.listeners);
        this.failures = failures;
        this.environment = environment;
    }

    /** A copy; each number is right, but they are not of one moment. */
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

    private void tell(HoldfastEventListener events, Consumer<HoldfastEventListener> event) {
        reporting = Thread.currentThread();
        try {
            event.accept(events);
        } catch (Throwable t) {
            Uncaught.report(t);
        } finally {
            reporting = null;
        }
    }

    /** Returns whether this thread is in the event listener, for which the serial context waits. */
    boolean isReporting() {
        return Thread.currentThread() == reporting;
    }

    // ---- connections ----

    void attempt(long connection, String host) {
        count(Counter.ATTEMPTS);
        if (events != null) tell(events, to -> to.onAttempt(connection, host));
    }

    void opened(long connection) {
        count(Counter.CONNECTIONS_OPENED);
        if (connection == candidate) candidateOpen = true;
        if (events != null) tell(events, to -> to.onConnectionOpened(connection));
    }

    /** The connection ended, whether that is a failure or not. */
    void ended(long connection, String reason) {
        if (connection == candidate) candidateEnd = reason;
    }

    void failed(Loss loss, Decision decision) {
        count(Counter.FAILURES);
        if (events != null) tell(events, to -> to.onConnectionFailure(failures.apply(loss, decision)));
    }

    void pingWritten() {
        count(Counter.PINGS);
    }

    void roundTripTime(long nanos) {
        count(Counter.PONGS);
        if (events != null) tell(events, to -> to.onRoundTripTime(Duration.ofNanos(nanos)));
    }

    @Nullable
    FrameObserver frames(long connection) {
        return FrameTeller.of(listeners, connection, environment);
    }

    // ---- handovers ----

    void handoverBegun(long connection) {
        candidate = connection;
        candidateOpen = false;
        candidateEnd = "not wanted any more";
        if (events != null) tell(events, to -> to.onHandoverBegun(connection));
    }

    /** The candidate is the current connection now, open or not. */
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
        if (events != null) tell(events, to -> to.onHandoverDone(connection));
    }

    /** There is no candidate any more, if there was one. */
    void dropped() {
        long connection = candidate;
        String reason = candidateEnd;
        candidate = 0;
        if (connection != 0 && events != null) tell(events, to -> to.onHandoverFailed(connection, reason));
    }

    // ---- the session ----

    void state(ClientState state) {
        if (events != null) tell(events, to -> to.onState(state));
    }

    void sessionOpened(boolean resumed, long replayed) {
        count(resumed ? Counter.SESSIONS_RESUMED : Counter.SESSIONS_NEW);
        count(Counter.MESSAGES_REPLAYED, replayed);
        if (events != null) tell(events, to -> to.onSessionOpened(resumed, replayed));
    }

    void sessionLost(String reason, int unknown) {
        count(Counter.SESSIONS_LOST);
        if (events != null) tell(events, to -> to.onSessionLost(reason, unknown));
    }

    void suspended(long nanos) {
        if (events != null) tell(events, to -> to.onSuspended(Duration.ofNanos(nanos)));
    }

    // ---- messages ----

    void handedOver(Outbound message) {
        if (message.isWritten()) count(Counter.MESSAGES_RESENT);
    }

    void written(Outbound message) {
        count(Counter.MESSAGES_WRITTEN);
        count(Counter.BYTES_WRITTEN, message.bytes());
    }

    void acknowledged() {
        count(Counter.MESSAGES_ACKNOWLEDGED);
    }

    void received(Inbound message) {
        count(Counter.MESSAGES_RECEIVED);
        count(Counter.BYTES_RECEIVED, message.payload().size());
    }

    void ackOverdue(Outbound oldest, long ageNanos) {
        if (events == null || !(oldest.receipt() instanceof Delivery)) return;
        Delivery delivery = (Delivery) oldest.receipt();
        tell(events, to -> to.onAckOverdue(delivery, Duration.ofNanos(ageNanos)));
    }

    void duplicate() {
        count(Counter.DUPLICATES_DROPPED);
    }

    /** The queue may have passed a water mark. */
    void queue(SharedQueue queue) {
        if (events == null || queue.isPressed() == pressed) return;
        pressed = !pressed;
        QueueLevel level = queue.level();
        tell(events, to -> to.onQueueLevel(pressed, level.messages, level.bytes));
    }
}
