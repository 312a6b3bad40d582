package dev.holdfast.websocket;

/** The base of all parts of the contract of a {@link okhttp3.WebSocket.Factory}. */
interface FactoryContract {
    /** New for each test. */
    FactoryRig rig();
}
