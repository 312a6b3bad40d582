package dev.holdfast.android;

import android.os.Looper;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.rules.ExternalResource;
import org.robolectric.Shadows;

/** A server that echoes text, and the waiting for a client while the main thread's looper runs. */
final class EchoServer extends ExternalResource {
    private static final long DEADLINE_MILLIS = 20_000;

    private final MockWebServer server = new MockWebServer();
    final AtomicInteger upgrades = new AtomicInteger();
    private volatile boolean refusing;

    @Override
    protected void before() throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                upgrades.incrementAndGet();
                return refusing
                        ? new MockResponse.Builder().code(503).build()
                        : new MockResponse.Builder()
                                .webSocketUpgrade(new Echo())
                                .build();
            }
        });
        server.start();
    }

    @Override
    protected void after() {
        server.close();
    }

    String url() {
        return server.url("/").toString();
    }

    void refuse(boolean refuse) {
        refusing = refuse;
    }

    static void awaitState(HoldfastClient client, ClientState state) throws InterruptedException {
        await(() -> client.state() == state);
    }

    /** Runs what is posted to the main thread until the condition holds. */
    static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + DEADLINE_MILLIS * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError("did not happen within 20 s");
            Thread.sleep(10);
            Shadows.shadowOf(Looper.getMainLooper()).idle();
        }
    }

    private static final class Echo extends WebSocketListener {
        @Override
        public void onOpen(WebSocket webSocket, Response response) {}

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            webSocket.send(text);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, reason);
        }
    }
}
