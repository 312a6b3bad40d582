package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The real transport, over a real socket, against a server that others wrote. */
class OkHttpTransportContractTest extends TransportContract {
    private final MockWebServer server = new MockWebServer();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final OkHttpClient client = new OkHttpClient();

    @BeforeEach
    void start() throws IOException {
        server.start();
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(new Echo()).build());
    }

    @AfterEach
    void stop() {
        server.close();
        threads.shutdownNow();
        timer.shutdownNow();
    }

    @Override
    Request request() {
        return new Request.Builder().url(server.url("/")).build();
    }

    @Override
    Request refusingRequest() {
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Request.Builder()
                    .url("http://127.0.0.1:" + closed.getLocalPort() + "/")
                    .build();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    Transport transport() {
        Scheduler scheduler = (task, delayNanos) -> {
            ScheduledFuture<?> future = timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        };
        long origin = System.nanoTime();
        return new OkHttpTransport(
                client,
                null,
                ConnectionSettings.of(TimeUnit.SECONDS.toNanos(10), 1 << 20),
                threads,
                scheduler,
                () -> System.nanoTime() - origin,
                new SecureRandom());
    }

    @Override
    void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "did not come true");
            LockSupport.parkNanos(100_000);
        }
    }

    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket webSocket, String text) {
            if (text.equals("close")) {
                webSocket.close(4000, "");
            } else {
                webSocket.send(text);
            }
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            webSocket.send(bytes);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, reason);
        }
    }
}
