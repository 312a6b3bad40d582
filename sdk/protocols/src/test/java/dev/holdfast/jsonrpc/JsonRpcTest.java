package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.EndpointProvider;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The client against a server that says what a test tells it to. */
@Timeout(60)
class JsonRpcTest {
    @StartStop
    private final MockWebServer server = new MockWebServer();

    private JsonRpc rpc;
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        if (rpc != null) rpc.close();
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
            webSocket.close(code, null);
        }

        void send(String text) throws Exception {
            open.get(20, TimeUnit.SECONDS).send(text);
        }

        /** Sends a member of JSON-RPC, without the version. */
        void say(String members) throws Exception {
            send("{\"jsonrpc\":\"2.0\"," + members + "}");
        }

        void leave() throws Exception {
            open.get(20, TimeUnit.SECONDS).close(1011, "");
        }

        /** Expects an object of these members behind the version. */
        void saw(String members) throws Exception {
            assertEquals("{\"jsonrpc\":\"2.0\"," + members + "}", received.poll(20, TimeUnit.SECONDS));
        }

        void sawText(String text) throws Exception {
            assertEquals(text, received.poll(20, TimeUnit.SECONDS));
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(peer).build());
        return peer;
    }

    private JsonRpcBuilder builder() {
        return JsonRpc.builder(server.url("/").toString())
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))));
    }

    private void start() {
        start(builder());
    }

    private void start(JsonRpcBuilder builder) {
        rpc = builder.build();
        rpc.connect();
    }

    /** Ends a connection, and waits until the client knows. */
    private void lose(Peer peer) throws Exception {
        CompletableFuture<Object> lost = new CompletableFuture<>();
        rpc.onConnectionFailure(lost::complete);
        peer.leave();
        lost.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS))
                .getCause();
    }

    private static JsonValue get(CompletableFuture<JsonValue> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private Object next() throws Exception {
        Object next = seen.poll(20, TimeUnit.SECONDS);
        assertNotNull(next, "nothing came");
        return next;
    }

    // ---- calls ----

    @Test
    void callsByPositionAndByName() throws Exception {
        Peer peer = peer();
        start();
        var one = rpc.call("subtract", 42, List.of("a", true), Map.of("b", 1.5));
        var two = rpc.call(Call.named("subtract", Map.of("minuend", 42)));
        var three = rpc.call("none");
        peer.saw("\"id\":1,\"method\":\"subtract\",\"params\":[42,[\"a\",true],{\"b\":1.5}]");
        peer.saw("\"id\":2,\"method\":\"subtract\",\"params\":{\"minuend\":42}");
        peer.saw("\"id\":3,\"method\":\"none\"");
        peer.say("\"id\":3,\"result\":null");
        peer.say("\"result\" : {\"n\": 1.10, \"s\":\"x,]\"} ,\"id\":1");
        peer.send("{\"id\":2,\"result\":\"t\\u00e9xt\",\"error\":null}");
        assertTrue(get(three).isNull());
        assertEquals("{\"n\": 1.10, \"s\":\"x,]\"}", get(one).json());
        assertEquals("1.10", get(one).member("n").json());
        assertEquals("t\u00e9xt", get(two).text());
        assertNull(get(one).member("nobody"));
    }

    @Test
    void anErrorHasItsCodeMessageAndData() throws Exception {
        Peer peer = peer();
        start();
        var call = rpc.call("sum", 1);
        peer.saw("\"id\":1,\"method\":\"sum\",\"params\":[1]");
        peer.say("\"id\":1,\"error\":{\"code\":-32602,\"message\":\"Invalid params\",\"data\":{\"want\":2}}");
        JsonRpcErrorException error = assertInstanceOf(JsonRpcErrorException.class, failure(call));
        assertEquals(JsonRpcErrorException.INVALID_PARAMS, error.code());
        assertEquals("Invalid params", error.errorMessage());
        assertEquals("error -32602: Invalid params", error.getMessage());
        assertEquals(
                "{\"want\":2}", assertInstanceOf(JsonValue.class, error.data()).json());
    }

    @Test
    void answersToNobodyAndSecondAnswersAreDropped() throws Exception {
        Peer peer = peer();
        start();
        var one = rpc.call("a");
        peer.saw("\"id\":1,\"method\":\"a\"");
        peer.say("\"id\":1,\"result\":1");
        peer.say("\"id\":1,\"result\":2");
        peer.say("\"id\":99,\"result\":2");
        peer.say("\"id\":\"1\",\"result\":2");
        peer.say("\"id\":-1,\"result\":2");
        peer.say("\"id\":1.5,\"result\":2");
        peer.say("\"id\":99999999999999999999999,\"result\":2");
        var two = rpc.call("b");
        peer.saw("\"id\":2,\"method\":\"b\"");
        peer.say("\"id\":2,\"result\":3");
        assertEquals("3", get(two).json());
        assertEquals("1", get(one).json());
    }

    @Test
    void anErrorOfNoCallIsReported() throws Exception {
        Peer peer = peer();
        start();
        rpc.onServerError(seen::add);
        peer.say("\"id\":null,\"error\":{\"code\":-32700,\"message\":\"Parse error\"}");
        assertEquals(
                JsonRpcErrorException.PARSE_ERROR,
                assertInstanceOf(JsonRpcErrorException.class, next()).code());
    }

    @Test
    void aCallThatMayBeRepeatedGoesOutAgainAndAnotherIsUnknown() throws Exception {
        Peer first = peer();
        start();
        var once = rpc.call("pay");
        var again = rpc.call(Call.of("balance").repeatable());
        first.saw("\"id\":1,\"method\":\"pay\"");
        first.saw("\"id\":2,\"method\":\"balance\"");
        Peer second = peer();
        first.leave();
        Outcome outcome =
                assertInstanceOf(NoAnswerException.class, failure(once)).outcome();
        assertEquals(Outcome.Kind.UNKNOWN, outcome.kind());
        assertEquals(Outcome.Reason.CONNECTION_LOST, outcome.reason());
        second.saw("\"id\":2,\"method\":\"balance\"");
        second.say("\"id\":2,\"result\":7");
        assertEquals("7", get(again).json());
    }

    @Test
    void aCallWithoutAnAnswerEndsInTimeAndTheLateAnswerIsDropped() throws Exception {
        Peer peer = peer();
        start();
        var slow = rpc.call(Call.of("slow").timeout(Duration.ofSeconds(2)).repeatable());
        peer.saw("\"id\":1,\"method\":\"slow\"");
        Outcome outcome =
                assertInstanceOf(NoAnswerException.class, failure(slow)).outcome();
        assertEquals(Outcome.Reason.NOT_ACKNOWLEDGED, outcome.reason());
        peer.say("\"id\":1,\"result\":1");
        var next = rpc.call("next");
        peer.saw("\"id\":2,\"method\":\"next\"");
        peer.say("\"id\":2,\"result\":1");
        assertEquals("1", get(next).json());
    }

    @Test
    void aCallThatIsNeverSentExpires() {
        rpc = builder().callTimeout(Duration.ofMillis(50)).build();
        Outcome outcome = assertInstanceOf(NoAnswerException.class, failure(rpc.call("a")))
                .outcome();
        assertEquals(Outcome.Kind.EXPIRED, outcome.kind());
    }

    @Test
    void aCancelledCallIsTakenBackOrNotSentAgain() throws Exception {
        Peer first = peer();
        rpc = builder().build();
        assertTrue(rpc.call("early").cancel(false));
        rpc.connect();
        var call = rpc.call(Call.of("late").repeatable());
        first.saw("\"id\":2,\"method\":\"late\"");
        assertTrue(call.cancel(false));
        Peer second = peer();
        lose(first);
        rpc.notify("end");
        second.saw("\"method\":\"end\"");
    }

    @Test
    void notificationsGoBothWays() throws Exception {
        Peer peer = peer();
        start();
        rpc.onNotification("tick", params -> seen.add("tick " + params.json()));
        rpc.notify("log", "text");
        rpc.notify(Call.named("log", Map.of("a", 1)));
        peer.saw("\"method\":\"log\",\"params\":[\"text\"]");
        peer.saw("\"method\":\"log\",\"params\":{\"a\":1}");
        peer.say("\"method\":\"tick\",\"params\":[1]");
        peer.say("\"method\":\"nobody\",\"params\":[1]");
        peer.say("\"method\":\"tick\"");
        assertEquals("tick [1]", next());
        assertEquals("tick null", next());
        peer.open.get().send(ByteString.encodeUtf8("{\"method\":\"tick\",\"params\":{\"in\":\"b\u00fctes\"}}"));
        assertEquals("tick {\"in\":\"b\u00fctes\"}", next());
    }

    // ---- batches ----

    @Test
    void aBatchIsOneMessageAndItsAnswersComeInAnyOrder() throws Exception {
        Peer peer = peer();
        start();
        var calls = rpc.batch(Call.of("a", 1), Call.of("b"), Call.of("c"));
        peer.sawText("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[1]},"
                + "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"b\"},{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"c\"}]");
        peer.send(" [ {\"id\":2,\"error\":{\"code\":1,\"message\":\"no\"}} , {\"id\":1,\"result\":[1, 2]} ] ");
        assertEquals("[1, 2]", get(calls.get(0)).json());
        assertEquals(1, ((JsonRpcErrorException) failure(calls.get(1))).code());
        NoAnswerException left = assertInstanceOf(NoAnswerException.class, failure(calls.get(2)));
        assertEquals(Outcome.Kind.ACKNOWLEDGED, left.outcome().kind());
        assertThrows(IllegalArgumentException.class, () -> rpc.batch());
    }

    @Test
    void aBatchIsSentAgainOnlyIfEveryCallMayBe() throws Exception {
        Peer first = peer();
        start();
        var again = rpc.batch(Call.of("a").repeatable(), Call.of("b").repeatable());
        var once = rpc.batch(Call.of("c").repeatable(), Call.of("d"));
        assertTrue(first.received.poll(20, TimeUnit.SECONDS).contains("\"a\""));
        assertTrue(first.received.poll(20, TimeUnit.SECONDS).contains("\"c\""));
        Peer second = peer();
        first.leave();
        for (var call : once) assertInstanceOf(NoAnswerException.class, failure(call));
        assertTrue(second.received.poll(20, TimeUnit.SECONDS).contains("\"a\""));
        second.send("[{\"id\":1,\"result\":1},{\"id\":2,\"result\":2},{\"method\":\"tick\"}]");
        assertEquals("2", get(again.get(1)).json());
        assertEquals("1", get(again.get(0)).json());
    }

    // ---- requests of the server ----

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // The client waits for it.
    void requestsOfTheServerAreAnswered() throws Exception {
        Peer peer = peer();
        start();
        rpc.onRequest("add", params -> {
            List<?> all = params.read(List.class);
            return (Integer) all.get(0) + (Integer) all.get(1);
        });
        CompletableFuture<String> later = new CompletableFuture<>();
        rpc.onRequest("later", params -> later);
        rpc.onRequest("refuse", params -> {
            throw new JsonRpcErrorException(7, "no \"thanks\"", List.of(1));
        });
        rpc.onRequest("broken", params -> new Object() {});
        peer.say("\"id\":\"x\\n\",\"method\":\"add\",\"params\":[1,2]");
        peer.saw("\"id\":\"x\\n\",\"result\":3");
        peer.say("\"id\":5,\"method\":\"refuse\"");
        peer.saw("\"id\":5,\"error\":{\"code\":7,\"message\":\"no \\\"thanks\\\"\",\"data\":[1]}");
        peer.say("\"id\":6,\"method\":\"nobody\"");
        peer.saw("\"id\":6,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}");
        peer.send(
                "[{\"id\":7,\"method\":\"later\"},{\"method\":\"note\"},{\"id\":8,\"method\":\"add\",\"params\":[1,1]}]");
        later.complete("done");
        assertEquals(
                "[{\"jsonrpc\":\"2.0\",\"id\":8,\"result\":2},{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"done\"}]"
                        .length(),
                peer.received.poll(20, TimeUnit.SECONDS).length());
    }

    @Test
    void anExceptionOfAHandlerIsAnInternalErrorAndIsReported() throws Exception {
        Peer peer = peer();
        start();
        BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
        rpc.onRequest("fail", params -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> uncaught.add(thrown));
            throw new IllegalStateException("secret");
        });
        peer.say("\"id\":5,\"method\":\"fail\"");
        peer.saw("\"id\":5,\"error\":{\"code\":-32603,\"message\":\"Internal error\"}");
        assertEquals("secret", uncaught.poll(20, TimeUnit.SECONDS).getMessage());
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // The client waits for it.
    void anAnswerDoesNotGoToAnotherConnection() throws Exception {
        Peer first = peer();
        start();
        CompletableFuture<String> later = new CompletableFuture<>();
        rpc.onRequest("later", params -> {
            seen.add("asked");
            return later;
        });
        first.say("\"id\":1,\"method\":\"later\"");
        assertEquals("asked", next());
        Peer second = peer();
        rpc.onOpen(() -> seen.add("open"));
        first.leave();
        assertEquals("open", next());
        later.complete("too late");
        rpc.notify("end");
        second.saw("\"method\":\"end\"");
    }

    // ---- what breaks the protocol ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "1",
                "{}",
                "[]",
                "[1]",
                "{\"id\":1}",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":1}",
                "{\"id\":{},\"result\":1}",
                "{\"id\":1,\"result\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
                "{\"id\":1,\"error\":{\"message\":\"\"}}",
                "{\"id\":1,\"error\":1}",
                "{\"method\":1}",
                "{\"method\":\"a\",\"params\":1}",
                "{\"id\":1,\"result\":1} {}"
            })
    void anythingElseEndsTheConnectionWithAReason(String text) throws Exception {
        Peer first = peer();
        peer();
        start();
        rpc.onConnectionFailure(failure -> seen.add(failure.message()));
        first.send(text);
        String message = (String) next();
        assertTrue(message.startsWith("server broke the session protocol: "), message);
    }

    @Test
    void deepNestingEndsTheConnection() throws Exception {
        Peer first = peer();
        peer();
        start();
        rpc.onConnectionFailure(failure -> seen.add(failure.message()));
        first.say("\"id\":1,\"result\":" + "[".repeat(100_000) + "]".repeat(100_000));
        assertEquals("server broke the session protocol: nested deeper than 500", next());
    }

    // ---- subscriptions ----

    private static String value(String id, Object value) {
        return "\"method\":\"eth_subscription\",\"params\":{\"subscription\":" + id + ",\"result\":" + value + "}";
    }

    private final class Recorder implements SubscriptionListener {
        @Override
        public void onValue(JsonValue value) {
            seen.add(value.json());
        }

        @Override
        public void onSubscribed(String id) {
            seen.add("subscribed " + id);
        }

        @Override
        public void onGap(Throwable cause) {
            seen.add("gap" + (cause == null ? "" : " " + cause.getMessage()));
        }

        @Override
        public void onUnanswered() {
            seen.add("unanswered");
        }

        @Override
        public void onEnded(Throwable cause) {
            seen.add("ended " + cause.getMessage());
        }
    }

    @Test
    void aSubscriptionGetsItsValuesAndEnds() throws Exception {
        Peer peer = peer();
        start();
        RpcSubscription heads = rpc.subscribe(SubscriptionCall.ethereum("newHeads"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]");
        // Before its answer, and of nobody.
        peer.say(value("\"0x9\"", 1));
        peer.say(value("\"0x7\"", 2));
        rpc.onNotification(
                "eth_subscription",
                params -> seen.add("other " + params.member("result").json()));
        peer.say("\"id\":2,\"result\":\"0x9\"");
        peer.say(value("\"0x9\"", 3));
        peer.say(value("\"0x8\"", 4));
        for (String expected : List.of("subscribed 0x9", "1", "other 2", "3", "other 4"))
            assertEquals(expected, next());
        assertTrue(heads.isActive());
        heads.close();
        assertFalse(heads.isActive());
        peer.saw("\"id\":3,\"method\":\"eth_unsubscribe\",\"params\":[\"0x9\"]");
        peer.say(value("\"0x9\"", 5));
        peer.say("\"id\":3,\"result\":true");
        var end = rpc.call("end");
        peer.saw("\"id\":4,\"method\":\"end\"");
        peer.say("\"id\":4,\"result\":true");
        get(end);
        assertTrue(seen.isEmpty(), seen.toString());
    }

    @Test
    void whatComesTooEarlyToWaitIsAGap() throws Exception {
        Peer peer = peer();
        start();
        rpc.subscribe(SubscriptionCall.ethereum("newHeads"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]");
        for (int i = 1; i <= 1_100; i++) peer.say(value("1", i));
        peer.say("\"id\":2,\"result\":1");
        assertEquals("subscribed 1", next());
        assertEquals("gap", next());
        for (int i = 1; i <= 1_024; i++) assertEquals("" + i, next());
    }

    @Test
    void aSubscriptionThatIsClosedBeforeItsAnswerIsEndedByIt() throws Exception {
        Peer peer = peer();
        start();
        RpcSubscription heads = rpc.subscribe(SubscriptionCall.ethereum("newHeads"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]");
        heads.close();
        peer.say("\"id\":2,\"result\":12");
        peer.saw("\"id\":3,\"method\":\"eth_unsubscribe\",\"params\":[12]");
        assertTrue(seen.isEmpty(), seen.toString());
    }

    @Test
    void aSubscriptionThatIsClosedBeforeItsConnectionIsLostHoldsNothingBack() throws Exception {
        Peer first = peer();
        start();
        RpcSubscription heads = rpc.subscribe(SubscriptionCall.ethereum("newHeads"), new Recorder());
        first.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]");
        heads.close();
        Peer second = peer();
        lose(first);
        rpc.onNotification(
                "eth_subscription",
                params -> seen.add("other " + params.member("result").json()));
        second.say(value("1", 7));
        assertEquals("other 7", next());
    }

    @Test
    void aRefusalEndsTheSubscription() throws Exception {
        Peer first = peer();
        start();
        // One after the other: both take their ids from one count.
        rpc.subscribe(SubscriptionCall.ethereum("x"), new Recorder());
        first.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"x\"]");
        rpc.subscribe(SubscriptionCall.ethereum("y"), new Recorder());
        first.saw("\"id\":4,\"method\":\"eth_subscribe\",\"params\":[\"y\"]");
        first.say("\"id\":2,\"error\":{\"code\":-32602,\"message\":\"no x\"}");
        first.say("\"id\":4,\"result\":{}");
        assertEquals("ended error -32602: no x", next());
        assertEquals("ended the server's id of a subscription is neither a string nor a number", next());
        Peer second = peer();
        lose(first);
        rpc.notify("end");
        second.saw("\"method\":\"end\"");
    }

    @Test
    void aSubscriptionWithoutAnAnswerIsAskedForAgainOnTheNextConnection() throws Exception {
        Peer first = peer();
        start();
        rpc.subscribe(
                SubscriptionCall.of(Call.of("logsSubscribe").timeout(Duration.ofMillis(100)), null), new Recorder());
        first.saw("\"id\":2,\"method\":\"logsSubscribe\"");
        assertEquals("unanswered", next());
        Peer second = peer();
        first.leave();
        second.saw("\"id\":3,\"method\":\"logsSubscribe\"");
    }

    @Test
    void withoutABackfillAnotherConnectionIsAGap() throws Exception {
        Peer first = peer();
        start();
        rpc.subscribe(SubscriptionCall.of(Call.of("logsSubscribe"), null), new Recorder());
        first.saw("\"id\":2,\"method\":\"logsSubscribe\"");
        first.say("\"id\":2,\"result\":1");
        assertEquals("subscribed 1", next());
        Peer second = peer();
        first.leave();
        second.saw("\"id\":3,\"method\":\"logsSubscribe\"");
        second.say("\"id\":3,\"result\":1");
        second.say(value("1", "\"x\""));
        for (String expected : List.of("subscribed 1", "gap", "\"x\"")) assertEquals(expected, next());
        rpc.close();
        assertTrue(((String) next()).startsWith("ended no answer: CANCELLED"));
        assertThrows(IllegalStateException.class, () -> rpc.subscribe(SubscriptionCall.ethereum("z"), new Recorder()));
    }

    private SubscriptionCall numbers() {
        return SubscriptionCall.ethereum("numbers").cursor(JsonValue::json).backfill(last -> Call.of("after", last));
    }

    @Test
    void aBackfillComesBeforeWhatIsNewAndNothingComesTwice() throws Exception {
        Peer first = peer();
        start();
        rpc.subscribe(numbers(), new Recorder());
        first.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        first.say("\"id\":2,\"result\":\"a\"");
        for (int i : new int[] {1, 2, 2, 3}) first.say(value("\"a\"", i));
        for (String expected : List.of("subscribed a", "1", "2", "3")) assertEquals(expected, next());
        Peer second = peer();
        first.leave();
        second.saw("\"id\":3,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        second.say("\"id\":3,\"result\":\"b\"");
        second.say(value("\"b\"", 6));
        second.saw("\"id\":4,\"method\":\"after\",\"params\":[\"3\"]");
        // The connection is lost again before the backfill has come.
        Peer third = peer();
        second.leave();
        third.saw("\"id\":5,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        third.say("\"id\":5,\"result\":\"b\"");
        third.saw("\"id\":6,\"method\":\"after\",\"params\":[\"3\"]");
        third.say(value("\"b\"", 7));
        third.say(value("\"b\"", 8));
        third.say("\"id\":6,\"result\":[2,3,4,5,6,7]");
        third.say(value("\"b\"", 9));
        for (String expected : List.of("subscribed b", "subscribed b", "4", "5", "6", "7", "8", "9")) {
            assertEquals(expected, next());
        }
    }

    @Test
    void aBackfillThatFailsIsAGap() throws Exception {
        Peer peer = peer();
        start();
        rpc.subscribe(numbers().startingAfter("5"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        peer.say("\"id\":2,\"result\":\"a\"");
        peer.saw("\"id\":3,\"method\":\"after\",\"params\":[\"5\"]");
        peer.say(value("\"a\"", 9));
        peer.say("\"id\":3,\"error\":{\"code\":1,\"message\":\"too far\"}");
        for (String expected : List.of("subscribed a", "gap error 1: too far", "9")) assertEquals(expected, next());
    }

    @Test
    void moreThanMayWaitForABackfillIsFetchedByAnotherOne() throws Exception {
        Peer peer = peer();
        start();
        rpc.subscribe(numbers().startingAfter("0"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        peer.say("\"id\":2,\"result\":\"a\"");
        peer.saw("\"id\":3,\"method\":\"after\",\"params\":[\"0\"]");
        for (int i = 3; i <= 5_000; i++) peer.say(value("\"a\"", i));
        peer.say("\"id\":3,\"result\":[1,2,3]");
        peer.saw("\"id\":4,\"method\":\"after\",\"params\":[\"3\"]");
        List<String> rest = new ArrayList<>();
        for (int i = 4; i <= 5_000; i++) rest.add("" + i);
        peer.say("\"id\":4,\"result\":[" + String.join(",", rest) + "]");
        peer.say(value("\"a\"", 5_001));
        assertEquals("subscribed a", next());
        for (int i = 1; i <= 5_001; i++) assertEquals("" + i, next());
    }

    // ---- limits, and listeners that throw ----

    @Test
    void whatIsTooLargeToWaitForAnAnswerIsAGap() throws Exception {
        Peer peer = peer();
        start();
        rpc.subscribe(SubscriptionCall.ethereum("newHeads"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]");
        String large = '"' + "x".repeat(1_500_000) + '"';
        for (int i = 0; i < 3; i++) peer.say(value("1", large));
        peer.say("\"id\":2,\"result\":1");
        peer.say(value("1", 7));
        assertEquals("subscribed 1", next());
        assertEquals("gap", next());
        for (int i = 0; i < 2; i++) assertEquals(large.length(), ((String) next()).length());
        assertEquals("7", next());
    }

    @Test
    void aPositionAndAnIdHaveALimit() throws Exception {
        Peer first = peer();
        start();
        rpc.subscribe(numbers(), new Recorder());
        first.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        first.say("\"id\":2,\"result\":1");
        first.say(value("1", 5));
        String large = '"' + "x".repeat(1_100) + '"';
        for (int i = 0; i < 2; i++) first.say(value("1", large));
        for (String expected : List.of("subscribed 1", "5", large, large)) assertEquals(expected, next());
        Peer second = peer();
        lose(first);
        second.saw("\"id\":3,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        second.say("\"id\":3,\"result\":1");
        assertEquals("subscribed 1", next());
        // The value without a position did not move it.
        second.saw("\"id\":4,\"method\":\"after\",\"params\":[\"5\"]");
        rpc.subscribe(SubscriptionCall.ethereum("x"), new Recorder());
        second.saw("\"id\":6,\"method\":\"eth_subscribe\",\"params\":[\"x\"]");
        second.say("\"id\":6,\"result\":" + large);
        assertEquals("ended the server's id of a subscription has more than 1024 characters", next());
    }

    @Test
    void aCallThatIsCancelledBeforeTheNextConnectionIsNotSentAgain() throws Exception {
        Peer first = peer();
        start();
        var call = rpc.call(Call.of("late").repeatable());
        var batch = rpc.batch(Call.of("a").repeatable(), Call.of("b").repeatable());
        first.saw("\"id\":1,\"method\":\"late\"");
        assertNotNull(first.received.poll(20, TimeUnit.SECONDS));
        lose(first);
        assertTrue(call.cancel(false));
        for (var each : batch) assertTrue(each.cancel(false));
        rpc.notify("end");
        Peer second = peer();
        second.saw("\"method\":\"end\"");
    }

    @Test
    void aListenerThatThrowsInABackfillMissesNothing() throws Exception {
        Peer peer = peer();
        start();
        rpc.subscribe(numbers().startingAfter("0"), new SubscriptionListener() {
            @Override
            public void onValue(JsonValue value) {
                seen.add(value.json());
                Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
                throw new IllegalStateException("planted");
            }
        });
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        peer.say("\"id\":2,\"result\":1");
        peer.saw("\"id\":3,\"method\":\"after\",\"params\":[\"0\"]");
        peer.say(value("1", 3));
        peer.say(value("1", 4));
        peer.say("\"id\":3,\"result\":[1,2]");
        peer.say(value("1", 5));
        for (int i = 1; i <= 5; i++) assertEquals("" + i, next());
    }

    @Test
    void aBatchThatIsAnsweredBySingleObjectsEnds() throws Exception {
        Peer peer = peer();
        start();
        var calls = rpc.batch(Call.of("a"), Call.of("b"));
        assertNotNull(peer.received.poll(20, TimeUnit.SECONDS));
        peer.say("\"id\":2,\"result\":7");
        assertEquals("7", get(calls.get(1)).json());
        NoAnswerException left = assertInstanceOf(NoAnswerException.class, failure(calls.get(0)));
        assertEquals(Outcome.Kind.ACKNOWLEDGED, left.outcome().kind());
    }

    @Test
    void repliesAndBackfillsNeverWaitForRoom() throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(client -> client.queue(
                        OutboundQueue.ofBytes(1_000_000).withOverflow(Overflow.block(Duration.ofHours(1))))));
        rpc.onRequest("now", params -> "done");
        rpc.subscribe(numbers().startingAfter("0"), new Recorder());
        peer.saw("\"id\":2,\"method\":\"eth_subscribe\",\"params\":[\"numbers\"]");
        peer.say("\"id\":5,\"method\":\"now\"");
        peer.saw("\"id\":5,\"result\":\"done\"");
        peer.say("\"id\":2,\"result\":1");
        peer.saw("\"id\":3,\"method\":\"after\",\"params\":[\"0\"]");
    }

    // ---- endpoints ----

    @Test
    void eachHandshakeGoesToTheEndpointOfTheProvider() throws Exception {
        BlockingQueue<EndpointProvider.Reason> reasons = new LinkedBlockingQueue<>();
        Peer first = new Peer();
        Peer second = new Peer();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(first)
                .addHeader("Sec-WebSocket-Protocol", "rpc.v1")
                .build());
        // A redirect within the origin is followed, as everywhere.
        server.enqueue(new MockResponse.Builder()
                .code(307)
                .addHeader("Location", "/moved")
                .build());
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(second)
                .addHeader("Sec-WebSocket-Protocol", "rpc.v1")
                .build());
        start(builder().subprotocol("rpc.v1").endpointProvider(reason -> {
            reasons.add(reason);
            return CompletableFuture.completedFuture(new Request.Builder()
                    .url(server.url("/ticket/" + reasons.size()))
                    .build());
        }));
        lose(first);
        rpc.notify("after");
        second.saw("\"method\":\"after\"");
        assertEquals(EndpointProvider.Reason.FIRST, reasons.poll());
        assertEquals(EndpointProvider.Reason.RECONNECT, reasons.poll());
        RecordedRequest request = server.takeRequest();
        assertEquals("/ticket/1", request.getTarget());
        assertEquals("rpc.v1", request.getHeaders().get("Sec-WebSocket-Protocol"));
        assertEquals("/ticket/2", server.takeRequest().getTarget());
        assertEquals("/moved", server.takeRequest().getTarget());
    }
}
