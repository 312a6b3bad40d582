package dev.holdfast.benchmarks.client;

import com.neovisionaries.ws.client.WebSocket;
import com.neovisionaries.ws.client.WebSocketAdapter;
import com.neovisionaries.ws.client.WebSocketFactory;
import java.net.URI;

/** nv-websocket-client. */
final class NvWebSocketClient implements Client {
    private final WebSocketFactory factory = new WebSocketFactory();

    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        WebSocket webSocket = factory.createSocket(uri).addListener(new WebSocketAdapter() {
            @Override
            public void onTextMessage(WebSocket from, String text) {
                receiver.onText(text);
            }

            @Override
            public void onBinaryMessage(WebSocket from, byte[] bytes) {
                receiver.onBinary(bytes.length);
            }
        });
        return new NvConnection(webSocket.connect());
    }

    private record NvConnection(WebSocket webSocket) implements Connection {
        @Override
        public void sendText(String text) {
            webSocket.sendText(text);
        }

        @Override
        public void sendBinary(byte[] bytes) {
            webSocket.sendBinary(bytes);
        }

        @Override
        public void close() {
            webSocket.disconnect();
        }
    }
}
