package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.ByteString;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Web sockets of one maker, with servers for them. After each test it sees to it that nothing is left: every listener
 * heard of one end, and threads, dispatcher, pool and timers are empty.
 */
abstract class FactoryRig implements AfterEachCallback {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Small, so that a server that does not read is soon noticed. */
    static final int SOCKET_BUFFER = 16 * 1024;

    final IoPool io = new IoPool();
    final ConnectionPool pool = new ConnectionPool();
    final Dispatcher dispatcher = new Dispatcher(io);
    /** The application's client. */
    final OkHttpClient client = new OkHttpClient.Builder()
            .connectionPool(pool)
            .dispatcher(dispatcher)
            .build();

    final RawServer server = new RawServer(SOCKET_BUFFER);

    private final List<ListenerRecorder> recorders = new ArrayList<>();
    private final List<WebSocket> opened = new ArrayList<>();
    private MockWebServer mock;

    /** Whose web sockets these are. */
    abstract WebSocket.Factory factory(OkHttpClient client);

    abstract boolean has(Difference difference);

    /** The time that the web sockets live in moves on. Where it is the real one it does so by itself. */
    abstract void pass(Duration duration) throws InterruptedException;

    /** So much time passes, whether anything waits for it or not. */
    abstract void hold(Duration duration);

    abstract void assertNoTimers();

    // ---- servers ----

    /** A server that can do HTTP of any kind. */
    MockWebServer mock() throws IOException {
        if (mock == null) {
            mock = new MockWebServer();
            mock.start();
        }
        return mock;
    }

    /** Its next answer is an upgrade. What it is sent it sends back. */
    void enqueueEcho(String... headers) throws IOException {
        MockResponse.Builder upgrade = new MockResponse.Builder().webSocketUpgrade(new Echo());
        for (String header : headers) upgrade.addHeader(header);
        mock().enqueue(upgrade.build());
    }

    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket webSocket, String text) {
            webSocket.send(text);
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

    String mockUrl() throws IOException {
        return mock().url("/live").toString();
    }

    // ---- clients ----

    ListenerRecorder newRecorder() {
        ListenerRecorder recorder = new ListenerRecorder();
        recorders.add(recorder);
        return recorder;
    }

    static Request request(String url) {
        return new Request.Builder().url(url).build();
    }

    /** Starts to connect to the server of bytes. */
    WebSocket open(WebSocketListener listener) {
        return open(client, server.url(), listener);
    }

    WebSocket open(OkHttpClient client, String url, WebSocketListener listener) {
        return open(client, request(url), listener);
    }

    WebSocket open(OkHttpClient client, Request request, WebSocketListener listener) {
        WebSocket webSocket = factory(client).newWebSocket(request, listener);
        opened.add(webSocket);
        return webSocket;
    }

    /** Both sides agree to end it. */
    void endByClose(WebSocket webSocket, ListenerRecorder recorder) throws InterruptedException {
        assertTrue(webSocket.close(1000, "bye"));
        recorder.takeClosingAndClosed(1000, "bye");
    }

    /** The end of a test whose web socket is no longer of interest. */
    void endByCancel(WebSocket webSocket, ListenerRecorder recorder) throws InterruptedException {
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
    }

    /** Real time goes by. */
    static void awaitMillis(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        await("time to go by", () -> System.nanoTime() >= until);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) throw new AssertionError("waited in vain: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    // ---- TLS ----

    /** Of a server on this machine, and of who trusts it. Keys take their time to make. */
    static final HandshakeCertificates CERTIFICATES = certificates("localhost", "127.0.0.1");

    static HandshakeCertificates certificates(String... hosts) {
        HeldCertificate.Builder certificate = new HeldCertificate.Builder();
        for (String host : hosts) certificate.addSubjectAlternativeName(host);
        HeldCertificate held = certificate.build();
        return new HandshakeCertificates.Builder()
                .heldCertificate(held)
                .addTrustedCertificate(held.certificate())
                .build();
    }

    static OkHttpClient trusting(OkHttpClient client, HandshakeCertificates certificates) {
        return client.newBuilder()
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
                .build();
    }

    // ---- the end of a test ----

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (context.getExecutionException().isPresent()) {
                for (WebSocket webSocket : opened) webSocket.cancel();
            } else {
                assertNothingLeft();
            }
        } finally {
            server.close();
            if (mock != null) mock.close();
        }
    }

    private void assertNothingLeft() throws InterruptedException {
        io.awaitIdle();
        io.assertNothingThrown();
        assertEquals(0, dispatcher.runningCallsCount() + dispatcher.queuedCallsCount(), "calls in the dispatcher");
        await("empty pool", () -> {
            pool.evictAll();
            return pool.connectionCount() == 0;
        });
        for (ListenerRecorder recorder : recorders) recorder.assertEndedOnce();
        assertNoTimers();
    }
}
