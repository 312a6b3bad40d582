package dev.holdfast.benchmarks.client;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;

/** Java-WebSocket, with TCP_NODELAY, which is off by default there. */
final class JavaWebSocketClient implements Client {
    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        JavaWebSocket webSocket = new JavaWebSocket(uri, receiver);
        webSocket.setTcpNoDelay(true);
        if (!webSocket.connectBlocking(10, TimeUnit.SECONDS)) throw new IllegalStateException("not open");
        return new JavaWebSocketConnection(webSocket);
    }

    private static final class JavaWebSocket extends WebSocketClient {
        private final Receiver receiver;

        JavaWebSocket(URI uri, Receiver receiver) {
            super(uri);
            this.receiver = receiver;
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}

        @Override
        public void onMessage(String text) {
            receiver.onText(text);
        }

        @Override
        public void onMessage(ByteBuffer bytes) {
            receiver.onBinary(bytes.remaining());
        }

        @Override
        public void onClose(int code, @Nullable String reason, boolean remote) {}

        @Override
        public void onError(Exception e) {}
    }

    private record JavaWebSocketConnection(JavaWebSocket webSocket) implements Connection {
        @Override
        public void sendText(String text) {
            webSocket.send(text);
        }

        @Override
        public void sendBinary(byte[] bytes) {
            webSocket.send(bytes);
        }

        @Override
        public void close() {
            webSocket.close();
        }
    }
}
