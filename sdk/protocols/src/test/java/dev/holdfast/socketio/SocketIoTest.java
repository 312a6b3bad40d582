package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.session.ProtocolReader;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.WaitingQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.junit5.StartStop;
import okhttp3.HttpUrl;
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
class SocketIoTest {
    private static final String HELLO =
            "0{\"sid\":\"e\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000," + "\"maxPayload\":1000000}";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private SocketIo socket;
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        if (socket != null) socket.close();
    }

    /** One connection, as the server sees it. */
    private static final class Peer extends WebSocketListener {
        final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
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
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            received.add(bytes);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, null);
        }

        void send(String text) throws Exception {
            open.get(20, TimeUnit.SECONDS).send(text);
        }

        void leave() throws Exception {
            open.get(20, TimeUnit.SECONDS).close(1011, "");
        }

        void saw(Object expected) throws Exception {
            assertEquals(expected, received.poll(20, TimeUnit.SECONDS));
        }

        /** Opens the session. */
        void accept(String connect, String payload) throws Exception {
            send(HELLO);
            saw(connect);
            send("40" + payload);
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(peer).build());
        return peer;
    }

    private SocketIoBuilder builder() {
        return SocketIo.builder(server.url("/").toString())
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))));
    }

    private void start(SocketIoBuilder builder) {
        socket = builder.build();
        socket.onConnect(seen::add);
        socket.onDisconnect(seen::add);
        socket.onConnectError(seen::add);
        socket.onAny(event -> seen.add(event.name() + event.arguments().size()));
        socket.connect();
    }

    private Object next() throws Exception {
        return seen.poll(20, TimeUnit.SECONDS);
    }

    @Test
    void connectsEmitsAndReceives() throws Exception {
        Peer peer = peer();
        start(builder());
        Delivery early = socket.emit("early", 1);
        peer.accept("40", "{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        peer.saw("42[\"early\",1]");
        assertEquals(
                Outcome.Kind.WRITTEN, early.outcome().get(20, TimeUnit.SECONDS).kind());
        assertEquals("s1", socket.id());
        assertTrue(socket.isConnected());
        peer.send("42[\"news\",\"a\",{\"b\":1}]");
        assertEquals("news2", next());
        RecordedRequest request = server.takeRequest();
        assertEquals("/socket.io/?EIO=4&transport=websocket", request.getTarget());
        socket.close();
        peer.saw("41");
        assertEquals(DisconnectReason.IO_CLIENT_DISCONNECT, next());
        assertEquals(1000, socket.closed().get(20, TimeUnit.SECONDS).code());
    }

    @Test
    void speaksOfItsNamespaceAlone() throws Exception {
        Peer peer = peer();
        start(SocketIo.builder(server.url("/admin?x=1").toString()).path("/io/").auth(() -> Map.of("user", "\u00e4")));
        peer.accept("40/admin,{\"user\":\"\u00e4\"}", "/admin,{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        socket.emit("a");
        peer.saw("42/admin,[\"a\"]");
        peer.send("42[\"other\"]");
        peer.send("42/admin,[\"mine\"]");
        assertEquals("mine0", next());
        assertEquals("/io/?x=1&EIO=4&transport=websocket", server.takeRequest().getTarget());
    }

    @Test
    void answersTheHeartbeat() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.send(HELLO);
        peer.saw("40");
        peer.send("2");
        peer.saw("3");
        peer.send("40{\"sid\":\"s1\"}");
        peer.send("2");
        peer.saw("3");
    }

    @Test
    void leavesAServerWhoseHeartbeatStops() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        peer.send(HELLO.replace("25000", "100").replace("20000", "200"));
        peer.saw("40");
        peer.send("40{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        assertEquals(DisconnectReason.PING_TIMEOUT, next());
        second.accept("40", "{\"sid\":\"s2\"}");
        assertEquals(Recovery.NEVER, next());
    }

    @Test
    void recoversTheSession() throws Exception {
        Peer first = peer();
        Peer second = peer();
        Peer third = peer();
        start(builder().auth(() -> Map.of("user", 1)));
        first.accept("40{\"user\":1}", "{\"sid\":\"s1\",\"pid\":\"p1\"}");
        assertEquals(Recovery.FIRST, next());
        first.send("42[\"n\",1,\"o1\"]");
        first.send("42[\"n\",2]");
        assertEquals("n2", next());
        assertEquals("n1", next());
        first.leave();
        assertEquals(DisconnectReason.TRANSPORT_CLOSE, next());
        second.send(HELLO);
        second.saw("40{\"pid\":\"p1\",\"offset\":\"o1\",\"user\":1}");
        second.send("42[\"n\",3,\"o3\"]");
        second.send("40{\"sid\":\"s1\",\"pid\":\"p1\"}");
        assertEquals("n2", next());
        assertEquals(Recovery.RECOVERED, next());
        second.leave();
        assertEquals(DisconnectReason.TRANSPORT_CLOSE, next());
        third.accept("40{\"pid\":\"p1\",\"offset\":\"o3\",\"user\":1}", "{\"sid\":\"s3\",\"pid\":\"p3\"}");
        assertEquals(Recovery.GAP, next());
    }

    @Test
    void aSessionWithoutAnEventHasNothingToRecoverFrom() throws Exception {
        Peer first = peer();
        Peer second = peer();
        start(builder());
        first.accept("40", "{\"sid\":\"s1\",\"pid\":\"p1\"}");
        assertEquals(Recovery.FIRST, next());
        first.leave();
        assertEquals(DisconnectReason.TRANSPORT_CLOSE, next());
        second.accept("40", "{\"sid\":\"s2\",\"pid\":\"p2\"}");
        assertEquals(Recovery.GAP, next());
    }

    @Test
    void acknowledgesBothWays() throws Exception {
        Peer peer = peer();
        start(builder());
        socket.on("question", event -> {
            assertTrue(event.wantsAck());
            event.ack("because", ByteString.of((byte) 1));
            event.ack("again");
        });
        peer.accept("40", "{\"sid\":\"s1\"}");
        CompletableFuture<Arguments> answer = socket.emitWithAck("sum", 1, 2);
        peer.saw("421[\"sum\",1,2]");
        peer.send("431[3]");
        assertEquals(3, answer.get(20, TimeUnit.SECONDS).read(0, Integer.class));
        peer.send("4217[\"question\"]");
        peer.saw("461-17[\"because\",{\"_placeholder\":true,\"num\":0}]");
        peer.saw(ByteString.of((byte) 1));
        socket.emit("end");
        peer.saw("42[\"end\"]");
    }

    @Test
    void anAnswerThatDoesNotComeIsReported() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        peer.accept("40", "{\"sid\":\"s1\"}");
        CompletableFuture<Arguments> late =
                socket.timeout(Duration.ofMillis(100)).emitWithAck("late");
        peer.saw("421[\"late\"]");
        assertEquals(Outcome.Reason.NOT_ACKNOWLEDGED, failure(late).outcome().reason());
        CompletableFuture<Arguments> lost = socket.emitWithAck("lost");
        peer.saw("422[\"lost\"]");
        peer.leave();
        assertEquals(Outcome.Reason.CONNECTION_LOST, failure(lost).outcome().reason());
        second.accept("40", "{\"sid\":\"s2\"}");
        second.send("431[]");
    }

    private static AckException failure(CompletableFuture<Arguments> answer) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(AckException.class, failed.getCause());
    }

    @Test
    void sendsAgainWhatWasNotAcknowledgedAndSaysSo() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().retries(1));
        peer.accept("40", "{\"sid\":\"s1\"}");
        Delivery delivery = socket.emit("save", "a");
        Delivery other = socket.emit("save", "b");
        peer.saw("421[\"save\",\"a\"]");
        peer.saw("422[\"save\",\"b\"]");
        peer.leave();
        second.accept("40", "{\"sid\":\"s2\"}");
        second.saw("421[\"save\",\"a\"]");
        second.saw("422[\"save\",\"b\"]");
        second.send("431[]");
        Outcome outcome = delivery.outcome().get(20, TimeUnit.SECONDS);
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome.kind());
        assertEquals("sent 2 times: the server may have handled it more than once", outcome.detail());
        assertNull(other.outcomeNow());
    }

    /** The application sees what was cancelled no more, so the server does not get it again. */
    @Test
    void aCancelledAnswerEndsItsRetries() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().retries(3));
        CompletableFuture<Arguments> waiting = socket.emitWithAck("waiting");
        assertTrue(waiting.cancel(false));
        peer.accept("40", "{\"sid\":\"s1\"}");
        CompletableFuture<Arguments> lost = socket.emitWithAck("lost");
        peer.saw("422[\"lost\"]");
        CompletableFuture<Arguments> late =
                socket.emitter().retries(1_000).timeout(Duration.ofMillis(100)).emitWithAck("late");
        peer.saw("423[\"late\"]");
        peer.saw("423[\"late\"]");
        assertTrue(late.complete(null));
        assertTrue(lost.cancel(false));
        peer.leave();
        second.accept("40", "{\"sid\":\"s2\"}");
        socket.emitter().retries(0).emit("next");
        second.saw("42[\"next\"]");
    }

    /** An event that nobody waits for does not hold up the end of a client. */
    @Test
    void aCancelledAnswerDoesNotDelayTheEnd() throws Exception {
        Peer peer = peer();
        start(builder().retries(3));
        peer.accept("40", "{\"sid\":\"s1\"}");
        CompletableFuture<Arguments> answer = socket.emitWithAck("save");
        peer.saw("421[\"save\"]");
        answer.cancel(false);
        socket.close();
        peer.saw("41");
        assertEquals(1000, socket.closed().get(20, TimeUnit.SECONDS).code());
    }

    @Test
    void carriesAttachmentsBothWays() throws Exception {
        Peer peer = peer();
        start(builder());
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        socket.on("file", events::add);
        peer.accept("40", "{\"sid\":\"s1\"}");
        Delivery sent = socket.emit("file", new byte[] {1}, "x", new byte[] {2});
        peer.saw("452-[\"file\",{\"_placeholder\":true,\"num\":0},\"x\",{\"_placeholder\":true,\"num\":1}]");
        peer.saw(ByteString.of((byte) 1));
        peer.saw(ByteString.of((byte) 2));
        assertTrue(sent.outcome().get(20, TimeUnit.SECONDS).isSuccess());
        peer.send("451-[\"file\",{\"_placeholder\":true,\"num\":0}]");
        peer.open.get().send(ByteString.encodeUtf8("bytes"));
        Event event = events.poll(20, TimeUnit.SECONDS);
        assertNotNull(event);
        assertEquals("bytes", event.arguments().bytes(0).utf8());
    }

    @Test
    void volatileEventsBelongToTheirConnection() throws Exception {
        Peer peer = peer();
        start(builder());
        assertFalse(socket.emitVolatile("move", 1));
        peer.accept("40", "{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        assertTrue(socket.emitVolatile("move", 2));
        peer.saw("42[\"move\",2]");
    }

    @Test
    void aRefusalStopsTheClientAndSaysWhy() throws Exception {
        Peer peer = peer();
        start(builder());
        peer.send(HELLO);
        peer.send("44{\"message\":\"not authorized\",\"data\":{\"hint\":\"token\"}}");
        ConnectionFailure failure = assertInstanceOf(ConnectionFailure.class, next());
        assertFalse(failure.willRetry());
        ConnectErrorException refusal = assertInstanceOf(ConnectErrorException.class, failure.cause());
        assertEquals("not authorized", refusal.getMessage());
        assertEquals("{\"hint\":\"token\"}", refusal.data());
    }

    @Test
    void aRefusedCredentialIsRenewedOnce() throws Exception {
        Peer first = peer();
        Peer second = peer();
        int[] asked = new int[1];
        start(builder().credentials(reason -> CompletableFuture.completedFuture(Credential.inOpen("t" + ++asked[0]))));
        first.send(HELLO);
        first.saw("40{\"token\":\"t1\"}");
        first.send("44{\"message\":\"expired\"}");
        assertTrue(assertInstanceOf(ConnectionFailure.class, next()).willRetry());
        second.accept("40{\"token\":\"t2\"}", "{\"sid\":\"s\"}");
        assertEquals(Recovery.FIRST, next());
    }

    @Test
    void theServersDisconnectStopsTheClientUntilItConnectsAgain() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        peer.accept("40", "{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        peer.send("41");
        assertEquals(DisconnectReason.IO_SERVER_DISCONNECT, next());
        while (socket.state() != ClientState.IDLE) Thread.sleep(5);
        socket.connect();
        second.accept("40", "{\"sid\":\"s2\"}");
        assertEquals(Recovery.NEVER, next());
    }

    @Test
    void refusesReservedNames() {
        start(builder());
        assertThrows(IllegalArgumentException.class, () -> socket.emit("disconnect"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0{}",
                "0{\"pingInterval\":0,\"pingTimeout\":1}",
                "0{\"pingInterval\":1e3,\"pingTimeout\":1}",
                "0nonsense",
                "5",
                "9",
                "42[]",
                "465-1[]",
                "4",
                "40{}",
                "40{\"sid\":5}",
                "bAAAA"
            })
    void aBrokenPacketEndsTheConnectionAndIsNamed(String packet) throws Exception {
        Peer peer = peer();
        start(builder()
                .maxAttachments(4)
                .configure(
                        client -> client.backoff(Backoff.exponential(Duration.ofSeconds(30), Duration.ofSeconds(30)))));
        peer.send(packet.startsWith("0") ? packet : HELLO);
        if (!packet.startsWith("0")) peer.send(packet);
        ConnectionFailure failure = assertInstanceOf(ConnectionFailure.class, next());
        assertTrue(failure.message().startsWith("server broke the session protocol: "), failure.message());
    }

    @Test
    void tooManyBytesOfAttachmentsEndTheConnection() throws Exception {
        Peer peer = peer();
        peer();
        start(builder().maxEventBytes(10));
        peer.accept("40", "{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        peer.send("452-[\"file\",{\"_placeholder\":true,\"num\":0}]");
        peer.open.get().send(ByteString.encodeUtf8("0123456"));
        peer.open.get().send(ByteString.encodeUtf8("0123456"));
        assertEquals(DisconnectReason.TRANSPORT_ERROR, next());
    }

    @Test
    void anAcknowledgementOfAListenerNeverWaitsForRoom() throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(client -> client.queue(
                        OutboundQueue.ofBytes(1_000_000).withOverflow(Overflow.block(Duration.ofHours(1))))));
        socket.on("question", event -> event.ack("answer"));
        peer.accept("40", "{\"sid\":\"s1\"}");
        peer.send("427[\"question\"]");
        peer.saw("437[\"answer\"]");
    }

    @Test
    void anAcknowledgementWithoutRoomIsReported() throws Exception {
        Peer peer = peer();
        BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
        ExecutorService callbacks = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task);
            thread.setUncaughtExceptionHandler((in, thrown) -> uncaught.add(thrown));
            return thread;
        });
        try {
            start(builder()
                    .configure(
                            client -> client.queue(OutboundQueue.ofBytes(100)).callbackExecutor(callbacks)));
            socket.on("question", event -> event.ack("a".repeat(100)));
            peer.accept("40", "{\"sid\":\"s1\"}");
            peer.send("427[\"question\"]");
            String report = String.valueOf(uncaught.poll(20, TimeUnit.SECONDS));
            assertTrue(report.contains("an acknowledgement was not sent: REJECTED"), report);
        } finally {
            socket.close();
            socket.closed().get(20, TimeUnit.SECONDS);
            callbacks.shutdown();
        }
    }

    @Test
    void isConnectedFollowsWhatTheListenersWereTold() throws Exception {
        ExecutorService callbacks = Executors.newSingleThreadExecutor();
        CompletableFuture<Void> handled = new CompletableFuture<>();
        try {
            Peer first = peer();
            Peer second = peer();
            socket = builder()
                    .configure(client -> client.callbackExecutor(callbacks))
                    .build();
            socket.onConnect(recovery -> seen.add("connected " + socket.isConnected()));
            socket.onDisconnect(reason -> seen.add("disconnected " + socket.isConnected()));
            socket.on("slow", event -> handled.join());
            socket.connect();
            first.accept("40", "{\"sid\":\"s1\"}");
            assertEquals("connected true", next());
            first.send("42[\"slow\"]");
            first.leave();
            // The client is open again before its listener hears of the loss.
            second.accept("40", "{\"sid\":\"s2\"}");
            while (socket.state() != ClientState.OPEN) Thread.onSpinWait();
            handled.complete(null);
            assertEquals("disconnected false", next());
            assertEquals("connected true", next());
        } finally {
            handled.complete(null);
            assertTrue(socket.close(Duration.ofSeconds(20)));
            assertFalse(socket.isConnected());
            callbacks.shutdown();
        }
    }

    @Test
    void aStaleConnectionLeavesNoTrace() throws Exception {
        SocketIoProtocol protocol = builder().protocol();
        ProtocolReader reader = protocol.reader();
        Backoff backoff = Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1));
        SessionSettings settings = new SessionSettings(false, backoff, Heartbeat.none(), 1, null, 1, 1).opening(true);
        SessionMachine machine =
                new SessionMachine(settings, new Random(1), new WaitingQueue(OutboundQueue.ofBytes(1_000)));
        for (String text : new String[] {HELLO, "40{\"sid\":\"stale\",\"pid\":\"p\"}"}) {
            Utf8Text utf8 = new Utf8Text();
            utf8.setChecked(text.getBytes(StandardCharsets.UTF_8));
            assertTrue(reader.readText(utf8).apply(machine, 7, 0).isEmpty());
        }
        assertNull(protocol.sid());
        assertFalse(protocol.recovers());
    }

    private static Request at(HttpUrl url) {
        return new Request.Builder().url(url).header("X-Client", "c").build();
    }

    @Test
    void eachHandshakeGoesToTheEndpointOfTheProvider() throws Exception {
        BlockingQueue<EndpointProvider.Reason> reasons = new LinkedBlockingQueue<>();
        List<String> paths = List.of("/?ticket=1", "/shard/2/?EIO=3", "/shard/3/");
        Peer first = peer();
        Peer second = peer();
        Peer third = peer();
        start(SocketIo.builder(server.url("/admin").toString())
                .path("/io/")
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .endpointProvider(reason -> {
                    reasons.add(reason);
                    return CompletableFuture.completedFuture(at(server.url(paths.get(reasons.size() - 1))));
                }));
        first.accept("40/admin,", "/admin,{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        first.leave();
        next();
        second.send(HELLO);
        second.saw("40/admin,");
        second.send("44/admin,{\"message\":\"no\"}");
        assertTrue(assertInstanceOf(ConnectionFailure.class, next()).willRetry());
        third.accept("40/admin,", "/admin,{\"sid\":\"s2\"}");
        assertEquals(Recovery.NEVER, next());
        assertEquals(
                List.of(
                        EndpointProvider.Reason.FIRST,
                        EndpointProvider.Reason.RECONNECT,
                        EndpointProvider.Reason.REFUSED),
                List.copyOf(reasons));
        RecordedRequest request = server.takeRequest();
        assertEquals("/io/?ticket=1&EIO=4&transport=websocket", request.getTarget());
        assertEquals("c", request.getHeaders().get("X-Client"));
        assertEquals("/shard/2/?EIO=4&transport=websocket", server.takeRequest().getTarget());
        assertEquals("/shard/3/?EIO=4&transport=websocket", server.takeRequest().getTarget());
    }

    @Test
    void aProviderThatFailsOrComesLateIsAFailedAttempt() throws Exception {
        BlockingQueue<CompletableFuture<Request>> asked = new LinkedBlockingQueue<>();
        start(builder()
                .configure(client -> client.connectTimeout(Duration.ofSeconds(3))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .endpointProvider(reason -> {
                    CompletableFuture<Request> answer = new CompletableFuture<>();
                    asked.add(answer);
                    return answer;
                }));
        IOException planted = new IOException("planted");
        asked.poll(20, TimeUnit.SECONDS).completeExceptionally(planted);
        ConnectionFailure failed = assertInstanceOf(ConnectionFailure.class, next());
        assertEquals(ConnectionFailure.Phase.ENDPOINT, failed.phase());
        assertSame(planted, failed.cause());
        asked.poll(20, TimeUnit.SECONDS).complete(null);
        failed = assertInstanceOf(ConnectionFailure.class, next());
        assertTrue(failed.toString().contains("the provider returned none"), failed::toString);
        CompletableFuture<Request> late = asked.poll(20, TimeUnit.SECONDS);
        failed = assertInstanceOf(ConnectionFailure.class, next());
        assertEquals(ConnectionFailure.Phase.ENDPOINT, failed.phase());
        CompletableFuture<Request> inTime = asked.poll(20, TimeUnit.SECONDS);
        Peer peer = peer();
        late.complete(at(server.url("/late/")));
        inTime.complete(at(server.url("/")));
        peer.accept("40", "{\"sid\":\"s1\"}");
        assertEquals(Recovery.FIRST, next());
        assertEquals(
                "/socket.io/?EIO=4&transport=websocket", server.takeRequest().getTarget());
    }
}
