package dev.holdfast;

/**
 * What a {@link HoldfastClient} tells the application. All calls come on the client's callback executor, one after
 * another and in order, and none comes after {@link #onClosed}. An exception that one throws goes to the thread's
 * uncaught exception handler; the calls behind it still come.
 */
public interface HoldfastListener {
    /** The state has changed to {@code state}; {@link HoldfastClient#state} may be further already. */
    default void onState(HoldfastClient client, ClientState state) {}

    /**
     * Called when a connection is ready for messages: after {@link #onState} with {@link ClientState#OPEN}, and again when
     * another connection has taken over from an open one.
     */
    default void onOpen(HoldfastClient client, Opening opening) {}

    /**
     * A message has come. In a resumable session it counts as handled when this returns or throws, and is then
     * acknowledged.
     */
    default void onMessage(HoldfastClient client, Message message) {}

    /** A connection could not be made or was lost, and what follows from it. */
    default void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {}

    /** The server no longer has the session. Messages that come after this belong to a new one. */
    default void onSessionLost(HoldfastClient client, SessionLoss loss) {}

    /**
     * The queue has passed its high water mark ({@code pressed}), or is back at the low one; first the one, then the other,
     * and so on. See {@link OutboundQueue#withWaterMarks}. While this listener is busy the queue may pass both unseen.
     */
    default void onBackpressure(HoldfastClient client, boolean pressed) {}

    /** The client has ended. Nothing comes after this. */
    default void onClosed(HoldfastClient client, CloseReason reason) {}
}
