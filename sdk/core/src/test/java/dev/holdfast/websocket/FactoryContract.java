package dev.holdfast.websocket;

/** What all parts of the contract of a {@link okhttp3.WebSocket.Factory} stand on. */
interface FactoryContract {
    /** New for each test. */
    FactoryRig rig();
}
