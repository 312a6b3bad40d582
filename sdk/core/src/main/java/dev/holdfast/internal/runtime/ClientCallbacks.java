package dev.holdfast.internal.runtime;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Opening;
import dev.holdfast.Outcome;
import dev.holdfast.StoreException;
import dev.holdfast.internal.session.Decision;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Loss;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Outbound;
import org.jspecify.annotations.Nullable;

/**
 * Receives what a {@link SessionDriver} reports to its client. Called on the application's callback executor, one call after
 * another and in order, except {@link #onWritten}, {@link #onStored} and {@link #onEnded}: these are called on any thread and must not block or
 * call the application. They return what is to run on the callback executor, or null if there is nothing.
 */
public interface ClientCallbacks {
    void onState(ClientState state);

    void onOpen(Opening opening);

    /**
     * Returns the exception with which futures of an opening fail. Called on any thread; it must not call the application.
     *
     * @param loss the failure after which the client stopped, with its decision; null if the application stopped it
     */
    Throwable openingFailed(String message, @Nullable Loss loss, @Nullable Decision decision);

    void onMessage(Inbound message);

    @Nullable
    Runnable onWritten(Outbound message);

    /** The store has the message. Called once for each at most. */
    @Nullable
    Runnable onStored(Outbound message);

    @Nullable
    Runnable onEnded(Outbound message, Outcome outcome);

    void onBackpressure(boolean pressed);

    void onConnectionFailure(Loss loss, Decision decision);

    void onSessionLost(LostSession session);

    void onStoreFailure(StoreException failure);

    void onClosed(CloseReason reason);

    /** The application's callback executor refused a task, so the client is cancelled. Called on any thread, at most twice. */
    void onExecutorRefused(Throwable refusal);
}
