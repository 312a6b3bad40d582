package dev.holdfast.benchmarks.client;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.WebSocketClient;

/** Jetty's client. It writes a message at once if no other write is in progress, and queues it otherwise. */
final class JettyClient implements Client {
    private static final int MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

    private final WebSocketClient client = new WebSocketClient();

    JettyClient() {
        client.setMaxTextMessageSize(MAX_MESSAGE_BYTES);
        client.setMaxBinaryMessageSize(MAX_MESSAGE_BYTES);
        client.setMaxFrameSize(MAX_MESSAGE_BYTES);
        try {
            client.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        return new JettyConnection(client.connect(new Listener(receiver), uri).get(10, TimeUnit.SECONDS));
    }

    @Override
    public void close() {
        try {
            client.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The listener. It is public because Jetty calls it by reflection. */
    public static final class Listener implements Session.Listener.AutoDemanding {
        private final Receiver receiver;

        Listener(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public void onWebSocketText(String text) {
            receiver.onText(text);
        }

        @Override
        public void onWebSocketBinary(ByteBuffer bytes, Callback callback) {
            receiver.onBinary(bytes.remaining());
            callback.succeed();
        }
    }

    private record JettyConnection(Session session) implements Connection {
        @Override
        public void sendText(String text) {
            session.sendText(text, Callback.NOOP);
        }

        @Override
        public void sendBinary(byte[] bytes) {
            session.sendBinary(ByteBuffer.wrap(bytes), Callback.NOOP);
        }

        @Override
        public void close() {
            session.disconnect();
        }
    }
}
