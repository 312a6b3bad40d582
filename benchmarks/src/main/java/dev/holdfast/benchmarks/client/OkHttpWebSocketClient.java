package dev.holdfast.benchmarks.client;

import okhttp3.OkHttpClient;

/** OkHttp's own web sockets. */
final class OkHttpWebSocketClient extends OkHttpApiClient {
    OkHttpWebSocketClient() {
        this(new OkHttpClient());
    }

    private OkHttpWebSocketClient(OkHttpClient client) {
        super(client, client);
        // Each open web socket counts as a request, and the default limit is 64.
        client.dispatcher().setMaxRequests(Integer.MAX_VALUE);
    }
}
