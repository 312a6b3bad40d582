package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.EndpointProvider.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real server that takes each URL once, and an application that supplies another one for each attempt. */
@Timeout(60)
class EndpointProviderTest {
    private final MockWebServer server = new MockWebServer();
    private final AtomicInteger issued = new AtomicInteger();
    /** The tickets that the server still takes. */
    private final Set<String> good = ConcurrentHashMap.newKeySet();

    private final BlockingQueue<Reason> reasons = new LinkedBlockingQueue<>();
    private final BlockingQueue<WebSocket> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();
    /** The paths and queries of all handshakes. */
    private final List<String> handshakes = new CopyOnWriteArrayList<>();

    private @Nullable HoldfastClient client;

    @BeforeEach
    void start() throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                handshakes.add(request.getTarget());
                String ticket = request.getUrl().queryParameter("ticket");
                if (ticket == null || !good.remove(ticket)) {
                    // The next attempt comes at once, and must not find this connection in OkHttp's pool.
                    return new MockResponse.Builder()
                            .code(401)
                            .addHeader("Connection", "close")
                            .build();
                }
                return new MockResponse.Builder()
                        .webSocketUpgrade(new WebSocketListener() {
                            @Override
                            public void onOpen(WebSocket webSocket, okhttp3.Response response) {
                                opened.add(webSocket);
                            }

                            @Override
                            public void onMessage(WebSocket webSocket, String text) {
                                webSocket.send("echo " + text);
                            }

                            @Override
                            public void onClosing(WebSocket webSocket, int code, String reason) {
                                webSocket.close(code, null);
                            }
                        })
                        .build();
            }
        });
        server.start();
    }

    @AfterEach
    void end() {
        if (client != null) client.cancel();
        server.close();
    }

    private Request next() {
        String ticket = "secret-ticket-" + issued.incrementAndGet();
        good.add(ticket);
        return at(ticket);
    }

    private Request at(String ticket) {
        return new Request.Builder()
                .url(server.url("/link?ticket=" + ticket))
                .header("X-Client", "endpoint " + issued.get())
                .build();
    }

    private HoldfastClientBuilder builder(EndpointProvider endpoints) {
        return HoldfastClient.builder("ws://service.example/")
                .endpointProvider(reason -> {
                    reasons.add(reason);
                    return endpoints.endpoint(reason);
                })
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1)))
                .onConnectionFailure((c, failure) -> failures.add(failure));
    }

    private HoldfastClient connect(HoldfastClientBuilder builder) {
        client = builder.build();
        client.connect();
        return client;
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(30, TimeUnit.SECONDS);
        assertNotNull(taken, "nothing came");
        return taken;
    }

    @Test
    void eachConnectionHasAUrlOfItsOwn() throws Exception {
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        connect(builder(reason -> CompletableFuture.completedFuture(next()))
                .onMessage((c, message) -> messages.add(message.text())));
        for (int i = 1; i <= 5; i++) {
            assertEquals(i == 1 ? Reason.FIRST : Reason.RECONNECT, take(reasons));
            WebSocket connection = take(opened);
            client.send("hello " + i);
            assertEquals("echo hello " + i, take(messages));
            assertEquals("/link?ticket=secret-ticket-" + i, handshakes.get(i - 1));
            if (i < 5) connection.close(1011, "again");
        }
        assertEquals(5, handshakes.size());
    }

    @Test
    void theHeadersAreThoseOfTheRequest() throws Exception {
        connect(builder(reason -> CompletableFuture.completedFuture(next())));
        take(opened);
        assertEquals("endpoint 1", server.takeRequest().getHeaders().get("X-Client"));
    }

    @Test
    void aRefusedUrlIsReplacedAtOnce() throws Exception {
        connect(builder(reason ->
                CompletableFuture.completedFuture(reason == Reason.FIRST ? at("secret-ticket-used") : next())));
        take(opened);
        assertEquals(Reason.FIRST, take(reasons));
        assertEquals(Reason.REFUSED, take(reasons));
        ConnectionFailure failure = take(failures);
        assertEquals(401, failure.httpStatus());
        assertFalse(failure.toString().contains("secret-ticket"), failure.toString());
    }

    @Test
    void aFreshUrlThatIsRefusedStopsTheClient() throws Exception {
        connect(builder(reason -> CompletableFuture.completedFuture(at("secret-ticket-used"))));
        assertTrue(take(failures).willRetry());
        ConnectionFailure last = take(failures);
        assertFalse(last.willRetry(), last.toString());
        assertEquals("a fresh endpoint is refused", last.reason());
    }

    @Test
    void aReconnectOfTheApplicationAsksAgain() throws Exception {
        connect(builder(reason -> CompletableFuture.completedFuture(next())));
        client.opened().get(30, TimeUnit.SECONDS);
        client.reconnect().get(30, TimeUnit.SECONDS);
        assertEquals(List.of("/link?ticket=secret-ticket-1", "/link?ticket=secret-ticket-2"), handshakes);
    }

    @Test
    void aProviderThatFailsInAnyWayIsAskedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        connect(builder(reason -> {
            switch (asked.incrementAndGet()) {
                case 1:
                    throw new IllegalStateException("secret-ticket-thrown");
                case 2:
                    return CompletableFuture.failedFuture(new IOException("secret-ticket-failed"));
                case 3:
                    return CompletableFuture.completedFuture(null);
                case 4:
                    return null;
                default:
                    return CompletableFuture.completedFuture(next());
            }
        }));
        take(opened);
        for (String cause : List.of("IllegalStateException", "IOException", "the provider returned none", "Null")) {
            ConnectionFailure failure = take(failures);
            assertEquals(Phase.ENDPOINT, failure.phase());
            assertTrue(failure.message().startsWith("no endpoint: " + cause), failure.message());
            assertFalse(failure.message().contains("secret"), failure.message());
            assertTrue(failure.willRetry());
        }
        for (int i = 0; i < 5; i++) assertEquals(Reason.FIRST, take(reasons));
    }

    @Test
    void aProviderThatNeverAnswersFailsTheAttempt() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        connect(builder(reason -> asked.incrementAndGet() == 1
                        ? new CompletableFuture<>()
                        : CompletableFuture.completedFuture(next()))
                .connectTimeout(Duration.ofMillis(200)));
        ConnectionFailure failure = take(failures);
        assertEquals("no endpoint in time", failure.message());
        assertEquals(Phase.ENDPOINT, failure.phase());
        // With so short a limit a slow machine may need more attempts.
        take(opened);
    }

    @Test
    void aRequestThatIsNotAGetStopsTheClient() throws Exception {
        RequestBody body = RequestBody.create("", MediaType.get("text/plain"));
        connect(builder(reason ->
                CompletableFuture.completedFuture(next().newBuilder().post(body).build())));
        ConnectionFailure failure = take(failures);
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertFalse(failure.willRetry());
        assertTrue(failure.message().contains("must be a GET, but was a POST"), failure.message());
        assertFalse(failure.toString().contains("secret"), failure.toString());
    }

    @Test
    void theCredentialIsAskedForFirstAndGoesAlong() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        connect(builder(reason -> {
                    order.add("endpoint " + reason);
                    return CompletableFuture.completedFuture(next());
                })
                .credentialProvider(reason -> {
                    order.add("credential " + reason);
                    return CompletableFuture.completedFuture(Credential.bearer("token"));
                }));
        take(opened);
        assertEquals("Bearer token", server.takeRequest().getHeaders().get("Authorization"));
        assertEquals(List.of("credential FIRST", "endpoint FIRST"), order);
    }

    @Test
    void noLogShowsWhatIsSecretInTheUrl() throws Exception {
        BlockingQueue<String> logged = new LinkedBlockingQueue<>();
        client = HoldfastClient.builder("ws://service.example/")
                .endpointProvider(reason -> CompletableFuture.completedFuture(new Request.Builder()
                        .url(server.url("/path-secret/link?ticket=query-secret"))
                        .header("X-Token", "header-secret")
                        .build()))
                .reconnectPolicy(ReconnectPolicy.standard().withHttpStatusReaction(401, Reaction.backoff()))
                .okHttpClient(new okhttp3.OkHttpClient.Builder()
                        .addInterceptor(chain -> {
                            throw new IllegalStateException(
                                    "cannot go to " + chain.request() + " for query-secret" + " at path-secret");
                        })
                        .build())
                .logger((message, thrown) -> {
                    StringWriter printed = new StringWriter();
                    if (thrown != null) thrown.printStackTrace(new PrintWriter(printed));
                    logged.add(message + printed);
                })
                .build();
        client.connect();
        String line = take(logged);
        assertTrue(line.contains("ws://service.example"), line);
        assertTrue(line.contains("cannot go to"), line);
        for (String secret : List.of("query-secret", "path-secret", "header-secret")) {
            assertFalse(line.contains(secret), line);
        }
    }

    @Test
    void theCauseOfAFailureIsThere() throws Exception {
        connect(builder(reason -> CompletableFuture.failedFuture(new IOException("down"))));
        assertInstanceOf(IOException.class, take(failures).cause());
    }

    @Test
    void aClientHasOneSourceOfItsEndpoints() {
        HoldfastClientBuilder builder = HoldfastClient.builder("ws://service.example/")
                .endpoint("ws://other.example/")
                .endpointProvider(reason -> CompletableFuture.completedFuture(next()));
        assertThrows(IllegalStateException.class, builder::build);
        assertThrows(
                NullPointerException.class,
                () -> HoldfastClient.builder("ws://service.example/").endpointProvider(null));
    }
}
