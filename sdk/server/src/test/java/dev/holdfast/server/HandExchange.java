package dev.holdfast.server;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A request by hand. What is written waits until the test says that it is written. */
final class HandExchange implements HttpExchange {
    final BlockingQueue<Integer> statuses = new LinkedBlockingQueue<>();
    final BlockingQueue<SendCallback> callbacks = new LinkedBlockingQueue<>();
    final CountDownLatch failed = new CountDownLatch(1);
    final StringBuilder written = new StringBuilder();

    private final Map<String, String> headers;

    HandExchange(Map<String, String> headers) {
        this.headers = headers;
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    @Override
    public void respond(int status, @Nullable String contentType, String body) {
        statuses.add(status);
    }

    @Override
    public void write(boolean last, byte[] events, SendCallback callback) {
        written.append(new String(events, StandardCharsets.UTF_8));
        callbacks.add(callback);
    }

    @Override
    public void fail() {
        failed.countDown();
    }

    @Override
    public void onOpened(ServerConnection connection) {}
}
