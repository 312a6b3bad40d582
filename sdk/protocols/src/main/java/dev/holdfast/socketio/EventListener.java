package dev.holdfast.socketio;

/**
 * Receives events, one at a time, in order, on the client's callback executor. An exception goes to the thread's uncaught
 * exception handler.
 */
@FunctionalInterface
public interface EventListener {
    /**
     * Called for each event.
     *
     * @param event the event
     */
    void onEvent(Event event);
}
