package dev.holdfast.benchmarks.client;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A client for any implementation of web sockets behind OkHttp's interface. */
class OkHttpApiClient implements Client {
    private final OkHttpClient client;
    private final WebSocket.Factory factory;

    OkHttpApiClient(OkHttpClient client, WebSocket.Factory factory) {
        this.client = client;
        this.factory = factory;
    }

    @Override
    public Connection connect(URI uri, Receiver receiver) throws Exception {
        CompletableFuture<WebSocket> open = new CompletableFuture<>();
        WebSocket webSocket =
                factory.newWebSocket(new Request.Builder().url(uri.toString()).build(), new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket opened, Response response) {
                        open.complete(opened);
                    }

                    @Override
                    public void onMessage(WebSocket from, String text) {
                        receiver.onText(text);
                    }

                    @Override
                    public void onMessage(WebSocket from, ByteString bytes) {
                        receiver.onBinary(bytes.size());
                    }

                    @Override
                    public void onFailure(WebSocket failed, Throwable t, @Nullable Response response) {
                        open.completeExceptionally(t);
                    }
                });
        open.get(10, TimeUnit.SECONDS);
        return new OkHttpApiConnection(webSocket);
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    private static final class OkHttpApiConnection implements Connection {
        private final WebSocket webSocket;
        private final LastByteString last = new LastByteString();

        OkHttpApiConnection(WebSocket webSocket) {
            this.webSocket = webSocket;
        }

        @Override
        public void sendText(String text) {
            if (!webSocket.send(text)) throw new IllegalStateException("not taken");
        }

        @Override
        public void sendBinary(byte[] bytes) {
            if (!webSocket.send(last.of(bytes))) throw new IllegalStateException("not taken");
        }

        @Override
        public void close() {
            webSocket.cancel();
        }
    }
}
