package dev.holdfast;

import static dev.holdfast.ClientState.CLOSING;
import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.IDLE;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** The public client, without a session, over real sockets. */
@Timeout(30)
class HoldfastClientTest {
    @RegisterExtension
    final ClientRig rig = new ClientRig();

    private HoldfastClient client;
    private Peer peer;

    /** What an application might send. */
    public static final class ChatLine {
        public String from;
        public String text;

        public ChatLine() {}

        ChatLine(String from, String text) {
            this.from = from;
            this.text = text;
        }
    }

    /** What Jackson can't write. */
    public static final class Loop {
        public final Loop itself = this;
    }

    private void connect() throws Exception {
        connect(rig.builder());
    }

    private void connect(HoldfastClientBuilder builder) throws Exception {
        client = rig.build(builder);
        client.connect();
        peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
    }

    private static Outcome outcome(Delivery delivery) throws Exception {
        return delivery.outcome().get(10, TimeUnit.SECONDS);
    }

    private static void assertEnded(Outcome.Kind kind, Delivery delivery) throws Exception {
        assertEquals(kind, outcome(delivery).kind());
        assertEquals(kind, delivery.outcomeNow().kind());
        assertEquals(Delivery.Stage.ENDED, delivery.stage());
    }

    // ---- messages ----

    @Test
    void sends() throws Exception {
        connect();
        Delivery text = client.send("Hëllo");
        peer.takeText("Hëllo");
        assertEnded(Outcome.Kind.WRITTEN, text);
        assertTrue(outcome(text).isSuccess());

        ByteString bytes = ByteString.decodeHex("0001ff");
        Delivery binary = client.send(bytes);
        assertEquals(new Frame(true, 2, bytes), peer.take());
        assertEnded(Outcome.Kind.WRITTEN, binary);

        Delivery object = client.send(new ChatLine("ada", "hi"));
        peer.takeText("{\"from\":\"ada\",\"text\":\"hi\"}");
        assertEnded(Outcome.Kind.WRITTEN, object);
        assertEquals("hi", object.message().read(ChatLine.class).text);

        // Static types do not change what a message is.
        Object boxed = "boxed";
        client.send(boxed);
        peer.takeText("boxed");
        Object boxedBytes = bytes;
        client.send(boxedBytes);
        assertEquals(2, peer.take().opcode());
        assertThrows(NullPointerException.class, () -> client.send((Object) null));
    }

    @Test
    void anIdleClientHasOneThread() throws Exception {
        connect();
        rig.threads.awaitRunning(1);
        assertEnded(Outcome.Kind.WRITTEN, client.send("first"));
        peer.takeText("first");
        rig.threads.awaitRunning(1);
        assertEquals(OPEN, client.state());
        assertEnded(Outcome.Kind.WRITTEN, client.send("after a pause"));
        peer.takeText("after a pause");
    }

    @Test
    void receives() throws Exception {
        connect();
        peer.text("Hëllo");
        Message text = rig.recorder.takeMessage();
        assertEquals("Hëllo", text.text());
        assertFalse(text.isBinary());
        assertNull(text.id());
        assertThrows(IllegalStateException.class, text::bytes);

        ByteString bytes = ByteString.decodeHex("0001ff");
        peer.binary(bytes);
        Message binary = rig.recorder.takeMessage();
        assertTrue(binary.isBinary());
        assertEquals(bytes, binary.bytes());
        assertThrows(IllegalStateException.class, binary::text);
        assertThrows(IllegalStateException.class, () -> binary.read(ChatLine.class));

        peer.text("{\"from\":\"ada\",\"text\":\"hi\",\"since\":\"the next version\"}");
        assertEquals("hi", rig.recorder.takeMessage().read(ChatLine.class).text);
    }

    /** Including characters whose low byte is an ASCII character. */
    @Test
    void textsOfEveryAlphabetArrive() throws Exception {
        connect();
        String[] alphabets = {"", "plain", "\u0141\u0142", "é", "\u2022", "\ud83d\ude00"};
        for (int length : new int[] {1, 300, 10_000}) {
            for (String alphabet : alphabets) client.send(alphabet.repeat(length));
            client.send("x".repeat(length) + '\u0141');
            for (String alphabet : alphabets) peer.takeText(alphabet.repeat(length));
            peer.takeText("x".repeat(length) + '\u0141');
        }
        client.send("unpaired \ud83d");
        peer.takeText("unpaired ?");
    }

