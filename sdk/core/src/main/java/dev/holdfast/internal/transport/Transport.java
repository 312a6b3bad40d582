package dev.holdfast.internal.transport;

import okhttp3.Request;

/** Opens connections. Safe from any thread. */
public interface Transport {
    /**
     * Starts to open a connection and returns at once. Opening has a time limit.
     *
     * @param request what the opening handshake is made of: URL and headers
     */
    Connection open(Request request, ConnectionListener listener);
}
