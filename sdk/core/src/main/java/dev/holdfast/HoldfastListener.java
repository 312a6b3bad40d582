package dev.holdfast;

/**
 * The callbacks with which a {@link HoldfastClient} serves the application: messages, states, failures. For logs, metrics and
 * other diagnostics use {@link HoldfastEventListener}. {@link HoldfastClientBuilder} has a method for each callback too, which
 * takes a lambda.
 *
 * <p>Callbacks run on the client's callback executor, one after another and in order; none runs after {@link #onClosed}. What a
 * callback throws goes to the thread's uncaught exception handler, and the next callbacks still run. Each callback does nothing
 * by default, except that {@link #onConnectionFailure}, {@link #onSessionLost} and {@link #onStoreFailure} log.
 *
 * <p>A callback must not wait for a future of the client: it would wait for a callback that cannot run before it returns. The
 * same holds for other tasks on the thread that runs callbacks, see {@link Delivery#outcome}.
 */
public interface HoldfastListener {
    /**
     * Called when the state has changed.
     *
     * @param client the client that calls
     * @param state the new state; {@link HoldfastClient#state} may be newer already
     */
    default void onState(HoldfastClient client, ClientState state) {}

    /**
     * Called when a connection is ready for messages, after {@link #onState} with {@link ClientState#OPEN}. A handover ({@link
     * HoldfastClient#reconnect}, a new credential, another network, a server that drains) leads to {@link
     * ClientState#RESUMING}, {@link ClientState#OPEN} and this call again, although the client was never without a connection.
     *
     * @param client the client that calls
     * @param opening what the server and the client agreed on
     */
    default void onOpen(HoldfastClient client, Opening opening) {}

    /**
     * Called for each message from the server. In a resumable session the message counts as handled when this returns or
     * throws. The client then acknowledges it to the server, unless the session has {@linkplain Session#withManualAcks manual
     * acknowledgements}.
     *
     * @param client the client that calls
     * @param message the message; it may be kept after the call
     */
    default void onMessage(HoldfastClient client, Message message) {}

    /**
     * Called when a connection could not be made or was lost; the failure also says what follows. By default it logs a warning
     * for the first failure of each kind ({@link HoldfastClientBuilder#logger}), unless another callback or an event listener
     * receives failures.
     *
     * @param client the client that calls
     * @param failure the cause, and what the client does next
     */
    default void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
        client.warnings.failure(failure);
    }

    /**
     * Called when the server no longer has the session. Later messages belong to a new session. By default it logs a warning for
     * the client's first lost session, unless another callback or an event listener receives lost sessions.
     *
     * @param client the client that calls
     * @param loss why the session is gone, and which messages may or may not have arrived
     */
    default void onSessionLost(HoldfastClient client, SessionLoss loss) {
        client.warnings.sessionLost(loss);
    }

    /**
     * Called when the queue has passed its high water mark, and when it is back at the low one ({@link
     * OutboundQueue#withWaterMarks}). Calls with true and false alternate. If the queue passes both marks while another
     * callback runs, neither is reported.
     *
     * @param client the client that calls
     * @param pressed true above the high mark, false at the low one
     */
    default void onBackpressure(HoldfastClient client, boolean pressed) {}

    /**
     * Called when the client's {@link SessionStore} could not be opened, or has failed. {@link
     * HoldfastClientBuilder#storeFailure} decides what follows: the client ends, or it goes on without the store. By default it
     * logs a warning if the client goes on. If it ends, {@link #onConnectionFailure} follows.
     *
     * @param client the client that calls
     * @param failure what failed
     */
    default void onStoreFailure(HoldfastClient client, StoreException failure) {
        client.warnings.storeFailure(failure);
    }

    /**
     * Called when the client has ended. It is the last call.
     *
     * @param client the client that calls
     * @param reason how the client ended
     */
    default void onClosed(HoldfastClient client, CloseReason reason) {}
}
