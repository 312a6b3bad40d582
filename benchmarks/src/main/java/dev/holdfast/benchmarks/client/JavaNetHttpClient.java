package dev.holdfast.benchmarks.client;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JDK's own client. It accepts a message only when the previous one is written, and delivers messages in parts. */
final class JavaNetHttpClient implements Client {
    private final HttpClient client = HttpClient.newHttpClient();

    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        WebSocket webSocket = client.newWebSocketBuilder()
                .buildAsync(uri, new Listener(receiver))
                .get(10, TimeUnit.SECONDS);
        return new JavaNetHttpConnection(webSocket);
    }

    private static final class Listener implements WebSocket.Listener {
        private final Receiver receiver;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

        Listener(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public void onOpen(WebSocket webSocket) {
            webSocket.request(Long.MAX_VALUE);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence piece, boolean last) {
            if (last && text.length() == 0) {
                receiver.onText(piece.toString());
                return null;
            }
            text.append(piece);
            if (last) {
                receiver.onText(text.toString());
                text.setLength(0);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer piece, boolean last) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            if (last && binary.size() == 0) {
                receiver.onBinary(bytes.length);
                return null;
            }
            binary.write(bytes, 0, bytes.length);
            if (last) {
                receiver.onBinary(binary.toByteArray().length);
                binary.reset();
            }
            return null;
        }
    }

    /**
     * A connection with one message in flight at a time, as the JDK requires. An answer may arrive before the JDK
     * reports that the message was sent.
     */
    private static final class JavaNetHttpConnection implements Connection {
        private final WebSocket webSocket;
        private volatile CompletableFuture<WebSocket> last;

        JavaNetHttpConnection(WebSocket webSocket) {
            this.webSocket = webSocket;
            this.last = CompletableFuture.completedFuture(webSocket);
        }

        @Override
        public void sendText(String text) {
            send(last.thenCompose(ready -> ready.sendText(text, true)));
        }

        @Override
        public void sendBinary(byte[] bytes) {
            send(last.thenCompose(ready -> ready.sendBinary(ByteBuffer.wrap(bytes), true)));
        }

        private void send(CompletableFuture<WebSocket> next) {
            last = next;
            next.join();
        }

        @Override
        public void close() {
            webSocket.abort();
        }
    }
}
