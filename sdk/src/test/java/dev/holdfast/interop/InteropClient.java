package dev.holdfast.interop;

import okhttp3.OkHttpClient;
import okhttp3.WebSocket;

/** The client under test: the one place that says which it is. */
final class InteropClient {
    private InteropClient() {}

    static WebSocket.Factory factory(OkHttpClient client) {
        return client;
    }

    /** OkHttp itself does not, so a server that wants to shrink the client's window turns it away. */
    static boolean offersClientMaxWindowBits() {
        return !(factory(new OkHttpClient()) instanceof OkHttpClient);
    }
}
