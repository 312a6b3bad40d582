package dev.holdfast.graphql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.EncodedPayload;
import dev.holdfast.EndpointProvider;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.PayloadCodec;
import dev.holdfast.PayloadException;
import dev.holdfast.Reaction;
import dev.holdfast.internal.protocols.Json;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against a server that says what a test tells it to. */
@Timeout(60)
class GraphQlTest {
    private static final String INIT = "{\"type\":\"connection_init\"}";
    private static final String ACK = "{\"type\":\"connection_ack\"}";
    private static final Operation QUERY = Operation.of("{ a }");
    private static final Operation NEWS = Operation.of("subscription { news }");
    private static final CatchUp AFTER = CatchUp.jsonPointer("/data/news/id").variables(id -> Map.of("after", id));

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private GraphQl client;
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void end() throws Exception {
        if (client == null) return;
        client.disconnect();
        client.close();
        client.closed().get(20, TimeUnit.SECONDS);
    }

    /** One connection, as the server sees it. */
    private static final class Peer extends WebSocketListener {
        final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        final CompletableFuture<WebSocket> open = new CompletableFuture<>();

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            open.complete(webSocket);
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            received.add(text);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            received.add("closed " + code + " " + reason);
            webSocket.close(code, null);
        }

        void send(String text) throws Exception {
            open.get(20, TimeUnit.SECONDS).send(text);
        }

        void leave(int code) throws Exception {
            open.get(20, TimeUnit.SECONDS).close(code, "");
        }

        String next() throws Exception {
            return received.poll(20, TimeUnit.SECONDS);
        }

        void saw(String expected) throws Exception {
            assertEquals(expected, next());
        }

