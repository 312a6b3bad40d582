package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.time.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * The application's pings, next to the heartbeat's. While any ping waits for its pong, the application waits for the same one:
 * a second ping would replace one that is not written yet, and would move the deadline of the heartbeat. Confined to the serial
 * context, except {@link #ping}.
 */
final class ApplicationPings {
    /** The maximum number of calls that wait for a pong. */
    private static final int MAX_WAITING = 16;

    private static final long NONE = 0;

    private final Ticker ticker;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final BooleanSupplier mustNotWait;
    private List<CallbackFuture<Duration>> waiting = Collections.emptyList();

    private boolean isOpen;
    /** The newest ping of the application; the heartbeat's are positive. */
    private long newest;
    /** The newest ping on the connection that has no pong yet, {@link #NONE} if there is none. */
    private long inFlight = NONE;

    private long sentAt;

    ApplicationPings(Ticker ticker, SerialContext serial, ListenerDispatcher dispatcher, BooleanSupplier mustNotWait) {
        this.ticker = ticker;
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.mustNotWait = mustNotWait;
    }

    /**
     * Returns a future of the round-trip time. Safe from any thread.
     *
     * @param wire sends a ping with a number
     */
    CompletableFuture<Duration> ping(LongConsumer wire) {
        CallbackFuture<Duration> future = new CallbackFuture<>(mustNotWait);
        serial.post(() -> {
            dispatcher.release();
            ping(future, wire);
        });
        return future;
    }

    private void ping(CallbackFuture<Duration> future, LongConsumer wire) {
        if (!isOpen) {
            fail(future, "not connected");
            return;
        }
        if (waiting.size() == MAX_WAITING) {
            fail(future, MAX_WAITING + " pings wait for a pong already");
            return;
        }
        if (waiting.isEmpty()) waiting = new ArrayList<>(1);
        waiting.add(future);
        if (inFlight != NONE) return;
        sent(--newest);
        wire.accept(newest);
    }

    /** A ping was given to the connection: the application's or the heartbeat's. */
    void sent(long number) {
        inFlight = number;
        sentAt = ticker.nanos();
    }

    /** A pong has come. One of an older ping counts for nothing: that of the newest follows. */
    void onPong(long number) {
        if (number != inFlight) return;
        inFlight = NONE;
        Duration roundTrip = Duration.ofNanos(ticker.nanos() - sentAt);
        for (CallbackFuture<Duration> future : takeAll()) complete(() -> future.complete(roundTrip));
    }

    void stateChanged(ClientState state) {
        isOpen = state == ClientState.OPEN;
        if (isOpen) return;
        inFlight = NONE;
        for (CallbackFuture<Duration> future : takeAll()) fail(future, "the connection ended before the pong");
    }

    private List<CallbackFuture<Duration>> takeAll() {
        List<CallbackFuture<Duration>> all = waiting;
        waiting = Collections.emptyList();
        return all;
    }

    private void fail(CallbackFuture<Duration> future, String message) {
        complete(() -> future.completeExceptionally(new IOException(message)));
    }

    private void complete(Runnable completion) {
        dispatcher.release();
        dispatcher.postEnd(completion);
    }
}
