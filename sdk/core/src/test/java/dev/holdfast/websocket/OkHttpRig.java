package dev.holdfast.websocket;

import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;

/** OkHttp's own web sockets, by which the contract is measured. Their time is the real one. */
final class OkHttpRig extends FactoryRig {
    @Override
    WebSocket.Factory factory(OkHttpClient client) {
        return client;
    }

    @Override
    boolean has(Difference difference) {
        return false;
    }

    @Override
    void pass(Duration duration) {}

    @Override
    void hold(Duration duration) {
        awaitMillis(duration.toMillis());
    }

    @Override
    void assertNoTimers() {}
}
