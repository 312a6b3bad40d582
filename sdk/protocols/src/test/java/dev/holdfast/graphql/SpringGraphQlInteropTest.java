package dev.holdfast.graphql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.TypeRef;
import dev.holdfast.testkit.FaultProxy;
import graphql.schema.DataFetcher;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.graphql.execution.DefaultExecutionGraphQlService;
import org.springframework.graphql.execution.GraphQlSource;
import org.springframework.graphql.server.WebGraphQlHandler;
import org.springframework.graphql.server.WebSocketGraphQlInterceptor;
import org.springframework.graphql.server.WebSocketSessionInfo;
import org.springframework.graphql.server.webmvc.GraphQlWebSocketHandler;
import org.springframework.http.HttpHeaders;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketExtension;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The client against Spring for GraphQL, through a proxy that cuts connections. The protocol is that of Spring's own handler; a mock
 * web server has the sockets.
 */
@Tag("interop")
@Timeout(120)
class SpringGraphQlInteropTest {
    private static final int NUMBERS = 10_000;
    private static final String SCHEMA =
            "type Number { id: Int! } type Query { echo(text: String): String, fails: Int }"
                    + " type Subscription { feed(after: Int): Number!, dies: Number! }";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private FaultProxy proxy;
    private GraphQl client;
    private final BlockingQueue<ConnectionAck> connections = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();

    /** A connection, as Spring sees it. */
    private static final class Session extends WebSocketListener implements WebSocketSession {
        private final GraphQlWebSocketHandler handler;
        private final Map<String, Object> attributes = new ConcurrentHashMap<>();
        private volatile WebSocket socket;
        private volatile boolean open;

        Session(GraphQlWebSocketHandler handler) {
            this.handler = handler;
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            socket = webSocket;
            open = true;
            // Spring's handshake does this.
            attributes.put(
                    ContextSnapshot.class.getName(),
                    ContextSnapshotFactory.builder().build().captureAll());
            handler.afterConnectionEstablished(this);
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            try {
                handler.handleMessage(this, new TextMessage(text));
            } catch (Exception e) {
                webSocket.close(CloseStatus.SERVER_ERROR.getCode(), e.toString());
            }
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, null);
            ended(new CloseStatus(code));
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, Response response) {
            ended(CloseStatus.NO_CLOSE_FRAME);
        }

        private void ended(CloseStatus status) {
            open = false;
            handler.afterConnectionClosed(this, status);
        }

        @Override
        public String getId() {
            return "session-" + System.identityHashCode(this);
        }

        @Override
        public URI getUri() {
            return URI.create("/graphql");
        }

        @Override
        public HttpHeaders getHandshakeHeaders() {
            return new HttpHeaders();
        }

        @Override
        public Map<String, Object> getAttributes() {
            return attributes;
        }

        @Override
        public Principal getPrincipal() {
            return null;
        }

        @Override
        public InetSocketAddress getLocalAddress() {
            return null;
        }

        @Override
        public InetSocketAddress getRemoteAddress() {
            return null;
        }

        @Override
        public String getAcceptedProtocol() {
            return "graphql-transport-ws";
        }

        @Override
        public void setTextMessageSizeLimit(int limit) {}

        @Override
        public int getTextMessageSizeLimit() {
            return Integer.MAX_VALUE;
        }

        @Override
        public void setBinaryMessageSizeLimit(int limit) {}

        @Override
        public int getBinaryMessageSizeLimit() {
            return 0;
        }

        @Override
        public List<WebSocketExtension> getExtensions() {
            return List.of();
        }

        @Override
        public void sendMessage(WebSocketMessage<?> message) throws IOException {
            if (!socket.send((String) message.getPayload())) throw new IOException("closed");
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            close(CloseStatus.NORMAL);
        }

