package dev.holdfast.sample.server;

import dev.holdfast.server.SendCallback;
import dev.holdfast.server.Transport;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/** A WebSocket of Jetty's. */
final class WebSocketWire implements Transport {
    private final Session socket;
    private final EndPoint endPoint;

    WebSocketWire(Session socket, EndPoint endPoint) {
        this.socket = socket;
        this.endPoint = endPoint;
    }

    @Override
    public void demand() {
        socket.demand();
    }

    @Override
    public void sendText(String text, SendCallback callback) {
        socket.sendText(text, Callback.from(callback::succeeded, callback::failed));
    }

    @Override
    public void sendBinary(byte[] bytes, SendCallback callback) {
        socket.sendBinary(ByteBuffer.wrap(bytes), Callback.from(callback::succeeded, callback::failed));
    }

    /** Sends a ping, which may go between the fragments of a message. */
    @Override
    public void ping() {
        socket.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
    }

    @Override
    public void close(int code, String reason) {
        socket.close(code, reason, Callback.NOOP);
    }

    /** Ends the TCP connection, with a reset if the platform permits it. */
    @Override
    public void abort() {
        if (endPoint.getTransport() instanceof SocketChannel channel) {
            try {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException e) {
                // The connection is already closed, or will be closed without a reset.
            }
        }
        socket.disconnect();
    }
}