    @Test
    void bufferedAmountCountsPayloadBytesUntilTheyAreWritten() throws Exception {
        client = rig.build();
        client.send("Hëllo");
        client.send(ByteString.of(new byte[100]));
        Delivery last = client.send("last");
        assertEquals(6 + 100 + 4, client.bufferedAmount());
        assertEquals(Delivery.Stage.QUEUED, last.stage());
        assertNull(last.outcomeNow());
        client.connect();
        peer = rig.server.acceptUpgrade();
        peer.takeText("Hëllo");
        assertEquals(100, peer.take().payload().size());
        peer.takeText("last");
        outcome(last);
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void aMegabyteAndThousandsOfMessages() throws Exception {
        connect();
        ByteString large = ByteString.of(new byte[1024 * 1024]);
        Delivery first = client.send(large);
        Delivery last = first;
        for (int i = 0; i < 5000; i++) last = client.send("message " + i);
        int size = 0;
        for (Frame frame = peer.take(); ; frame = peer.take()) {
            size += frame.payload().size();
            if (frame.fin()) break;
        }
        assertEquals(large.size(), size);
        for (int i = 0; i < 5000; i++) peer.takeText("message " + i);
        assertEnded(Outcome.Kind.WRITTEN, first);
        assertEnded(Outcome.Kind.WRITTEN, last);
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void objectThatCanNotBeWritten() throws Exception {
        connect();
        PayloadException thrown = assertThrows(PayloadException.class, () -> client.send(new Loop()));
        assertTrue(thrown.getMessage().startsWith("Loop cannot be written as JSON: "), thrown.getMessage());
        assertNotNull(thrown.getCause());
        assertEquals(0, client.bufferedAmount());
        client.send("next");
        peer.takeText("next");
    }

    @Test
    void messageThatCanNotBeRead() throws Exception {
        connect();
        peer.text("not JSON");
        Message message = rig.recorder.takeMessage();
        PayloadException thrown = assertThrows(PayloadException.class, () -> message.read(ChatLine.class));
        assertTrue(thrown.getMessage().startsWith("message is not a ChatLine: "), thrown.getMessage());

        peer.text("[1, 2]");
        Message other = rig.recorder.takeMessage();
        assertThrows(PayloadException.class, () -> other.read(ChatLine.class));
        assertEquals("[1, 2]", other.text());
    }

    // ---- the queue ----

    @Test
    void queueOfBytesThatIsFull() throws Exception {
        client = rig.build(rig.builder().queue(OutboundQueue.ofBytes(10)));
        Delivery taken = client.send("12345678");
        Delivery dropped = client.send("123");
        assertEnded(Outcome.Kind.DROPPED, dropped);
        assertEquals("the queue is full", outcome(dropped).detail());
        assertFalse(outcome(dropped).isSuccess());
        Delivery fits = client.send("12");
        assertEquals(10, client.bufferedAmount());

        client.connect();
        peer = rig.server.acceptUpgrade();
        peer.takeText("12345678");
        peer.takeText("12");
        assertEnded(Outcome.Kind.WRITTEN, taken);
        assertEnded(Outcome.Kind.WRITTEN, fits);
        assertEnded(Outcome.Kind.WRITTEN, client.send("1234567890"));
    }

    @Test
    void queueOfMessagesThatIsFull() throws Exception {
        client = rig.build(rig.builder().queue(OutboundQueue.ofBytes(10).withMaxMessages(2)));
        client.send("");
        client.send("");
        assertEnded(Outcome.Kind.DROPPED, client.send(""));
    }

    @Test
    void messageLargerThanTheQueue() {
        client = rig.build(rig.builder().queue(OutboundQueue.ofBytes(10)));
        Outcome outcome = client.send("12345678901").outcomeNow();
        assertEquals(Outcome.tooLarge("message of 11 bytes, and the queue takes at most 10"), outcome);
        assertEquals(Outcome.Reason.TOO_LARGE, outcome.reason());
        assertNull(outcome.code(), "the code is the server's");
        assertEquals(0, client.bufferedAmount());
    }

    // ---- the end ----

    @Test
    void closes() throws Exception {
        connect();
        Delivery last = client.send("last");
        client.close();
        peer.takeText("last");
        peer.takeClose(1000);
        peer.closeFrame(1000, "bye");
        peer.close();
        rig.recorder.takeStates(CLOSING);
        rig.recorder.takeClosed(1000, "bye");
        assertEquals(ClientState.CLOSED, client.state());
        assertEnded(Outcome.Kind.WRITTEN, last);

        assertEnded(Outcome.Kind.CANCELLED, client.send("late"));
        assertEquals("the client is closed", client.send("late").outcomeNow().detail());
        client.connect();
        client.disconnect();
        client.close();
        client.cancel();
        assertEquals(ClientState.CLOSED, client.state());
    }

    @Test
    void whatIsSentWhileClosingIsCancelled() throws Exception {
        connect();
        client.close();
        peer.takeClose(1000);
        Delivery late = client.send("late");
        assertEnded(Outcome.Kind.CANCELLED, late);
        assertEquals("the client is closing", outcome(late).detail());
        peer.closeFrame(1000, "");
        peer.close();
        rig.recorder.takeStates(CLOSING);
        rig.recorder.takeClosed(1000, "");
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void closesWithoutEverConnecting() throws Exception {
        client = rig.build();
        Delivery never = client.send("never");
        client.close();
        rig.recorder.takeStates(CLOSING);
        rig.recorder.takeClosed(1006, "not everything could be sent");
        assertEnded(Outcome.Kind.CANCELLED, never);
    }

    @Test
    void closeHasATimeLimit() throws Exception {
        connect(rig.builder().closeTimeout(Duration.ofMillis(50)));
        client.close();
        peer.takeClose(1000);
        rig.recorder.takeStates(CLOSING);
        rig.recorder.takeClosed(1006, "server did not finish closing in time");
        peer.takeEnd();
    }

    @Test
    void cancels() throws Exception {
        connect();
        client.cancel();
        rig.recorder.takeClosed(1006, "cancelled");
        peer.takeEnd();
        assertEnded(Outcome.Kind.CANCELLED, client.send("late"));
    }

    @Test
    void cancelsWhileConnecting() throws Exception {
        client = rig.build();
        Delivery queued = client.send("queued");
        client.connect();
        Peer never = rig.server.accept();
        never.readRequest();
        client.cancel();
        rig.recorder.takeStates(CONNECTING);
        rig.recorder.takeClosed(1006, "cancelled");
        never.takeEnd();
        assertEnded(Outcome.Kind.CANCELLED, queued);
    }

    @Test
    void disconnectsAndConnectsAgain() throws Exception {
        connect();
        client.disconnect();
        peer.takeClose(1001);
        peer.closeFrame(1001, "");
        peer.close();
        rig.recorder.takeStates(IDLE);
        Delivery waits = client.send("waits");
        client.connect();
        peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        peer.takeText("waits");
        assertEnded(Outcome.Kind.WRITTEN, waits);
        rig.recorder.assertNothingMore();
    }

    @Test
    void anOpeningHasTheServersHeaders() throws Exception {
        Request request = new Request.Builder()
                .url(rig.server.url())
                .header("Sec-WebSocket-Protocol", "chat")
                .build();
        client = rig.build(rig.builder(request).compression(Compression.none()));
        CompletableFuture<Opening> opened = client.opened();
        client.connect();
        peer = rig.server.accept();
        peer.readRequest();
        List<String> answer = new ArrayList<>(peer.upgraded());
        answer.add("X-Node: seven");
        peer.answer(answer);
        Opening opening = opened.get(10, TimeUnit.SECONDS);
        assertEquals("chat", opening.subprotocol());
        assertNull(opening.extensions());
        assertEquals("seven", opening.responseHeaders().get("X-Node"));
        assertEquals(1, opening.attempt());
        assertFalse(opening.isResumed());
        client.cancel();
        assertEquals(1006, client.closed().get(10, TimeUnit.SECONDS).code());
        rig.recorder.takeStates(CONNECTING, OPEN);
        rig.recorder.takeClosed(1006, "cancelled");
    }

    // ---- callbacks ----

    @Test
    void callbacksComeOneAfterAnotherAndInOrder() throws Exception {
        connect();
        Thread server = new Thread(() -> {
            try {
                for (int i = 0; i < 2000; i++) peer.text("message " + i);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        server.start();
        for (int i = 0; i < 2000; i++)
            assertEquals("message " + i, rig.recorder.takeMessage().text());
        server.join();
    }

    @Test
    void deliveriesEndOnTheCallbackExecutor() throws Exception {
        client = rig.build();
        Delivery delivery = client.send("x");
        List<String> threads = new ArrayList<>();
        CompletableFuture<Void> told = delivery.outcome()
                .thenAccept(outcome -> threads.add(Thread.currentThread().getName()));
        client.connect();
        peer = rig.server.acceptUpgrade();
        told.get(10, TimeUnit.SECONDS);
        assertEquals(List.of("callbacks"), threads);
    }

    @Test
    void aListenerThatThrowsStopsNothing() throws Exception {
        connect();
        RuntimeException bug = new RuntimeException("listener's bug");
        rig.recorder.onMessage = message -> {
            if (message.text().equals("bad")) throw bug;
        };
        peer.text("bad");
        peer.text("good");
        assertEquals("good", rig.recorder.takeMessage().text());
        assertEquals(List.of(bug), rig.uncaught);
        assertEquals(OPEN, client.state());
        client.close();
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        rig.recorder.takeStates(CLOSING);
        rig.recorder.takeClosed(1000, "");
    }

    @Test
    void anExecutorThatTakesNoMoreEndsTheClient() throws Exception {
        client = rig.build(rig.builder().callbackExecutor(task -> {
            throw new RejectedExecutionException("shut down");
        }));
        client.connect();
        // Nobody can be told; what shows is that the client lets go, which the rig checks.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (client.state() != ClientState.CLOSED) assertTrue(System.nanoTime() < deadline, "still open");
    }

    @Test
    void aSlowListenerHoldsTheServerBack() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        rig.recorder.onMessage = message -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        connect(rig.builder().inboundLimitBytes(64 * 1024));
        int count = 256;
        ByteString chunk = ByteString.of(new byte[128 * 1024]);
        AtomicBoolean all = new AtomicBoolean();
        Thread server = new Thread(() -> {
            try {
                for (int i = 0; i < count; i++) peer.binary(chunk);
                all.set(true);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        server.setDaemon(true);
        server.start();
        // Real time has to pass: nothing tells that nothing happens.
        server.join(300);
        assertFalse(all.get(), "the server could send it all");
        busy.countDown();
        for (int i = 0; i < count; i++)
            assertEquals(chunk, rig.recorder.takeMessage().bytes());
        server.join();
    }

    // ---- connections come and go ----

    @Test
    void connectsAgainWhenTheServerDrops() throws Exception {
        connect();
        peer.close();
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals("server ended the connection without a close frame", failure.message());
        assertTrue(failure.willRetry());
        assertEquals(1, failure.attempt());
        assertEquals(Duration.ofMillis(1), failure.retryIn());
        assertEquals("backoff", failure.reason());
        assertEquals(0, failure.closeCode());
        assertEquals(0, failure.httpStatus());
        assertTrue(
                failure.toString()
                        .matches("SESSION: server ended the connection without a close frame;"
                                + " last byte in \\d+ ms ago, out \\d+ ms ago; attempt 1 in 1 ms \\(backoff\\)"),
                failure.toString());
        rig.recorder.takeStates(WAITING, CONNECTING);
        peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
        client.send("again");
        peer.takeText("again");
    }

    @Test
    void connectsAgainWhenTheServerCloses() throws Exception {
        connect();
        peer.closeFrame(1001, "restarting");
        peer.takeClose(1001);
        peer.close();
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(1001, failure.closeCode());
        assertEquals("server closed with 1001 restarting", failure.message());
        assertNull(failure.cause());
        rig.recorder.takeStates(WAITING, CONNECTING);
        peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    @Test
    void attemptsAreCountedUntilOneHolds() throws Exception {
        client = rig.build();
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        for (int attempt = 1; attempt <= 3; attempt++) {
            Peer bad = rig.server.accept();
            bad.readRequest();
            bad.answer("HTTP/1.1 502 Bad Gateway", "Content-Length: 0", "Connection: close");
            bad.close();
            ConnectionFailure failure = rig.recorder.takeFailure();
            assertEquals(502, failure.httpStatus());
            assertEquals(attempt, failure.attempt());
            rig.recorder.takeStates(WAITING, CONNECTING);
        }
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    @Test
    void stopsWhereItIsNotAuthenticated() throws Exception {
        client = rig.build();
        client.connect();
        Peer refuses = rig.server.accept();
        refuses.readRequest();
        refuses.answer("HTTP/1.1 401 Unauthorized", "Content-Length: 0", "Connection: close");
        refuses.close();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(401, failure.httpStatus());
        assertFalse(failure.willRetry());
        assertEquals(Duration.ZERO, failure.retryIn());
        assertEquals(0, failure.attempt());
        assertEquals("not authenticated", failure.reason());
        assertTrue(
                failure.toString()
                        .matches("UPGRADE: upgrade refused with HTTP 401; last byte in \\d+ ms ago, out \\d+ ms ago;"
                                + " no further attempt \\(not authenticated\\)"),
                failure.toString());
        rig.recorder.takeStates(IDLE);

        client.connect();
        rig.recorder.takeStates(CONNECTING);
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    @Test
    void waitsAsTheServerAsksUnlessTheApplicationCutsItShort() throws Exception {
        client = rig.build();
        client.connect();
        Peer refuses = rig.server.accept();
        refuses.readRequest();
        refuses.answer(
                "HTTP/1.1 503 Service Unavailable", "Retry-After: 3600", "Content-Length: 0", "Connection: close");
        refuses.close();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Duration.ofMillis(3_600_001), failure.retryIn());
        assertTrue(
                failure.toString().startsWith("UPGRADE: upgrade refused with HTTP 503; Retry-After 3600 s; last byte"),
                failure.toString());
        assertTrue(
                failure.toString().endsWith("; attempt 1 in 3600001 ms (as the server asked, and backoff)"),
                failure.toString());
        rig.recorder.takeStates(WAITING);
        client.connectNow();
        rig.recorder.takeStates(CONNECTING);
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    @Test
    void whatWasUnderWayWhenTheConnectionBrokeIsUnknown() throws Exception {
        connect();
        ByteString large = ByteString.of(new byte[4 * 1024 * 1024]);
        Delivery underWay = client.send(large);
        peer.take();
        peer.reset();
        assertEnded(Outcome.Kind.UNKNOWN, underWay);
        assertEquals(
                "the connection was lost while it was written",
                outcome(underWay).detail());
        rig.recorder.awaitState(CONNECTING);
        peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
        // It is not sent again, lest it arrive twice.
        Delivery next = client.send("next");
        peer.takeText("next");
        // The peer may have it before the writer's word of it is heard.
        assertEnded(Outcome.Kind.WRITTEN, next);
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void aServerThatNeverAnswersTheUpgrade() throws Exception {
        client = rig.build(rig.builder().connectTimeout(Duration.ofMillis(50)));
        client.connect();
        rig.server.accept();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.UPGRADE, failure.phase());
        assertEquals("no answer to the upgrade within 50 ms", failure.message());
        // From the start of the attempt.
        assertTrue(failure.sinceLastInbound().toMillis() >= 45, failure.toString());
        assertTrue(failure.sinceLastOutbound().toMillis() >= 45, failure.toString());
    }

    @Test
    void aServerThatHasGoneSilent() throws Exception {
        connect(rig.builder().heartbeat(Heartbeat.every(Duration.ofMillis(50)).withDeadline(Duration.ofMillis(50))));
        Frame ping = peer.take();
        assertEquals(9, ping.opcode());
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals("no sign of life since a ping", failure.message());
        assertTrue(failure.sinceLastInbound().compareTo(Duration.ofMillis(87)) >= 0, failure.toString());
        assertTrue(failure.sinceLastOutbound().compareTo(Duration.ofMillis(50)) >= 0, failure.toString());
    }

    @Test
    void roundTripTimeOfTheHeartbeat() throws Exception {
        connect(rig.builder().heartbeat(Heartbeat.every(Duration.ofMillis(50))));
        assertNull(client.roundTripTime());
        peer.pong(peer.take().payload());
        // The next ping comes only after the pong was heard.
        assertEquals(9, peer.take().opcode());
        assertNotNull(client.roundTripTime());
    }

    @Test
    void anInterceptorThatThrowsStopsTheClientUntilItIsAskedAgain() throws Exception {
        AtomicBoolean thrown = new AtomicBoolean();
        OkHttpClient okHttp = rig.okHttp
                .newBuilder()
                .addInterceptor(chain -> {
                    if (!thrown.getAndSet(true)) throw new IllegalStateException("no token");
                    return chain.proceed(chain.request());
                })
                .build();
        client = rig.build(rig.builder().okHttpClient(okHttp));
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(
                "the application's configuration or code failed: java.lang.IllegalStateException: no token",
                failure.message());
        assertEquals(ConnectionFailure.Phase.CONFIGURATION, failure.phase());
        assertFalse(failure.willRetry());
        rig.recorder.takeStates(IDLE);
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    // ---- settings ----

    @Test
    void requestOfTheApplications() throws Exception {
        Request request = new Request.Builder()
                .url(rig.server.url())
                .header("Authorization", "Bearer abc")
                .build();
        client = rig.build(HoldfastClient.builder(request)
                .session(Session.none())
                .okHttpClient(rig.okHttp)
                .ioExecutor(rig.threads)
                .listener(new HoldfastListener() {}));
        client.connect();
        peer = rig.server.acceptUpgrade();
        assertEquals(List.of("Bearer abc"), peer.header("Authorization"));
        assertEquals(List.of(), peer.header("Sec-WebSocket-Protocol"));
    }

    @Test
    void aUrlOfAnotherKindIsRefusedWithTheKindsThatAreTaken() {
        client = rig.build();
        String wanted = "url must start with wss:// or ws:// (https:// and http:// mean the same)";
        for (String url : List.of("x", "", "example.com/live", "ftp://example.com", " ws://example.com")) {
            HoldfastClientBuilder builder = HoldfastClient.builder("ws://example.com");
            for (Executable call :
                    List.<Executable>of(() -> HoldfastClient.builder(url), () -> builder.endpoint(url))) {
                assertEquals(
                        wanted,
                        assertThrows(IllegalArgumentException.class, call).getMessage());
            }
        }
        String noHost = assertThrows(IllegalArgumentException.class, () -> HoldfastClient.builder("wss://"))
                .getMessage();
        assertFalse(noHost.contains("must start with"), noHost);
        for (String url :
                List.of("ws://example.com", "WSS://example.com", "http://example.com", "https://example.com")) {
            assertNotNull(HoldfastClient.builder(url));
        }
    }

    @Test
    void senselessSettings() {
        client = rig.build();
        assertThrows(IllegalArgumentException.class, () -> HoldfastClient.builder("ftp://example.com"));
        assertThrows(IllegalArgumentException.class, () -> HoldfastClient.builder("no url"));
        Request post = new Request.Builder()
                .url("http://example.com")
                .post(RequestBody.create(new byte[0]))
                .build();
        assertThrows(IllegalArgumentException.class, () -> HoldfastClient.builder(post));
        HoldfastClientBuilder builder = rig.builder();
        assertThrows(IllegalArgumentException.class, () -> builder.endpoint(post));
        assertThrows(IllegalArgumentException.class, () -> builder.connectTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.closeTimeout(Duration.ofMillis(-1)));
        assertThrows(IllegalArgumentException.class, () -> builder.maxMessageBytes(0));
        assertThrows(IllegalArgumentException.class, () -> builder.inboundLimitBytes(0));
        assertThrows(IllegalArgumentException.class, () -> OutboundQueue.ofBytes(0));
        assertThrows(IllegalArgumentException.class, () -> Heartbeat.every(Duration.ZERO));
        assertThrows(NullPointerException.class, () -> builder.listener(null));
    }
}
