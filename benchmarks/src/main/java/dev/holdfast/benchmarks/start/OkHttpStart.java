package dev.holdfast.benchmarks.start;

import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/** A program with OkHttp's own web socket. Takes the URL. */
final class OkHttpStart {
    private OkHttpStart() {}

    public static void main(String[] args) throws Exception {
        FirstMessage first = new FirstMessage();
        exchange(new OkHttpClient(), args[0], first);
    }

    static void exchange(WebSocket.Factory factory, String url, FirstMessage first) throws Exception {
        WebSocket unused = factory.newWebSocket(new Request.Builder().url(url).build(), new WebSocketListener() {
            @Override
            public void onOpen(WebSocket webSocket, Response response) {
                webSocket.send(FirstMessage.TEXT);
            }

            @Override
            public void onMessage(WebSocket webSocket, String text) {
                first.arrived();
            }
        });
        first.finish();
    }
}
