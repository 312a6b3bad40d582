package dev.holdfast.benchmarks.client;

import dev.holdfast.websocket.HoldfastWebSockets;
import okhttp3.OkHttpClient;

/** Holdfast's codec without a session, through OkHttp's interface. */
final class HoldfastWebSocketsClient extends OkHttpApiClient {
    HoldfastWebSocketsClient() {
        this(new OkHttpClient());
    }

    private HoldfastWebSocketsClient(OkHttpClient client) {
        // The ping workload has several messages of 16 MiB in the queue.
        super(
                client,
                HoldfastWebSockets.builder(client).maxQueueBytes(Long.MAX_VALUE).build());
    }
}
