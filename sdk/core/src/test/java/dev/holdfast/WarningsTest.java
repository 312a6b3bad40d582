package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The log lines of a client whose callbacks are not set. */
@Timeout(30)
class WarningsTest {
    record Warning(String message, @Nullable Throwable thrown) {
        /** All that a logger would print. */
        String printed() {
            StringWriter printed = new StringWriter();
            if (thrown != null) thrown.printStackTrace(new PrintWriter(printed));
            return message + printed;
        }
    }

    private final MockWebServer server = new MockWebServer();
    private final BlockingQueue<Warning> warnings = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private @Nullable HoldfastClient client;

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void end() {
        if (client != null) client.cancel();
        server.close();
    }

    private HoldfastClientBuilder builder() {
        return builder(new Request.Builder().url(server.url("/")).build());
    }

    /** Tries again at once. Its event listener would hear failures, so they are counted in the reconnect policy's place. */
    private HoldfastClientBuilder builder(Request request) {
        return HoldfastClient.builder(request)
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1)))
                .logger((message, thrown) -> warnings.add(new Warning(message, thrown)));
    }

    private HoldfastClient connect(HoldfastClientBuilder builder) {
        client = builder.build();
        client.connect();
        return client;
    }

    private Warning take() throws InterruptedException {
        Warning warning = warnings.poll(10, TimeUnit.SECONDS);
        assertNotNull(warning, "no warning");
        return warning;
    }

    private void awaitFailures(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (client.metrics().counts().get(Metrics.Counter.FAILURES) < count) {
            assertTrue(System.nanoTime() < deadline, () -> client.metrics().toString());
            Thread.onSpinWait();
        }
    }

    private void refuse(int status, int times) {
        for (int i = 0; i < times; i++)
            // On a kept connection OkHttp may lose a response and repeat the request by itself.
            server.enqueue(new MockResponse.Builder()
                    .code(status)
                    .addHeader("Connection", "close")
                    .build());
    }

    @Test
    void theFirstFailureOfEachKindIsLogged() throws Exception {
        refuse(503, 3);
        refuse(500, 2);
        refuse(503, 2);
        refuse(403, 1);
        connect(builder());
        String at = "The connection to ws://" + server.getHostName() + ":" + server.getPort() + " failed: UPGRADE: ";
        Warning first = take();
        assertTrue(first.message().startsWith(at + "upgrade refused with HTTP 503"), first.message());
        assertTrue(
                first.message().endsWith("no onConnectionFailure callback, so it logs the first failure of each kind"));
        assertTrue(first.message().contains("attempt 1 in "), first.message());
        assertNull(first.thrown());
        assertTrue(take().message().startsWith(at + "upgrade refused with HTTP 500"));
        Warning last = take();
        assertTrue(last.message().contains("no further attempt (forbidden)"), last.message());
        awaitFailures(8);
        assertTrue(warnings.isEmpty(), warnings.toString());
    }

    @Test
    void whoeverListensHearsItAndNothingIsLogged() throws Exception {
        refuse(503, 1);
        refuse(403, 1);
        connect(builder().onConnectionFailure((from, failure) -> failures.incrementAndGet()));
        awaitFailures(2);
        client.cancel();
        client.closed().get(10, TimeUnit.SECONDS);
        assertEquals(2, failures.get());

        refuse(403, 1);
        connect(builder().listener(new HoldfastListener() {
            @Override
            public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
                failures.incrementAndGet();
            }
        }));
        awaitFailures(1);
        client.cancel();
        client.closed().get(10, TimeUnit.SECONDS);

        refuse(403, 1);
        connect(builder().addEventListener(new HoldfastEventListener() {}));
        awaitFailures(1);
        client.cancel();
        client.closed().get(10, TimeUnit.SECONDS);
        assertEquals(3, failures.get());
        assertTrue(warnings.isEmpty(), warnings.toString());
    }

    @Test
    void aListenerForMessagesAndAFrameLogHearNoFailures() throws Exception {
        refuse(403, 1);
        connect(builder()
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {}
                })
                .addEventListener(FrameLog.to(line -> {})));
        assertTrue(take().message().contains("HTTP 403"));
    }

    @Test
    void theDefaultIsJavaUtilLogging() throws Exception {
        Logger logger = Logger.getLogger("dev.holdfast");
        BlockingQueue<LogRecord> records = new LinkedBlockingQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        try {
            refuse(403, 1);
            connect(HoldfastClient.builder(server.url("/").toString()));
            LogRecord logged = records.poll(10, TimeUnit.SECONDS);
            assertNotNull(logged);
            assertEquals(Level.WARNING, logged.getLevel());
            assertEquals("dev.holdfast", logged.getLoggerName());
            assertTrue(logged.getMessage().contains("HTTP 403"), logged.getMessage());
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
    }

    @Test
    void noSecretIsLogged() throws Exception {
        // The server, an interceptor and the provider quote what they were given.
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket socket, okhttp3.Response response) {
                        socket.close(4003, "no query-secret-1 cookie-secret-2 credential-secret-3 for you");
                    }
                })
                .build());
        Request request = new Request.Builder()
                .url(server.url("/path-secret-4?token=query-secret-1"))
                .header("Cookie", "sid=cookie-secret-2; a=b")
                .build();
        AtomicInteger calls = new AtomicInteger();
        OkHttpClient okHttp = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    Request sent = chain.request();
                    if (calls.getAndIncrement() == 0) return chain.proceed(sent);
                    throw new IllegalStateException("bad call " + sent.url() + " " + sent.header("Cookie") + " "
                            + sent.header("Authorization"));
                })
                .build();
        connect(builder(request)
                .okHttpClient(okHttp)
                .credentialProvider(
                        reason -> CompletableFuture.completedFuture(Credential.bearer("credential-secret-3"))));
        Warning closed = take();
        assertTrue(closed.message().contains("server closed with 4003 no *** *** *** for you"), closed.message());
        Warning thrown = take();
        assertTrue(thrown.message().contains("CONFIGURATION: "), thrown.message());
        assertTrue(thrown.printed().contains("java.lang.IllegalStateException: bad call http://"), thrown.printed());
        assertTrue(thrown.printed().contains("at dev.holdfast.WarningsTest"), thrown.printed());
        for (Warning warning : new Warning[] {closed, thrown}) {
            assertFalse(warning.printed().contains("secret"), warning.printed());
        }
    }

    @Test
    void whatAProviderSaysIsNotLogged() throws Exception {
        connect(builder().credentialProvider(reason -> {
            throw new IllegalArgumentException("cannot parse hunter2");
        }));
        Warning warning = take();
        assertTrue(
                warning.message().contains("CREDENTIAL: no credential: IllegalArgumentException"), warning.message());
        assertTrue(warning.printed().contains("at dev.holdfast.WarningsTest"), warning.printed());
        assertFalse(warning.printed().contains("hunter2"), warning.printed());
    }

    @Test
    void aCallbackExecutorThatRefusesIsLogged() throws Exception {
        refuse(403, 1);
        connect(builder().callbackExecutor(task -> {
            throw new RejectedExecutionException("shut down");
        }));
        Warning warning = take();
        assertTrue(
                warning.message().startsWith("The callback executor of the client of ws://" + server.getHostName()),
                warning.message());
        assertEquals("java.util.concurrent.RejectedExecutionException: shut down", String.valueOf(warning.thrown()));
        assertTrue(warnings.isEmpty(), warnings.toString());
    }

    @Test
    void aLoggerThatThrowsChangesNothing() throws Exception {
        refuse(503, 2);
        Error thrown = new AssertionError("application's bug");
        BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
        connect(builder()
                .callbackExecutor(task -> {
                    Thread thread = new Thread(task);
                    thread.setUncaughtExceptionHandler((t, e) -> uncaught.add(e));
                    thread.start();
                })
                .logger((message, cause) -> {
                    throw thrown;
                }));
        assertSame(thrown, uncaught.poll(10, TimeUnit.SECONDS));
        awaitFailures(2);
    }

    @Test
    void aStoreThatAClientSurvivesIsLogged() throws InterruptedException {
        MemoryStore store = new MemoryStore();
        store.failure = new StoreException(StoreException.Kind.FAILED, "the disk is read-only", null);
        client = builder()
                .store(store)
                .storeFailure(StoreFailure.CONTINUE_IN_MEMORY)
                .build();
        client.storeOpened().handle((opened, failure) -> failure).join();
        Warning warning = take();
        assertTrue(warning.message().startsWith("The client of ws://"), warning.message());
        assertTrue(warning.message().contains("the disk is read-only"), warning.message());
        assertTrue(warning.printed().contains("StoreException"), warning.printed());
    }

    @Test
    void aStoreFailureThatTheApplicationHearsIsNotLogged() {
        MemoryStore store = new MemoryStore();
        store.failure = new StoreException(StoreException.Kind.FAILED, "the disk is read-only", null);
        CompletableFuture<StoreException> heard = new CompletableFuture<>();
        client = builder()
                .store(store)
                .storeFailure(StoreFailure.CONTINUE_IN_MEMORY)
                .listener(new HoldfastListener() {
                    @Override
                    public void onStoreFailure(HoldfastClient from, StoreException failure) {
                        heard.complete(failure);
                    }
                })
                .build();
        client.storeOpened().handle((opened, failure) -> failure).join();
        assertSame(store.failure, heard.join());
        assertEquals(0, warnings.size());
    }

    @Test
    void aStoreThatEndsTheClientIsLoggedOnce() throws InterruptedException {
        MemoryStore store = new MemoryStore();
        store.failure = new StoreException(StoreException.Kind.FULL, "the disk is full", null);
        client = builder().store(store).build();
        client.closed().join();
        assertTrue(take().message().contains("STORAGE"));
        assertEquals(0, warnings.size());
    }
}
