package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
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
    private final ServerContext context;
    private final EndPoint endPoint;
    private final @Nullable JsonNode bearer;
    private @Nullable ServerConnection connection;

    LiveEndpoint(ServerContext context, EndPoint endPoint, @Nullable JsonNode bearer) {
        this.context = context;
        this.endPoint = endPoint;
        this.bearer = bearer;
    }

    @Override
    public void onWebSocketOpen(Session socket) {
        ServerConnection opened = new ServerConnection(context, socket, endPoint, bearer);
        connection = opened;
        opened.start();
    }

    @Override
    public void onWebSocketText(String text) {
        receive(new Frame.Text(text));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        callback.succeed();
        receive(new Frame.Binary(bytes));
    }

    private void receive(Frame frame) {
        ServerConnection current = connection;
        if (current != null) {
            current.receive(frame);
        }
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
        }
        callback.succeed();
    }
}