        @Override
        public void close(CloseStatus status) {
            open = false;
            socket.close(status.getCode(), status.getReason());
        }
    }

    /** A listener that writes down numbers, gaps and the end. */
    private static final class Log implements SubscriptionListener {
        final List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        final BlockingQueue<String> gaps = new LinkedBlockingQueue<>();
        final CompletableFuture<Object> end = new CompletableFuture<>();

        @Override
        public void onNext(Result result) {
            numbers.add(result.read(new TypeRef<Map<String, Map<String, Integer>>>() {})
                    .values()
                    .iterator()
                    .next()
                    .get("id"));
        }

        @Override
        public void onGap(String reason) {
            gaps.add(reason);
        }

        @Override
        public void onError(OperationException failure) {
            end.complete(failure);
        }

        @Override
        public void onComplete() {
            end.complete("complete");
        }
    }

    private static Flux<Map<String, Integer>> numbersAfter(int after) {
        return Flux.interval(Duration.ofMillis(5))
                .onBackpressureBuffer()
                .concatMap(tick -> Flux.range(after + 1 + 20 * tick.intValue(), 20))
                .takeWhile(id -> id <= NUMBERS)
                .map(id -> Map.of("id", id))
                .concatWith(Flux.never());
    }

    private static GraphQlWebSocketHandler handler() {
        DataFetcher<?> feed = environment -> {
            Integer after = environment.getArgument("after");
            return numbersAfter(after == null ? 0 : after);
        };
        DataFetcher<?> dies =
                environment -> Flux.just(Map.of("id", 1)).concatWith(Flux.error(new IllegalStateException("it died")));
        DataFetcher<?> fails = environment -> {
            throw new IllegalStateException("it fails");
        };
        DataFetcher<?> echo = environment -> environment.getArgument("text");
        GraphQlSource source = GraphQlSource.schemaResourceBuilder()
                .schemaResources(new ByteArrayResource(SCHEMA.getBytes(StandardCharsets.UTF_8)))
                .configureRuntimeWiring(wiring -> wiring.type(
                                "Query", type -> type.dataFetcher("echo", echo).dataFetcher("fails", fails))
                        .type(
                                "Subscription",
                                type -> type.dataFetcher("feed", feed).dataFetcher("dies", dies)))
                .build();
        WebSocketGraphQlInterceptor refusal = new WebSocketGraphQlInterceptor() {
            @Override
            public Mono<Object> handleConnectionInitialization(
                    WebSocketSessionInfo session, Map<String, Object> payload) {
                return "Bearer bad".equals(payload.get("Authorization"))
                        ? Mono.error(new IllegalStateException("refused"))
                        : Mono.just(Map.of("server", "spring"));
            }
        };
        WebGraphQlHandler graphQl = WebGraphQlHandler.builder(new DefaultExecutionGraphQlService(source))
                .interceptor(refusal)
                .build();
        return new GraphQlWebSocketHandler(graphQl, converter(), Duration.ofSeconds(5), Duration.ofMillis(300));
    }

    @SuppressWarnings({"removal", "unchecked", "rawtypes"
    }) // The other converters need another major version of Jackson.
    private static HttpMessageConverter<Object> converter() {
        return (HttpMessageConverter) new org.springframework.http.converter.json.MappingJackson2HttpMessageConverter();
    }

    @BeforeEach
    void serve() throws Exception {
        GraphQlWebSocketHandler handler = handler();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return new MockResponse.Builder()
                        .webSocketUpgrade(new Session(handler))
                        .setHeader(
                                "Sec-WebSocket-Protocol",
                                handler.getSubProtocols().get(0))
                        .build();
            }
        });
        proxy = FaultProxy.start(server.getPort());
    }

    @AfterEach
    void end() {
        if (client != null) client.close();
        proxy.close();
    }

    private void start(CompletableFuture<String> token) {
        client = GraphQl.builder("ws://127.0.0.1:" + proxy.port() + "/graphql")
                .credentials(reason -> token.thenApply(Credential::inOpen))
                .onConnect(connections::add)
                .onConnectionFailure(failures::add)
                .configure(settings ->
                        settings.backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200))))
                .build();
        client.connect();
    }

    private static <T> T next(BlockingQueue<T> queue) throws Exception {
        T value = queue.poll(30, TimeUnit.SECONDS);
        assertNotNull(value, "nothing came");
        return value;
    }

    @Test
    void operationsAndSubscriptions() throws Exception {
        start(CompletableFuture.completedFuture("good"));
        assertEquals("{\"server\":\"spring\"}", next(connections).payload());
        Result echo = client.execute(
                        Operation.of("query ($t: String) { echo(text: $t) }").withVariables(Map.of("t", "\u2713")))
                .get(30, TimeUnit.SECONDS);
        assertEquals("\u2713", echo.read("echo", String.class));
        Result fails = client.execute(Operation.of("{ fails }")).get(30, TimeUnit.SECONDS);
        assertEquals(1, fails.errors().size());
        // Here a document that is not valid gives a result with errors alone.
        for (String wrong : List.of("{ nothing }", "nonsense")) {
            Result result = client.execute(Operation.of(wrong)).get(30, TimeUnit.SECONDS);
            assertNull(result.data());
            assertEquals(1, result.errors().size());
        }
        Log dies = new Log();
        client.subscribe(Operation.of("subscription { dies { id } }"), dies);
        assertInstanceOf(OperationException.class, dies.end.get(30, TimeUnit.SECONDS));
        assertEquals(List.of(1), dies.numbers);
        Log feed = new Log();
        GraphQlSubscription subscription = client.subscribe(Operation.of("subscription { feed { id } }"), feed);
        while (feed.numbers.isEmpty()) Thread.sleep(5);
        subscription.close();
        assertEquals(
                "1",
                client.execute(Operation.of("{ echo(text: \"1\") }"))
                        .get(30, TimeUnit.SECONDS)
                        .read("echo", String.class));
        // Longer than the server's keep-alive pings.
        Thread.sleep(1_000);
        assertTrue(failures.isEmpty());
    }

    @Test
    void aRefusedCredential() throws Exception {
        start(CompletableFuture.completedFuture("bad"));
        ConnectionFailure first = next(failures);
        assertEquals(4401, first.closeCode());
        assertTrue(first.willRetry());
        assertFalse(next(failures).willRetry());
    }

    @Test
    void tenThousandNumbersThroughCutsComeOnceAndInOrder() throws Exception {
        start(CompletableFuture.completedFuture("good"));
        Log feed = new Log();
        client.subscribe(
                Operation.of("subscription ($after: Int) { feed(after: $after) { id } }"),
                CatchUp.jsonPointer("/data/feed/id").variables(id -> Map.of("after", Integer.parseInt(id))),
                feed);
        next(connections);
        while (feed.numbers.isEmpty()) Thread.sleep(5);
        int cuts = 0;
        while (feed.numbers.size() < NUMBERS) {
            Thread.sleep(200);
            if (feed.numbers.size() > NUMBERS - 500) continue;
            proxy.cut();
            next(connections);
            cuts++;
        }
        assertEquals(IntStream.rangeClosed(1, NUMBERS).boxed().toList(), feed.numbers);
        assertTrue(feed.gaps.isEmpty(), feed.gaps.toString());
        assertTrue(cuts > 2, cuts + " cuts");
        System.out.println("Spring: 10,000 results in order, " + cuts + " cuts");
    }
}
