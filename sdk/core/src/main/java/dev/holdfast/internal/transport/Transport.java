package dev.holdfast.internal.transport;

import okhttp3.Request;

/** Opens connections. Safe from any thread. */
public interface Transport {
    /**
     * Starts to open a connection and returns at once. Opening has a time limit.
     *
     * @param request the URL and headers of the opening handshake
     */
    Connection open(Request request, ConnectionListener listener);
}