        void accept() throws Exception {
            saw(INIT);
            send(ACK);
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(peer)
                .setHeader("Sec-WebSocket-Protocol", "graphql-transport-ws")
                .build());
        return peer;
    }

    private GraphQlBuilder builder() {
        return GraphQl.builder(server.url("/graphql").toString())
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50)))
                        .closeTimeout(Duration.ofSeconds(1)));
    }

    private void start(GraphQlBuilder builder) {
        client = builder.onConnect(seen::add).onConnectionFailure(seen::add).build();
        client.connect();
    }

    private Object next() throws Exception {
        return seen.poll(20, TimeUnit.SECONDS);
    }

    private void connected() throws Exception {
        assertInstanceOf(ConnectionAck.class, next());
    }

    private ConnectionFailure failed() throws Exception {
        return assertInstanceOf(ConnectionFailure.class, next());
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static <T extends Throwable> T failure(Class<T> type, CompletableFuture<?> future) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(type, failed.getCause());
    }

    private static String subscribe(String id, String payload) {
        return "{\"id\":\"" + id + "\",\"type\":\"subscribe\",\"payload\":" + payload + "}";
    }

    private static String query(String id) {
        return subscribe(id, "{\"query\":\"{ a }\"}");
    }

    private static String news(String id) {
        return subscribe(id, "{\"query\":\"subscription { news }\"}");
    }

    private static String newsAfter(String id, String after) {
        return subscribe(id, "{\"query\":\"subscription { news }\",\"variables\":{\"after\":\"" + after + "\"}}");
    }

    private static String message(String id, String type, String payload) {
        return "{\"id\":\"" + id + "\",\"type\":\"" + type + "\",\"payload\":" + payload + "}";
    }

    private static String result(String id, int number) {
        return message(id, "next", "{\"data\":{\"news\":{\"id\":" + number + "}}}");
    }

    private static String complete(String id) {
        return "{\"id\":\"" + id + "\",\"type\":\"complete\"}";
    }

    /** Writes down what a listener receives. */
    private final class Log implements SubscriptionListener {
        private final String name;

        Log(String name) {
            this.name = name;
        }

        @Override
        public void onNext(Result result) {
            seen.add(name + " " + result.json());
        }

        @Override
        public void onGap(String reason) {
            seen.add(name + " gap");
        }

        @Override
        public void onError(OperationException failure) {
            seen.add(failure);
        }

        @Override
        public void onComplete() {
            seen.add(name + " complete");
        }
    }

    private void told(String name, int number) throws Exception {
        assertEquals(name + " {\"data\":{\"news\":{\"id\":" + number + "}}}", next());
    }

    // ---- the connection ----

    @Test
    void opensWithThePayloadsOfBothSides() throws Exception {
        Peer peer = peer();
        start(builder().initPayload(() -> Map.of("user", "\u00e4")));
        peer.saw("{\"type\":\"connection_init\",\"payload\":{\"user\":\"\u00e4\"}}");
        assertFalse(client.isConnected());
        peer.send("{\"type\":\"connection_ack\",\"payload\":{\"server\":7}}");
        ConnectionAck ack = assertInstanceOf(ConnectionAck.class, next());
        assertEquals("{\"server\":7}", ack.payload());
        assertEquals(Map.of("server", 7), ack.read(Map.class));
        assertTrue(client.isConnected());
        assertEquals("graphql-transport-ws", server.takeRequest().getHeaders().get("Sec-WebSocket-Protocol"));
        client.close();
        peer.saw("{\"type\":\"pong\"}");
        assertTrue(peer.next().startsWith("closed 1000"));
    }

    @Test
    void answersPingsWithTheirPayload() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.saw(INIT);
        peer.send("{\"type\":\"ping\"}");
        peer.saw("{\"type\":\"pong\"}");
        peer.send(ACK);
        connected();
        peer.send("{\"type\":\"ping\",\"payload\":{\"n\": 1}}");
        peer.saw("{\"type\":\"pong\",\"payload\":{\"n\": 1}}");
        peer.send("{\"type\":\"pong\",\"payload\":null}");
        CompletableFuture<Result> result = client.execute(QUERY);
        peer.saw(query("q1"));
        peer.send(message("q1", "next", "{\"data\":{}}"));
        assertEquals("{}", get(result).data());
    }

    @Test
    void aServerThatDoesNotAcknowledgeInTimeIsLeft() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder()
                .configure(settings -> settings.connectTimeout(Duration.ofSeconds(3))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50)))));
        peer.saw(INIT);
        assertEquals("no welcome in time", failed().message());
        second.accept();
        connected();
    }

    @Test
    void aCredentialGoesIntoTheFirstMessageAndIsRefreshedOnce() throws Exception {
        Peer first = peer();
        Peer second = peer();
        AtomicInteger tokens = new AtomicInteger();
        start(builder()
                .initPayload(() -> Map.of("app", 1))
                .credentials(reason ->
                        CompletableFuture.completedFuture(Credential.inOpen("t" + tokens.incrementAndGet()))));
        first.saw("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer t1\",\"app\":1}}");
        first.leave(4403);
        assertTrue(failed().willRetry());
        second.saw("{\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer t2\",\"app\":1}}");
        second.leave(4401);
        ConnectionFailure refused = failed();
        assertFalse(refused.willRetry());
        assertEquals(4401, refused.closeCode());
        assertEquals(2, tokens.get());
    }

    @Test
    void theCredentialStandsWhereTheApplicationSays() throws Exception {
        Peer peer = peer();
        start(builder()
                .credentials(reason -> CompletableFuture.completedFuture(Credential.inOpen("t")))
                .credentialPayload(token -> Map.of("authToken", token)));
        peer.saw("{\"type\":\"connection_init\",\"payload\":{\"authToken\":\"t\"}}");
    }

    @ParameterizedTest
    @CsvSource({
        "4004, false",
        "4005, false",
        "4400, false",
        "4401, false",
        "4403, false",
        "4406, false",
        "4408, true",
        "4409, false",
        "4429, false",
        "4499, true",
        "4500, true",
        "4504, true",
        "1000, true",
        "1011, true",
        "1012, true"
    })
    void reactsToCloseCodes(int code, boolean again) throws Exception {
        Peer peer = peer();
        start(builder());
        peer.accept();
        connected();
        peer.leave(code);
        ConnectionFailure failure = failed();
        assertEquals(code, failure.closeCode());
        assertEquals(again, failure.willRetry());
        if (!again) while (client.state() != ClientState.IDLE) Thread.onSpinWait();
    }

    @Test
    void theReactionsCanBeChanged() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder()
                .configure(settings -> settings.reconnectPolicy(
                        GraphQlBuilder.reconnectPolicy(false).withCloseReaction(4403, Reaction.now()))));
        peer.accept();
        connected();
        peer.leave(4403);
        assertTrue(failed().willRetry());
        second.accept();
        connected();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "nonsense",
                "{}",
                "{\"type\":1}",
                "{\"type\":\"nonsense\"}",
                "{\"type\":\"subscribe\",\"id\":\"q1\"}",
                "{\"type\":\"ping\",\"payload\":[]}",
                "{\"type\":\"connection_ack\"}",
                "{\"type\":\"next\",\"payload\":{\"data\":{}}}",
                "{\"type\":\"next\",\"id\":\"\",\"payload\":{\"data\":{}}}",
                "{\"type\":\"next\",\"id\":7,\"payload\":{\"data\":{}}}",
                "{\"type\":\"next\",\"id\":\"q1\"}",
                "{\"type\":\"next\",\"id\":\"q1\",\"payload\":[]}",
                "{\"type\":\"next\",\"id\":\"q1\",\"payload\":{\"errors\":{}}}",
                "{\"type\":\"next\",\"id\":\"q1\",\"payload\":{\"errors\":[{}]}}",
                "{\"type\":\"error\",\"id\":\"q1\"}",
                "{\"type\":\"error\",\"id\":\"q1\",\"payload\":[]}",
                "{\"type\":\"error\",\"id\":\"q1\",\"payload\":{\"message\":\"x\"}}",
                "{\"type\":\"complete\"}",
                "{\"type\":\"pong\"} {\"type\":\"pong\"}"
            })
    void aBrokenMessageEndsTheConnectionWith4400(String broken) throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        peer.accept();
        connected();
        peer.send(broken);
        ConnectionFailure failure = failed();
        assertTrue(failure.message().startsWith("server broke the session protocol: "), failure.message());
        assertTrue(failure.willRetry());
        assertTrue(peer.next().startsWith("closed 4400"));
        second.accept();
        connected();
    }

    @Test
    void hostileSizesAndDepthsAreBrokenMessages() throws Exception {
        for (String broken : List.of(
                "{\"type\":\"pong\",\"payload\":{\"a\":" + "[".repeat(200_000) + "]".repeat(200_000) + "}}",
                "{\"type\":\"" + "x".repeat(1_000_000) + "\"}")) {
            Peer peer = peer();
            // Otherwise the first client may take the connection of the second one.
            start(builder()
                    .configure(settings -> settings.reconnectPolicy(GraphQlBuilder.reconnectPolicy(false)
                            .withDefaultReaction(Reaction.stop("once is enough")))));
            peer.accept();
            connected();
            peer.send(broken);
            assertTrue(failed().message().length() < 1_000);
            end();
        }
    }

    @Test
    void anOperationsMessageBeforeTheAcknowledgementIsBroken() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.saw(INIT);
        peer.send(message("q1", "next", "{\"data\":{}}"));
        assertTrue(failed().message().contains("before connection_ack"));
    }

    @Test
    void messagesOfUnknownOperationsAreIgnored() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.accept();
        connected();
        for (String id : List.of("q7", "s7", "x", "q", "qq", "q99999999999999999999")) {
            peer.send(message(id, "next", "{\"data\":{}}"));
            peer.send(message(id, "error", "[{\"message\":\"x\"}]"));
            peer.send(complete(id));
        }
        CompletableFuture<Result> result = client.execute(QUERY);
        peer.saw(query("q1"));
        peer.send(message("q1", "next", "{\"data\":{\"a\":1}}"));
        peer.send(message("q1", "next", "{\"data\":{\"a\":2}}"));
        peer.send(complete("q1"));
        assertEquals("{\"a\":1}", get(result).data());
        assertTrue(seen.isEmpty());
    }

    // ---- queries and mutations ----

    @Test
    void executesWithVariablesAndReadsResults() throws Exception {
        Peer peer = peer();
        start(builder());
        CompletableFuture<Result> early = client.execute(Operation.of("query A($x: Int, $y: Y) { a }")
                .withName("A")
                .withVariables(Map.of("x", List.of(1, Map.of("z", "\""))))
                .withExtensions(Map.of("e", true)));
        peer.accept();
        connected();
        peer.saw(subscribe(
                "q1",
                "{\"query\":\"query A($x: Int, $y: Y) { a }\",\"operationName\":\"A\",\"variables\":"
                        + "{\"x\":[1,{\"z\":\"\\\"\"}]},\"extensions\":{\"e\":true}}"));
        peer.send(message(
                "q1",
                "next",
                "{\"data\":{\"a\": {\"b\" : 1.50}},\"errors\":[{\"message\":\"part\",\"path\":[\"c\"],"
                        + "\"extensions\":{\"code\":\"C\"}}],\"extensions\":{\"t\":1}}"));
        peer.send(complete("q1"));
        Result result = get(early);
        assertEquals("{\"a\": {\"b\" : 1.50}}", result.data());
        assertEquals(Map.of("b", 1.5), result.read("a", Map.class));
        assertEquals(Map.of("a", Map.of("b", 1.5)), result.read(Map.class));
        assertNull(result.read("none", Map.class));
        assertEquals("{\"t\":1}", result.extensions());
        GraphQlError error = result.errors().get(0);
        assertEquals("part (C)", error.toString());
        assertEquals("[\"c\"]", error.path());
        assertEquals("{\"code\":\"C\"}", error.extensions());
    }

    @Test
    void errorsAndOddAnswersFailTheFuture() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.accept();
        CompletableFuture<Result> wrong = client.execute(QUERY);
        CompletableFuture<Result> empty = client.execute(QUERY);
        CompletableFuture<Result> parts = client.execute(QUERY);
        for (int i = 1; i <= 3; i++) peer.saw(query("q" + i));
        peer.send(message("q1", "error", "[{\"message\":\"no\"},{\"message\":\"such field\"}]"));
        peer.send(complete("q2"));
        peer.send(message("q3", "next", "{\"data\":{},\"hasNext\":true}"));
        assertEquals(
                "such field",
                failure(OperationException.class, wrong).errors().get(1).message());
        assertTrue(failure(OperationException.class, empty).getMessage().contains("without a result"));
        assertTrue(failure(OperationException.class, parts).getMessage().contains("parts"));
        peer.saw(complete("q3"));
    }

    @Test
    void aMutationIsNeverSentTwiceAndARepeatableQueryIs() throws Exception {
        Peer first = peer();
        Peer second = peer();
        start(builder());
        first.accept();
        connected();
        CompletableFuture<Result> mutation = client.execute(Operation.of("mutation { m }"));
        CompletableFuture<Result> query = client.execute(QUERY.repeatable());
        first.saw(subscribe("q1", "{\"query\":\"mutation { m }\"}"));
        first.saw(query("q2"));
        first.leave(1011);
        Outcome outcome = failure(NoResultException.class, mutation).outcome();
        assertEquals(Outcome.Kind.UNKNOWN, outcome.kind());
        assertEquals(Outcome.Reason.CONNECTION_LOST, outcome.reason());
        second.accept();
        second.saw(query("q2"));
        second.send(message("q2", "next", "{\"data\":{}}"));
        assertEquals("{}", get(query).data());
    }

    @Test
    void aTimeLimitEndsAnOperation() throws Exception {
        Peer first = peer();
        Peer second = peer();
        start(builder().timeout(Duration.ofSeconds(3)));
        first.accept();
        connected();
        CompletableFuture<Result> once = client.execute(QUERY);
        CompletableFuture<Result> repeatable = client.execute(QUERY.repeatable());
        first.saw(query("q1"));
        first.saw(query("q2"));
        Outcome outcome = failure(NoResultException.class, once).outcome();
        assertEquals(Outcome.Reason.NOT_ACKNOWLEDGED, outcome.reason());
        assertEquals(
                Outcome.Reason.NOT_ACKNOWLEDGED,
                failure(NoResultException.class, repeatable).outcome().reason());
        // The server is told, and nothing is sent twice on a connection: its id would be in use.
        assertEquals(
                List.of(complete("q1"), complete("q2")),
                List.of(first.next(), first.next()).stream().sorted().toList());
        first.leave(1011);
        second.saw(INIT);
        CompletableFuture<Result> never = client.execute(QUERY.withTimeout(Duration.ofMillis(50)));
        assertEquals(
                Outcome.Kind.EXPIRED,
                failure(NoResultException.class, never).outcome().kind());
    }

    @Test
    void aCancelledOperationLeavesTheQueueOrIsCompleted() throws Exception {
        Peer peer = peer();
        start(builder());
        CompletableFuture<Result> queued = client.execute(QUERY);
        peer.saw(INIT);
        queued.cancel(true);
        peer.send(ACK);
        connected();
        CompletableFuture<Result> sent = client.execute(QUERY.repeatable());
        peer.saw(query("q2"));
        sent.cancel(true);
        peer.saw(complete("q2"));
    }

    /** Writes bytes, which GraphQL has no place for. */
    private static final class BytesCodec implements PayloadCodec {
        @Override
        public EncodedPayload encode(Object object) {
            return EncodedPayload.binary(ByteString.EMPTY);
        }

        @Override
        public Object decode(EncodedPayload payload, Type type) {
            throw new AssertionError();
        }
    }

    @Test
    void variablesThatCannotBeWrittenAreTheCallersFault() {
        start(builder());
        Operation broken = QUERY.withVariables(Map.of("x", (Runnable) () -> {}));
        assertThrows(RuntimeException.class, () -> client.execute(broken));
        assertThrows(RuntimeException.class, () -> client.subscribe(broken, new Log("a")));
        assertThrows(PayloadException.class, () -> Json.of(new byte[0], BytesCodec::new));
        assertThrows(IllegalArgumentException.class, () -> QUERY.withTimeout(Duration.ZERO));
    }

    // ---- subscriptions ----

    @Test
    void subscriptionsReceiveResultsErrorsAndCompletion() throws Exception {
        Peer peer = peer();
        start(builder());
        client.subscribe(NEWS, new Log("a"));
        peer.accept();
        connected();
        peer.saw(news("s1.1"));
        GraphQlSubscription b = client.subscribe(NEWS, new Log("b"));
        GraphQlSubscription c = client.subscribe(NEWS, new Log("c"));
        peer.saw(news("s2.1"));
        peer.saw(news("s3.1"));
        peer.send(result("s1.1", 1));
        peer.send(result("s2.1", 2));
        peer.send(message("s1.1", "next", "{\"data\":null,\"errors\":[{\"message\":\"once\"}]}"));
        told("a", 1);
        told("b", 2);
        assertEquals("a {\"data\":null,\"errors\":[{\"message\":\"once\"}]}", next());
        peer.send(message("s1.1", "error", "[{\"message\":\"gone\"}]"));
        assertEquals(
                "[gone]", assertInstanceOf(OperationException.class, next()).getMessage());
        peer.send(result("s1.1", 3));
        peer.send(complete("s2.1"));
        assertEquals("b complete", next());
        assertFalse(b.isActive());
        b.close();
        peer.send(result("s3.1", 4));
        told("c", 4);
        assertTrue(c.isActive());
        c.close();
        peer.saw(complete("s3.1"));
        peer.send(result("s3.1", 5));
        CompletableFuture<Result> last = client.execute(QUERY);
        peer.saw(query("q4"));
        peer.send(message("q4", "next", "{\"data\":{}}"));
        get(last);
        assertTrue(seen.isEmpty());
        assertNotNull(b.toString());
    }

    @Test
    void withoutCatchUpEachNewConnectionIsAGap() throws Exception {
        Peer first = peer();
        Peer second = peer();
        Peer third = peer();
        start(builder());
        client.subscribe(NEWS, new Log("a"));
        GraphQlSubscription closed = client.subscribe(NEWS, new Log("b"));
        first.accept();
        connected();
        first.saw(news("s1.1"));
        first.saw(news("s2.1"));
        first.send(result("s1.1", 1));
        told("a", 1);
        closed.close();
        first.saw(complete("s2.1"));
        first.leave(1011);
        failed();
        client.subscribe(NEWS, new Log("c"));
        second.accept();
        second.saw(news("s1.2"));
        second.saw(news("s3.1"));
        assertEquals("a gap", next());
        connected();
        second.send(result("s1.2", 1));
        told("a", 1);
        second.leave(1011);
        failed();
        third.accept();
        List<Object> gaps = new ArrayList<>(List.of(next(), next()));
        assertTrue(gaps.containsAll(List.of("a gap", "c gap")), gaps.toString());
        connected();
    }

    @Test
    void aListenerThatThrowsCostsNobodyElseAReport() throws Exception {
        Peer first = peer();
        Peer second = peer();
        start(builder()
                .configure(settings -> settings.backoff(
                                Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50)))
                        .callbackExecutor(task -> {
                            Thread thread = new Thread(task);
                            thread.setUncaughtExceptionHandler(
                                    (where, thrown) -> seen.add(String.valueOf(thrown.getMessage())));
                            thread.start();
                        })));
        SubscriptionListener broken = new SubscriptionListener() {
            @Override
            public void onNext(Result result) {}

            @Override
            public void onGap(String reason) {
                throw new IllegalStateException("bug");
            }
        };
        client.subscribe(NEWS, broken);
        client.subscribe(NEWS, new Log("b"));
        client.subscribe(NEWS, broken);
        first.accept();
        connected();
        for (int i = 1; i <= 3; i++) first.saw(news("s" + i + ".1"));
        first.leave(1011);
        failed();
        second.accept();
        assertEquals("b gap", next());
        connected();
        assertEquals("bug", next());
    }

    @Test
    void catchesUpFromTheLastResultAndDropsWhatItHas() throws Exception {
        Peer first = peer();
        Peer second = peer();
        Peer third = peer();
        start(builder());
        client.subscribe(NEWS, AFTER, new Log("a"));
        first.accept();
        connected();
        first.saw(news("s1.1"));
        first.leave(1011);
        failed();
        second.accept();
        second.saw(news("s1.2"));
        // Nothing gives a position yet.
        assertEquals("a gap", next());
        connected();
        second.send(result("s1.2", 1));
        second.send(result("s1.2", 2));
        second.send(message("s1.2", "next", "{\"data\":{}}"));
        told("a", 1);
        told("a", 2);
        assertEquals("a {\"data\":{}}", next());
        second.leave(1011);
        failed();
        third.accept();
        third.saw(newsAfter("s1.3", "2"));
        connected();
        third.send(result("s1.3", 2));
        third.send(result("s1.3", 3));
        told("a", 3);
        assertTrue(seen.isEmpty());
    }

    @Test
    void startsAfterAnId() throws Exception {
        Peer peer = peer();
        start(builder());
        client.subscribe(NEWS.withVariables(Map.of("after", "none", "n", 1)), AFTER.startingAfter("7"), new Log("a"));
        peer.accept();
        connected();
        String message = peer.next();
        assertTrue(message.contains("\"after\":\"7\"") && message.contains("\"n\":1"), message);
        peer.send(result("s1.1", 7));
        peer.send(result("s1.1", 8));
        told("a", 8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "error [{\"message\":\"x\",\"extensions\":{\"code\":\"TRIMMED\"}}]",
                "next {\"data\":null,\"errors\":[{\"message\":\"x\",\"extensions\":{\"code\":\"TRIMMED\"}}]}"
            })
    void aStaleIdIsAGapAndTheSubscriptionStartsOver(String answer) throws Exception {
        String type = answer.split(" ", 2)[0];
        String payload = answer.split(" ", 2)[1];
        Peer peer = peer();
        start(builder());
        client.subscribe(NEWS, AFTER.startingAfter("7").staleIf(error -> "TRIMMED".equals(error.code())), new Log("a"));
        peer.accept();
        connected();
        peer.saw(newsAfter("s1.1", "7"));
        peer.send(message("s1.1", type, payload));
        // What still comes of the refused operation says nothing of the new one.
        peer.send(result("s1.1", 6));
        peer.send(complete("s1.1"));
        assertEquals("a gap", next());
        peer.saw(news("s1.2"));
        peer.send(result("s1.2", 1));
        told("a", 1);
        // It asked for nothing, so this answer would come for ever.
        peer.send(message("s1.2", type, payload));
        peer.send(complete("s1.2"));
        Object last = next();
        if (type.equals("error")) {
            assertEquals(
                    "TRIMMED",
                    assertInstanceOf(OperationException.class, last)
                            .errors()
                            .get(0)
                            .code());
        } else {
            assertEquals("a " + payload, last);
            assertEquals("a complete", next());
        }
    }

    @Test
    void aTestForStaleIdsThatThrowsEndsTheSubscription() throws Exception {
        Peer peer = peer();
        start(builder());
        client.subscribe(
                NEWS,
                AFTER.startingAfter("7").staleIf(error -> {
                    throw new IllegalStateException("bug");
                }),
                new Log("a"));
        peer.accept();
        connected();
        peer.saw(newsAfter("s1.1", "7"));
        peer.send(message("s1.1", "error", "[{\"message\":\"x\"}]"));
        assertEquals("[x]", assertInstanceOf(OperationException.class, next()).getMessage());
    }

    @Test
    void variablesThatThrowEndTheSubscriptionAndNoOther() throws Exception {
        Peer first = peer();
        Peer second = peer();
        start(builder());
        IllegalStateException bug = new IllegalStateException("bug");
        CatchUp broken = CatchUp.jsonPointer("/data/news/id").variables(id -> {
            throw bug;
        });
        client.subscribe(NEWS, broken, new Log("a"));
        client.subscribe(NEWS, AFTER, new Log("b"));
        first.accept();
        connected();
        first.saw(news("s1.1"));
        first.saw(news("s2.1"));
        first.send(result("s1.1", 1));
        first.send(result("s2.1", 2));
        told("a", 1);
        told("b", 2);
        first.leave(1011);
        failed();
        second.accept();
        second.saw(newsAfter("s2.2", "2"));
        List<Object> both = List.of(next(), next());
        assertTrue(
                both.stream().anyMatch(told -> told instanceof OperationException failure && failure.getCause() == bug),
                both.toString());
        assertTrue(both.stream().anyMatch(ConnectionAck.class::isInstance), both.toString());
    }

    @Test
    void theEndOfTheClientEndsWhatGoesOn() throws Exception {
        Peer peer = peer();
        start(builder());
        client.subscribe(NEWS, new Log("a"));
        peer.accept();
        connected();
        peer.saw(news("s1.1"));
        client.close();
        assertTrue(
                assertInstanceOf(OperationException.class, next()).getMessage().startsWith("the client has ended"));
        get(client.closed());
        assertThrows(IllegalStateException.class, () -> client.subscribe(NEWS, new Log("b")));
        assertEquals(
                Outcome.Kind.CANCELLED,
                failure(NoResultException.class, client.execute(QUERY))
                        .outcome()
                        .kind());
    }

    @Test
    void aBinaryMessageIsBroken() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.accept();
        connected();
        peer.open.get().send(ByteString.encodeUtf8("x"));
        assertTrue(failed().message().contains("binary message"));
    }

    @Test
    void theServerHearsOfAnEndInACallbackWithoutAWaitForRoom() throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(settings -> settings.queue(
                        OutboundQueue.ofBytes(1_000_000).withOverflow(Overflow.block(Duration.ofHours(1))))));
        peer.accept();
        connected();
        CompletableFuture<Result> cancelled = client.execute(QUERY);
        peer.saw(query("q1"));
        client.subscribe(NEWS, result -> cancelled.cancel(true));
        peer.saw(news("s2.1"));
        peer.send(result("s2.1", 1));
        peer.saw(complete("q1"));
        CompletableFuture<Result> inParts = client.execute(QUERY);
        peer.saw(query("q3"));
        peer.send(message("q3", "next", "{\"data\":{},\"hasNext\":true}"));
        peer.saw(complete("q3"));
        failure(OperationException.class, inParts);
    }

    @Test
    void eachHandshakeGoesToTheEndpointOfTheProvider() throws Exception {
        BlockingQueue<EndpointProvider.Reason> reasons = new LinkedBlockingQueue<>();
        Peer first = peer();
        Peer second = peer();
        Peer third = peer();
        start(builder().endpointProvider(reason -> {
            reasons.add(reason);
            return CompletableFuture.completedFuture(new Request.Builder()
                    .url(server.url("/ticket/" + reasons.size()))
                    .header("X-Ticket", "t" + reasons.size())
                    .build());
        }));
        first.accept();
        connected();
        first.leave(1011);
        failed();
        second.saw(INIT);
        second.leave(4403);
        assertTrue(failed().willRetry());
        third.accept();
        connected();
        assertEquals(
                List.of(
                        EndpointProvider.Reason.FIRST,
                        EndpointProvider.Reason.RECONNECT,
                        EndpointProvider.Reason.REFUSED),
                new ArrayList<>(reasons).subList(0, 3));
        RecordedRequest request = server.takeRequest();
        assertEquals("/ticket/1", request.getTarget());
        assertEquals("t1", request.getHeaders().get("X-Ticket"));
        assertEquals("graphql-transport-ws", request.getHeaders().get("Sec-WebSocket-Protocol"));
    }
}
