package dev.holdfast.internal.transport;

import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Opens connections. Safe from any thread. */
public interface Transport {
    /**
     * Starts to open a connection and returns at once. Opening has a time limit.
     *
     * @param request the URL and headers of the opening handshake
     */
    Connection open(Request request, ConnectionListener listener);

    /**
     * Returns this transport for one client.
     *
     * @param subprotocol the subprotocol to offer, which the server must select; null for none
     */
    default Transport with(@Nullable String subprotocol, ConnectionSettings settings) {
        return this;
    }

    /** The network has changed: what was learned about the one before counts no longer. Called on the serial context. */
    default void onNetworkChanged() {}
}
