package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Opening;
import dev.holdfast.internal.concurrent.CallbackFuture;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Loss;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes when a client has opened and ended, and completes the futures that wait for it. Confined to the serial context,
 * except {@link #opened} and {@link #closed}.
 */
final class Openings {
    static final Headers NO_HEADERS = new Headers.Builder().build();

    private final boolean reportsItself;
    private final SerialContext serial;
    private final ListenerDispatcher dispatcher;
    private final BooleanSupplier mustNotWait;
    private final ClientCallbacks callbacks;

    private List<CallbackFuture<Opening>> awaitingOpening = Collections.emptyList();
    private List<CallbackFuture<CloseReason>> awaitingEnd = Collections.emptyList();

    private ClientState state = ClientState.IDLE;
    private int attempts;
    /** Of the newest connection whose upgrade is done. */
    private Headers headers = NO_HEADERS;

    private boolean overHttp;
    /** The report that is due when the state becomes OPEN. */
    private @Nullable Opening next;
    /** The open connection or session; null if there is none. */
    private @Nullable Opening current;

    private @Nullable CloseReason end;

    Openings(
            boolean reportsItself,
            SerialContext serial,
            ListenerDispatcher dispatcher,
            BooleanSupplier mustNotWait,
            ClientCallbacks callbacks) {
        this.reportsItself = reportsItself;
        this.serial = serial;
        this.dispatcher = dispatcher;
        this.mustNotWait = mustNotWait;
        this.callbacks = callbacks;
    }

    // ---- the application's side, on any thread ----

    /** Returns a future of the current or next opening. */
    CompletableFuture<Opening> opened() {
        CallbackFuture<Opening> future = new CallbackFuture<>(mustNotWait);
        serial.post(() -> await(future));
        return future;
    }

    /** Returns a future of the next opening. */
    CompletableFuture<Opening> next() {
        CallbackFuture<Opening> future = new CallbackFuture<>(mustNotWait);
        serial.post(() -> awaitNext(future));
        return future;
    }

    /** Returns a future of the end. */
    CompletableFuture<CloseReason> closed() {
        CallbackFuture<CloseReason> future = new CallbackFuture<>(mustNotWait);
        serial.post(() -> {
            CloseReason reason = end;
            if (reason == null) {
                awaitingEnd = with(future, awaitingEnd);
            } else {
                postEnd(() -> future.complete(reason));
            }
        });
        return future;
    }

    // ---- the serial context ----

    private void await(CallbackFuture<Opening> future) {
        Opening open = current;
        if (open != null) {
            postEnd(() -> future.complete(open));
        } else {
            awaitNext(future);
        }
    }

    private void awaitNext(CallbackFuture<Opening> future) {
        if (end != null) {
            fail(future, callbacks.openingFailed("the client is closed", null, null));
        } else {
            awaitingOpening = with(future, awaitingOpening);
        }
    }

    /** Adds a future. One that the application cancelled or completed itself takes no room. */
    private static <T> List<CallbackFuture<T>> with(CallbackFuture<T> future, List<CallbackFuture<T>> others) {
        List<CallbackFuture<T>> all = others.isEmpty() ? new ArrayList<>(1) : others;
        all.removeIf(CompletableFuture::isDone);
        all.add(future);
        return all;
    }

    /** An attempt begins. */
    void attempt() {
        attempts++;
    }

    /** The upgrade of a connection is done. */
    void upgraded(Headers responseHeaders, boolean isOverHttp) {
        headers = responseHeaders;
        overHttp = isOverHttp;
    }

    /** A session with an opening exchange is open on the newest connection. The state becomes OPEN next, unless it is already. */
    void sessionOpened(boolean resumed, long replayed) {
        next = new Opening(headers, resumed, replayed, attempts, overHttp);
        if (state == ClientState.OPEN) report();
    }

    /** To be called after the state was posted to the application. */
    void stateChanged(ClientState newState) {
        state = newState;
        if (newState == ClientState.OPEN) {
            // Such a session stays on its connection: no other takes over while the state is OPEN.
            if (!reportsItself) next = new Opening(headers, false, 0, attempts, overHttp);
            report();
            return;
        }
        current = null;
        if (newState == ClientState.IDLE) {
            attempts = 0;
            failAll(() -> callbacks.openingFailed("the client was disconnected", null, null));
        }
    }

    private void report() {
        Opening opening = next;
        if (opening == null) return;
        next = null;
        current = opening;
        attempts = 0;
        dispatcher.release();
        dispatcher.post(() -> callbacks.onOpen(opening));
        for (CallbackFuture<Opening> future : takeOpenings()) postEnd(() -> future.complete(opening));
    }

    /** A connection was lost, or could not be made. */
    void failed(Loss loss, Decision decision) {
        if (!decision.isRetry()) failAll(() -> callbacks.openingFailed(loss.message(), loss, decision));
    }

    /** No other connection could be opened, and the current one goes on. */
    void reconnectFailed(Loss loss) {
        failAll(() -> callbacks.openingFailed(loss.message(), null, null));
    }

    /** The client has ended. To be called after that was posted to the application. */
    void closed(CloseReason reason) {
        end = reason;
        current = null;
        failAll(() -> callbacks.openingFailed("the client is closed", null, null));
        List<CallbackFuture<CloseReason>> all = awaitingEnd;
        awaitingEnd = Collections.emptyList();
        for (CallbackFuture<CloseReason> future : all) postEnd(() -> future.complete(reason));
    }

    private interface Failure {
        Throwable create();
    }

    private void failAll(Failure failure) {
        if (awaitingOpening.isEmpty()) return;
        Throwable thrown = failure.create();
        for (CallbackFuture<Opening> future : takeOpenings()) fail(future, thrown);
    }

    private void fail(CallbackFuture<Opening> future, Throwable thrown) {
        postEnd(() -> future.completeExceptionally(thrown));
    }

    private List<CallbackFuture<Opening>> takeOpenings() {
        List<CallbackFuture<Opening>> all = awaitingOpening;
        awaitingOpening = Collections.emptyList();
        return all;
    }

    private void postEnd(Runnable completion) {
        dispatcher.release();
        dispatcher.postEnd(completion);
    }
}
