package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.CallLog;
import dev.holdfast.internal.transport.IoThreads;
import dev.holdfast.internal.transport.RawServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A client without a session over real sockets to a {@link RawServer}. After each test it lets the client go and sees to
 * it that nothing is left of it, and that what it borrowed still works.
 */
final class ClientRig implements AfterEachCallback {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    final RawServer server = new RawServer();
    final IoThreads threads = new IoThreads();
    final CallLog calls = new CallLog();
    final ConnectionPool pool = new ConnectionPool();
    final OkHttpClient okHttp =
            new OkHttpClient.Builder().connectionPool(pool).eventListener(calls).build();
    final ClientRecorder recorder = new ClientRecorder();

    /** What the application's callbacks threw. */
    final List<Throwable> uncaught = Collections.synchronizedList(new ArrayList<>());

    private final ExecutorService callbacks = Executors.newFixedThreadPool(3, task -> {
        Thread thread = new Thread(task, "callbacks");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
        return thread;
    });

    private HoldfastClient client;

    ClientRig() {
        recorder.threads = "callbacks";
    }

    /** For a client that tries again at once. */
    HoldfastClientBuilder builder() {
        return builder(new Request.Builder().url(server.url()).build());
    }

    HoldfastClientBuilder builder(Request request) {
        return HoldfastClient.builder(request)
                .session(Session.none())
                .okHttpClient(okHttp)
                .ioExecutor(threads)
                .callbackExecutor(callbacks)
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1))
                        .withoutJitter())
                .listener(recorder);
    }

    HoldfastClient build() {
        return build(builder());
    }

    HoldfastClient build(HoldfastClientBuilder builder) {
        client = builder.build();
        return client;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            client.cancel();
            if (context.getExecutionException().isPresent()) return;
            // A client that was closed already tells nothing more; for the others CLOSED comes with cancel.
            awaitClosed();
            threads.awaitAllEnded();
            calls.awaitAllEnded();
            long deadline = System.nanoTime() + LIMIT_NANOS;
            do {
                pool.evictAll();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            } while (pool.connectionCount() > 0 && System.nanoTime() < deadline);
            assertEquals(0, pool.connectionCount(), "connections in the pool");
            assertEquals(0, client.bufferedAmount(), "buffered amount of a closed client");
            assertFalse(okHttp.dispatcher().executorService().isShutdown());
            callbacks.shutdown();
            assertTrue(callbacks.awaitTermination(10, TimeUnit.SECONDS));
            recorder.assertNothingWrong();
        } finally {
            callbacks.shutdownNow();
            server.close();
        }
    }

    private void awaitClosed() {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (client.state() != ClientState.CLOSED) {
            assertTrue(System.nanoTime() < deadline, "still " + client.state());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }
}
