package dev.holdfast.interop;

import dev.holdfast.Compression;
import dev.holdfast.websocket.HoldfastWebSockets;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;

/** The client under test: the one place that says which it is. */
final class InteropClient {
    /** Offers {@code permessage-deflate; client_max_window_bits}, and compresses every message. */
    static final Compression COMPRESSION = Compression.deflate().withThreshold(0);

    private InteropClient() {}

    static WebSocket.Factory factory(OkHttpClient client, Compression compression) {
        return HoldfastWebSockets.builder(client).compression(compression).build();
    }
}
