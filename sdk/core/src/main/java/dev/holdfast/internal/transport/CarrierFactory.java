package dev.holdfast.internal.transport;

/** Makes a transport that opens connections in another way than with WebSockets alone. */
public interface CarrierFactory {
    /**
     * Returns the transport of one client.
     *
     * @param webSockets opens the client's WebSockets, and has its settings, clock and threads
     */
    Transport transport(OkHttpTransport webSockets);

    /** Returns whether its connections only receive: a client's messages are refused before they reach one. */
    default boolean isReadOnly() {
        return false;
    }
}
