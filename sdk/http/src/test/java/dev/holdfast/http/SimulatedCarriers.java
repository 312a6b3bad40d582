package dev.holdfast.http;

import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import okhttp3.Request;

/** Opens the package-private door to the carriers for the simulation. */
public final class SimulatedCarriers {
    private SimulatedCarriers() {}

    /** Returns the carrier that uses HTTP alone. */
    public static Transport httpOnly(OkHttpTransport http) {
        return new HttpTransport(http);
    }

    /**
     * Returns the carrier that uses WebSockets, and HTTP where these do not open.
     *
     * @param http its client, clock and threads serve the connections over HTTP
     * @param simulated opens WebSockets; it reports nothing from within the call
     * @param firstIntervalNanos how long after the first fallback a WebSocket is tried again
     */
    public static Transport webSocketThenHttp(OkHttpTransport http, Transport simulated, long firstIntervalNanos) {
        return new FallbackTransport(http, firstIntervalNanos) {
            @Override
            Connection webSocket(Request request, ConnectionListener listener) {
                return simulated.open(request, listener);
            }

            @Override
            void start(Connection webSocket) {}
        };
    }
}
