package dev.holdfast.sample.server;

import dev.holdfast.server.Admission;
import dev.holdfast.server.ServerConnection;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * The listener that Jetty calls serially; it creates a {@link ServerConnection} on open. It is public because Jetty
 * calls it by reflection.
 */
public final class LiveEndpoint implements Session.Listener {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Admission.Granted admission;
    private final EndPoint endPoint;
    private final Access access;

    private @Nullable ServerConnection connection;

    LiveEndpoint(Admission.Granted admission, EndPoint endPoint, Access access) {
        this.admission = admission;
        this.endPoint = endPoint;
        this.access = access;
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        connection = admission.open(new WebSocketWire(socket, endPoint));
    }

    @Override
    public void onWebSocketText(String text) {
        ServerConnection current = connection;
        if (current != null) {
            current.receiveText(text, true);
        }
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        ServerConnection current = connection;
        if (current != null) {
            current.receiveBinary(payload, true);
        }
        callback.succeed();
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        // The close event that follows says all that matters here: the connection is gone.
    }

    @Override
    public void onWebSocketClose(int code, String reason, Callback callback) {
        ServerConnection current = connection;
        if (current != null) {
            current.onClosed();
            access.closed(current, "", SWITCHING_PROTOCOLS, code);
        }
        callback.succeed();
    }
}
