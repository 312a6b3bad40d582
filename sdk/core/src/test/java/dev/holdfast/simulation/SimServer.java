package dev.holdfast.simulation;

import dev.holdfast.internal.message.CloseStatus;
import okio.ByteString;

/** The far end of simulated connections. */
interface SimServer {
    void onConnect(SimConnection connection);

    void onText(SimConnection connection, String text);

    void onBinary(SimConnection connection, ByteString bytes);

    void onDisconnect(SimConnection connection);

    /** Receives a client's close frame. */
    default void onClose(SimConnection connection, CloseStatus status) {}

    /** Sees what this server sends, and may send something else instead. */
    default Item onSend(Item item) {
        return item;
    }

    /** How long it takes to answer a close. */
    default long closeDelay() {
        return 0;
    }

    /** How long it takes to answer a ping. */
    default long pongDelay() {
        return 0;
    }
}
