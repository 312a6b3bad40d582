package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.EndpointProvider;
import dev.holdfast.Heartbeat;
import dev.holdfast.Metrics;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.RateLimit;
import dev.holdfast.internal.session.SessionEvent;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.WaitingQueue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
class StompTest {
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:10000,10000\n\n\0";
    private static final String CONNECTED = "CONNECTED\nversion:1.2\nserver:test/1\n\n\0";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private Stomp stomp;
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    private final BlockingQueue<StompMessage> messages = new LinkedBlockingQueue<>();

    private final BlockingQueue<Throwable> reported = new LinkedBlockingQueue<>();
    /** Runs callbacks. What they throw is in {@link #reported}. */
    private final ExecutorService reporting = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "callbacks");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((on, thrown) -> reported.add(thrown));
        return thread;
    });

    @AfterEach
    void end() {
        if (stomp == null) return;
        stomp.close();
        var unused = stomp.closed().thenRun(reporting::shutdown);
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
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            received.add("binary " + bytes.string(StandardCharsets.ISO_8859_1));
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

        void saw(String expected) throws Exception {
            assertEquals(expected, received.poll(20, TimeUnit.SECONDS));
        }

        void accept() throws Exception {
            saw(CONNECT);
            send(CONNECTED);
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(peer)
                .addHeader("Sec-WebSocket-Protocol", "v12.stomp")
                .build());
        return peer;
    }

    private StompBuilder builder() {
        return Stomp.builder(server.url("/ws").toString())
                .host("localhost")
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))));
    }

    private void start(StompBuilder builder) {
        stomp = builder.build();
        stomp.onConnect(seen::add);
        stomp.onFailure(seen::add);
        stomp.connect();
    }

    private StompConnection connected() throws Exception {
        return assertInstanceOf(StompConnection.class, seen.poll(20, TimeUnit.SECONDS));
    }

    private ConnectionFailure failure() throws Exception {
        return assertInstanceOf(ConnectionFailure.class, seen.poll(20, TimeUnit.SECONDS));
    }

    private StompMessage message() throws Exception {
        StompMessage message = messages.poll(20, TimeUnit.SECONDS);
        assertNotNull(message, "no message came");
        return message;
    }

    private static Outcome outcome(Delivery delivery) throws Exception {
        return delivery.outcome().get(20, TimeUnit.SECONDS);
    }

    private static String deliver(String id, String ack, String body) {
        return "MESSAGE\nsubscription:" + id + "\nmessage-id:m\ndestination:/queue/a\nack:" + ack + "\n\n" + body
                + "\0";
    }

    @Test
    void connectsSubscribesSendsAndLeaves() throws Exception {
        Peer peer = peer();
        start(builder().login("user", "pass"));
        StompSubscription subscription = stomp.subscribe("/topic/a", messages::add);
        Delivery early = stomp.send("/topic/a", "hello", Map.of("x:y", "1\n2"));
        peer.saw(
                "CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:10000,10000\nlogin:user\npasscode:pass\n\n\0");
        peer.send(CONNECTED);
        StompConnection connection = connected();
        assertTrue(connection.isFirst());
        assertEquals("test/1", connection.server());
        peer.saw("SUBSCRIBE\nid:sub-1\ndestination:/topic/a\nack:auto\n\n\0");
        peer.saw("SEND\ndestination:/topic/a\nx\\cy:1\\n2\nreceipt:2\n\nhello\0");
        assertNull(early.outcomeNow());
        peer.send("RECEIPT\nreceipt-id:2\n\n\0");
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(early).kind());
        peer.send("MESSAGE\nsubscription:sub-1\nmessage-id:7\ndestination:/topic/a\nredelivered:true\n\n{\"a\":1}\0");
        StompMessage message = message();
        assertEquals("7", message.id());
        assertEquals("/topic/a", message.destination());
        assertEquals(Map.of("a", 1), message.read(Map.class));
        assertTrue(message.isRedelivered());
        assertEquals(message.text().length(), stomp.metrics().count(Metrics.Counter.BYTES_RECEIVED));
        assertThrows(IllegalStateException.class, message::ack);
        subscription.close();
        subscription.close();
        peer.saw("UNSUBSCRIBE\nid:sub-1\n\n\0");
        peer.send(deliver("sub-1", "", "late"));
        stomp.close();
        peer.saw("DISCONNECT\nreceipt:bye\n\n\0");
        assertEquals(1000, stomp.closed().get(20, TimeUnit.SECONDS).code());
        assertTrue(messages.isEmpty());
    }

    @Test
    void bodiesAreTextOrBytes() throws Exception {
        Peer peer = peer();
        start(builder().receipts(false));
        peer.accept();
        Delivery bytes = stomp.send("/a", new byte[] {1, 0, -1});
        peer.saw("binary SEND\ndestination:/a\ncontent-length:3\n\n\1\0\u00ff\0");
        assertEquals(Outcome.Kind.WRITTEN, outcome(bytes).kind());
        stomp.send("/a", "a\0b");
        peer.saw("binary SEND\ndestination:/a\ncontent-length:3\n\na\0b\0");
        stomp.send("/a", Map.of("k", 1));
        peer.saw("SEND\ndestination:/a\ncontent-type:application/json\n\n{\"k\":1}\0");
        stomp.send("/a", List.of(), Map.of("content-type", "x"));
        peer.saw("SEND\ndestination:/a\ncontent-type:x\n\n[]\0");
        stomp.send("/a", null);
        peer.saw("SEND\ndestination:/a\n\n\0");
        assertThrows(IllegalArgumentException.class, () -> stomp.send("/a", "", Map.of("receipt", "1")));
    }

    @Test
    void framesComeInPiecesAndSeveralInOneMessage() throws Exception {
        Peer peer = peer();
        start(builder());
        stomp.subscribe("/a", messages::add);
        peer.saw(CONNECT);
        String first = CONNECTED + "\n\r\n" + deliver("sub-1", "1", "one") + deliver("sub-1", "2", "two") + "\nMESS";
        peer.open.get(20, TimeUnit.SECONDS).send(first);
        peer.open
                .get()
                .send(ByteString.encodeUtf8(deliver("sub-1", "3", "three").substring(4)));
        for (String body : List.of("one", "two", "three"))
            assertEquals(body, message().text());
    }

    @Test
    void subscribesAgainAndSaysThatMessagesMayBeMissing() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT, Map.of("prefetch-count", "5"), messages::add);
        stomp.subscribe("/b", messages::add).close();
        peer.accept();
        peer.saw("SUBSCRIBE\nprefetch-count:5\nid:sub-1\ndestination:/a\nack:client\n\n\0");
        assertTrue(connected().isFirst());
        peer.leave();
        failure();
        second.accept();
        second.saw("SUBSCRIBE\nprefetch-count:5\nid:sub-1\ndestination:/a\nack:client\n\n\0");
        assertFalse(connected().isFirst());
    }

    @Test
    void goesOnAfterTheLastMessageWhereThereIsAHistory() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        Map<String, String> headers = Map.of("x-stream-offset", "first");
        stomp.subscribe("/a", AckMode.CLIENT, headers, ResumeAfter.streamOffset(), messages::add);
        peer.accept();
        peer.saw("SUBSCRIBE\nx-stream-offset:first\nid:sub-1\ndestination:/a\nack:client\n\n\0");
        for (int i = 4; i <= 5; i++) peer.send(offset("" + i));
        message();
        message();
        peer.leave();
        second.accept();
        second.saw("SUBSCRIBE\nx-stream-offset:offset=6\nid:sub-1\ndestination:/a\nack:client\n\n\0");
        // A broker that sends whole chunks repeats some.
        for (int i = 5; i <= 6; i++) second.send(offset("" + i));
        assertEquals("6", message().header("x-stream-offset"));
    }

    private static String offset(String offset) {
        return "MESSAGE\nsubscription:sub-1\nmessage-id:m\ndestination:/a\nx-stream-offset:" + offset + "\n\n\0";
    }

    @Test
    void aPositionThatCannotBeUsedEndsTheSubscription() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        StompSubscription subscription =
                stomp.subscribe("/a", AckMode.AUTO, Map.of(), ResumeAfter.streamOffset(), messages::add);
        peer.accept();
        connected();
        peer.send(offset("nonsense"));
        message();
        peer.leave();
        second.accept();
        long start = System.nanoTime();
        while (!subscription.isClosed()) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(20), "still open");
            Thread.sleep(5);
        }
    }

    @Test
    void acknowledgesEachMessageOnceAndOnItsConnectionAlone() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        peer.accept();
        for (int i = 1; i <= 3; i++) peer.send(deliver("sub-1", "a:" + i, "b"));
        StompMessage one = message();
        peer.received.take();
        assertEquals(Outcome.Kind.WRITTEN, outcome(one.ack()).kind());
        peer.saw("ACK\nid:a\\c1\n\n\0");
        assertThrows(IllegalStateException.class, one::ack);
        assertThrows(IllegalStateException.class, one::nack);
        assertEquals(Outcome.Kind.WRITTEN, outcome(message().nack()).kind());
        peer.saw("NACK\nid:a\\c2\n\n\0");
        StompMessage late = message();
        connected();
        peer.leave();
        failure();
        second.accept();
        second.saw("SUBSCRIBE\nid:sub-1\ndestination:/a\nack:client-individual\n\n\0");
        Outcome outcome = outcome(late.ack());
        assertEquals(Outcome.Kind.CANCELLED, outcome.kind());
        assertEquals(Outcome.Reason.CONNECTION_LOST, outcome.reason());
        second.send("MESSAGE\nsubscription:sub-1\nmessage-id:m\ndestination:/a\n\n\0");
        assertThrows(IllegalStateException.class, message()::ack);
    }

    @Test
    void aLaterAcknowledgementCoversEarlierMessages() throws Exception {
        Peer peer = peer();
        start(builder());
        StompSubscription subscription = stomp.subscribe("/a", AckMode.CLIENT, Map.of(), messages::add);
        peer.accept();
        peer.received.take();
        for (int i = 1; i <= 3; i++) peer.send(deliver("sub-1", "" + i, "b"));
        StompMessage one = message();
        message().ack();
        peer.saw("ACK\nid:2\n\n\0");
        assertThrows(IllegalStateException.class, one::ack);
        StompMessage three = message();
        subscription.close(Map.of("durable", "true"));
        peer.saw("UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:2\n\n\0");
        assertEquals(Outcome.Kind.CANCELLED, outcome(three.ack()).kind());
    }

    private static final Map<String, String> DURABLE = Map.of("durable", "true");
    private static final String SUBSCRIBE_DURABLE =
            "SUBSCRIBE\ndurable:true\nid:sub-1\ndestination:/topic/a\nack:client-individual\n\n\0";

    /** The broker keeps it without a connection, and some end only what this connection has subscribed to. */
    @Test
    void aDurableSubscriptionThatIsClosedWithoutAConnectionEndsOnTheNext() throws Exception {
        start(builder());
        StompSubscription durable = stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add);
        durable.close(DURABLE);
        stomp.subscribe("/topic/a", messages::add);
        Peer peer = peer();
        Peer second = peer();
        peer.accept();
        peer.saw(SUBSCRIBE_DURABLE + "UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:3\n\n\0");
        peer.saw("SUBSCRIBE\nid:sub-2\ndestination:/topic/a\nack:auto\n\n\0");
        peer.send(deliver("sub-1", "1", "late"));
        peer.send("RECEIPT\nreceipt-id:3\n\n\0");
        peer.send(deliver("sub-2", "1", "other"));
        assertEquals("other", message().text());
        connected();
        peer.leave();
        failure();
        second.accept();
        second.saw("SUBSCRIBE\nid:sub-2\ndestination:/topic/a\nack:auto\n\n\0");
    }

    @Test
    void theEndOfADurableSubscriptionGoesAgainUntilItsReceipt() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        StompSubscription durable = stomp.subscribe("/topic/a", AckMode.AUTO, DURABLE, messages::add);
        peer.accept();
        peer.saw("SUBSCRIBE\ndurable:true\nid:sub-1\ndestination:/topic/a\nack:auto\n\n\0");
        durable.close(DURABLE);
        peer.saw("UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:2\n\n\0");
        peer.leave();
        second.accept();
        // What the broker delivers in between is not taken as handled.
        second.saw(SUBSCRIBE_DURABLE + "UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:3\n\n\0");
        second.send("RECEIPT\nreceipt-id:3\n\n\0");
        Delivery sent = stomp.send("/b", "x");
        second.saw("SEND\ndestination:/b\nreceipt:4\n\nx\0");
        second.send("RECEIPT\nreceipt-id:4\n\n\0");
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(sent).kind());
        assertEquals("Stomp(OPEN, 0 subscriptions)", stomp.toString());
        stomp.close();
        second.saw("DISCONNECT\nreceipt:bye\n\n\0");
    }

    /** The broker may have ended it the first time, and have kept messages for the newer subscription since. */
    @Test
    void theEndOfADurableSubscriptionDoesNotGoAgainBehindANewerOne() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().configure(client -> client.callbackExecutor(reporting)));
        Map<String, String> named = Map.of("x-queue-name", "q");
        StompSubscription durable = stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, named, messages::add);
        peer.accept();
        peer.saw("SUBSCRIBE\nx-queue-name:q\nid:sub-1\ndestination:/topic/a\nack:client-individual\n\n\0");
        durable.close(DURABLE);
        peer.saw("UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:2\n\n\0");
        stomp.subscribe("/topic/b", AckMode.CLIENT_INDIVIDUAL, named, messages::add);
        String newer = "SUBSCRIBE\nx-queue-name:q\nid:sub-3\ndestination:/topic/b\nack:client-individual\n\n\0";
        peer.saw(newer);
        peer.leave();
        second.accept();
        second.saw(newer);
        reportedOnTopicA("before a newer subscription");
        assertEquals("Stomp(OPEN, 1 subscriptions)", stomp.toString());
    }

    /** What both have in common is a setting, no name. */
    @Test
    void theEndOfADurableSubscriptionGoesAgainBehindOneOfAnotherDestination() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        StompSubscription durable = stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add);
        peer.accept();
        peer.saw(SUBSCRIBE_DURABLE);
        durable.close(DURABLE);
        peer.saw("UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:2\n\n\0");
        stomp.subscribe("/topic/b", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add);
        String newer = "SUBSCRIBE\ndurable:true\nid:sub-3\ndestination:/topic/b\nack:client-individual\n\n\0";
        peer.saw(newer);
        peer.leave();
        second.accept();
        second.saw(SUBSCRIBE_DURABLE + "UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:4\n\n\0");
        second.saw(newer);
    }

    /** The broker would refuse it again, and end one connection after another. */
    @Test
    void theEndOfADurableSubscriptionThatIsRefusedDoesNotGoAgain() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().configure(client -> client.callbackExecutor(reporting)));
        stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add)
                .close(DURABLE);
        peer.accept();
        peer.saw(SUBSCRIBE_DURABLE + "UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:2\n\n\0");
        peer.send("ERROR\nmessage:no such queue\nreceipt-id:2\n\n\0");
        connected();
        failure();
        Delivery sent = stomp.send("/b", "x");
        second.accept();
        second.saw("SEND\ndestination:/b\nreceipt:3\n\nx\0");
        second.send("RECEIPT\nreceipt-id:3\n\n\0");
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(sent).kind());
        reportedOnTopicA("no such queue");
    }

    /** A broker that refuses the end would otherwise end each connection for ever. */
    @Test
    void theEndOfADurableSubscriptionIsGivenUpAndReported() throws Exception {
        List<Peer> peers = new ArrayList<>();
        for (int i = 0; i < 6; i++) peers.add(peer());
        start(builder().configure(client -> client.callbackExecutor(reporting)));
        stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add)
                .close(DURABLE);
        for (int i = 0; i < 5; i++) {
            peers.get(i).accept();
            peers.get(i).saw(SUBSCRIBE_DURABLE + "UNSUBSCRIBE\ndurable:true\nid:sub-1\nreceipt:" + (2 + i) + "\n\n\0");
            peers.get(i).send("ERROR\nmessage:no\n\n\0");
        }
        peers.get(5).accept();
        reportedOnTopicA("on 5 connections");
        stomp.close();
        peers.get(5).saw("DISCONNECT\nreceipt:bye\n\n\0");
        stomp.closed().get(20, TimeUnit.SECONDS);
    }

    @Test
    void anIllegalTimeoutDoesNotOpenAClosedClient() {
        stomp = builder().build();
        assertThrows(IllegalArgumentException.class, () -> stomp.close(Duration.ZERO));
        assertFalse(stomp.isClosing());
        stomp.close();
        assertThrows(IllegalArgumentException.class, () -> stomp.close(Duration.ZERO));
        assertTrue(stomp.isClosing());
    }

    private void reportedOnTopicA(String why) throws Exception {
        Throwable thrown = reported.poll(20, TimeUnit.SECONDS);
        assertNotNull(thrown, "not reported");
        assertTrue(thrown.getMessage().contains("subscription of /topic/a"), thrown.getMessage());
        String said = thrown.getMessage() + ", " + thrown.getCause();
        assertTrue(said.contains(why), said);
    }

    @Test
    void aReceiptThatDoesNotComeIsReported() throws Exception {
        Peer peer = peer();
        start(builder().receiptTimeout(Duration.ofMillis(50)).configure(client -> client.callbackExecutor(reporting)));
        stomp.subscribe("/topic/a", AckMode.CLIENT_INDIVIDUAL, DURABLE, messages::add)
                .close(DURABLE);
        peer.accept();
        reportedOnTopicA("in time");
        assertEquals("Stomp(OPEN, 0 subscriptions)", stomp.toString());
    }

    @Test
    void withoutAReceiptTheOutcomeIsUnknownOrTheMessageGoesAgain() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().receiptTimeout(Duration.ofMillis(200)));
        peer.accept();
        assertEquals(
                Outcome.Reason.NOT_ACKNOWLEDGED,
                outcome(stomp.send("/a", "late")).reason());
        peer.leave();
        second.accept();
        stomp.close();
        stomp.closed().get(20, TimeUnit.SECONDS);

        Peer third = peer();
        Peer fourth = peer();
        Peer fifth = peer();
        seen.clear();
        start(builder().retries(1));
        third.accept();
        Delivery delivery = stomp.send("/a", "x");
        third.saw("SEND\ndestination:/a\nreceipt:1\n\nx\0");
        third.leave();
        fourth.accept();
        fourth.saw("SEND\ndestination:/a\nreceipt:1\n\nx\0");
        Delivery bytes = stomp.send("/a", new byte[1]);
        fourth.saw("binary SEND\ndestination:/a\nreceipt:2\ncontent-length:1\n\n\0\0");
        fourth.send("RECEIPT\nreceipt-id:1\n\n\0");
        assertEquals(
                "sent 2 times: the server may have handled it more than once",
                outcome(delivery).detail());
        fourth.leave();
        fifth.accept();
        fifth.saw("binary SEND\ndestination:/a\nreceipt:2\ncontent-length:1\n\n\0\0");
        fifth.leave();
        assertEquals(Outcome.Reason.CONNECTION_LOST, outcome(bytes).reason());
    }

    @Test
    void anErrorRejectsItsMessageAndIsTheCauseOfTheFailure() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().retries(5));
        peer.accept();
        connected();
        Delivery wrong = stomp.send("/nowhere", "x");
        Delivery other = stomp.send("/a", "x");
        peer.saw("SEND\ndestination:/nowhere\nreceipt:1\n\nx\0");
        peer.saw("SEND\ndestination:/a\nreceipt:2\n\nx\0");
        peer.send("ERROR\nreceipt-id:1\nmessage:no such destination\n\ndetails\0" + deliver("sub-1", "", "late"));
        Outcome rejected = outcome(wrong);
        assertEquals(Outcome.Kind.REJECTED, rejected.kind());
        assertEquals("no such destination", rejected.detail());
        ConnectionFailure failure = failure();
        assertTrue(failure.willRetry());
        StompErrorException error = assertInstanceOf(StompErrorException.class, failure.cause());
        assertFalse(error instanceof ConnectRefusedException);
        assertEquals("no such destination", error.getMessage());
        assertEquals("details", error.body());
        assertEquals("1", error.headers().get("receipt-id"));
        second.accept();
        second.saw("SEND\ndestination:/a\nreceipt:2\n\nx\0");
        second.send("RECEIPT\nreceipt-id:2\n\n\0");
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(other).kind());
    }

    @Test
    void aRefusedConnectStopsTheClientAndARefusedCredentialIsRenewedOnce() throws Exception {
        Peer peer = peer();
        start(builder().connectHeaders(() -> Map.of("client-id", "c")));
        peer.saw(CONNECT.replace("\n\n", "\nclient-id:c\n\n"));
        peer.send("ERROR\n\nBad CONNECT\0");
        ConnectionFailure failure = failure();
        assertFalse(failure.willRetry());
        assertEquals(
                "Bad CONNECT",
                assertInstanceOf(ConnectRefusedException.class, failure.cause()).getMessage());
        stomp.close();

        Peer first = peer();
        Peer second = peer();
        int[] asked = new int[1];
        start(builder()
                .credentials(reason -> CompletableFuture.completedFuture(Credential.inOpen("t" + ++asked[0])))
                .credentialHeader("Authorization"));
        first.saw(CONNECT.replace("\n\n", "\nAuthorization:t1\n\n"));
        first.send("ERROR\nmessage:expired\n\n\0");
        assertTrue(failure().willRetry());
        second.saw(CONNECT.replace("\n\n", "\nAuthorization:t2\n\n"));
    }

    @Test
    void aTransactionGoesOutAsAWhole() throws Exception {
        Peer peer = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        peer.accept();
        peer.received.take();
        peer.send(deliver("sub-1", "1", "b"));
        StompMessage message = message();
        StompTransaction aborted = stomp.begin();
        aborted.ack(message);
        aborted.abort();
        assertThrows(IllegalStateException.class, () -> aborted.send("/b", "x"));
        Delivery committed = stomp.begin()
                .ack(message)
                .send("/b", "x")
                .send("/c", new byte[1])
                .commit();
        peer.saw("BEGIN\ntransaction:tx-3\n\n\0");
        peer.saw("binary ACK\ntransaction:tx-3\nid:1\n\n\0");
        peer.saw("binary SEND\ndestination:/b\ntransaction:tx-3\n\nx\0");
        peer.saw("binary SEND\ndestination:/c\ntransaction:tx-3\ncontent-length:1\n\n\0\0");
        peer.saw("binary COMMIT\ntransaction:tx-3\nreceipt:4\n\n\0");
        peer.send("RECEIPT\nreceipt-id:4\n\n\0");
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome(committed).kind());
    }

    @Test
    void aTransactionOfALostConnectionIsReported() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().retries(5));
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        peer.accept();
        peer.received.take();
        peer.send(deliver("sub-1", "1", "b"));
        peer.send(deliver("sub-1", "2", "b"));
        Delivery sent = stomp.begin().ack(message()).commit();
        for (int i = 0; i < 3; i++) assertNotNull(peer.received.poll(20, TimeUnit.SECONDS));
        StompTransaction late = stomp.begin().ack(message()).send("/b", "x");
        peer.leave();
        Outcome lost = outcome(sent);
        assertEquals(Outcome.Kind.UNKNOWN, lost.kind());
        assertEquals(Outcome.Reason.CONNECTION_LOST, lost.reason());
        second.accept();
        second.received.take();
        assertEquals(Outcome.Kind.CANCELLED, outcome(late.commit()).kind());
    }

    @Test
    void sendsItsHeartbeat() throws Exception {
        Peer peer = peer();
        start(builder().heartbeat(Duration.ofMillis(100), Duration.ZERO));
        peer.saw(CONNECT.replace("10000,10000", "100,0"));
        peer.send(CONNECTED.replace("\n\n", "\nheart-beat:0,200\n\n"));
        for (int i = 0; i < 3; i++) peer.saw("\n");
    }

    @Test
    void leavesAServerWhoseHeartbeatStops() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder().heartbeat(Duration.ZERO, Duration.ofMillis(100)));
        peer.saw(CONNECT.replace("10000,10000", "0,100"));
        // The client waits for 3 s: longer than a slow machine stops, and shorter than the beats go on.
        peer.send(CONNECTED.replace("\n\n", "\nheart-beat:1500,0\n\n"));
        connected();
        for (int i = 0; i < 40; i++) {
            peer.send("\n");
            Thread.sleep(100);
        }
        assertTrue(seen.isEmpty());
        assertTrue(failure().message().startsWith("no sign of life"));
        second.saw(CONNECT.replace("10000,10000", "0,100"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECTED\n\n\0",
                "CONNECTED\nversion:1.1\n\n\0",
                "CONNECTED\nversion:1.2\nheart-beat:1\n\n\0",
                "CONNECTED\nversion:1.2\nheart-beat:1,x\n\n\0",
                "CONNECTED\nversion:1.2\nheart-beat:-1,0\n\n\0",
                CONNECTED + CONNECTED,
                "MESSAGE\nsubscription:sub-1\nmessage-id:m\ndestination:/a\n\n\0",
                CONNECTED + "MESSAGE\nmessage-id:m\ndestination:/a\n\n\0",
                CONNECTED + "RECEIPT\n\n\0",
                CONNECTED + "NONSENSE\n\n\0",
                "{}\n"
            })
    void aBrokenFrameEndsTheConnectionAndIsNamed(String frames) throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(
                        client -> client.backoff(Backoff.exponential(Duration.ofSeconds(30), Duration.ofSeconds(30)))));
        peer.send(frames);
        Object first = seen.poll(20, TimeUnit.SECONDS);
        if (first instanceof StompConnection) first = seen.poll(20, TimeUnit.SECONDS);
        ConnectionFailure failure = assertInstanceOf(ConnectionFailure.class, first);
        assertTrue(failure.message().startsWith("server broke the session protocol: "), failure.message());
    }

    @Test
    void limitsBodiesAndSubscriptions() throws Exception {
        Peer peer = peer();
        start(builder().maxBodyBytes(3));
        for (int i = 0; i < 1024; i++) stomp.subscribe("/a", messages::add);
        assertThrows(IllegalStateException.class, () -> stomp.subscribe("/a", messages::add));
        peer.accept();
        connected();
        peer.send(deliver("sub-1", "", "1234"));
        assertEquals(
                "server broke the session protocol: body of more than 3 bytes",
                failure().message());
    }

    @Test
    void refusesSettingsThatCannotWork() {
        StompBuilder builder = builder();
        assertThrows(IllegalArgumentException.class, () -> Stomp.builder("ftp://x"));
        assertThrows(IllegalArgumentException.class, () -> builder.login("a\n", "b"));
        assertThrows(IllegalArgumentException.class, () -> builder.credentialHeader("a:b"));
        assertThrows(IllegalArgumentException.class, () -> builder.heartbeat(Duration.ofDays(2), Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.receiptTimeout(Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> builder.retries(-1));
        assertThrows(IllegalArgumentException.class, () -> builder.maxBodyBytes(-1));
    }

    // ---- acknowledgements that are not sent, or that wait ----

    private static final OutboundQueue BLOCKING =
            OutboundQueue.ofBytes(1_000_000).withOverflow(Overflow.block(Duration.ofHours(1)));

    @Test
    void anAcknowledgementThatWasNotSentMayBeTriedAgain() throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(
                        client -> client.queue(OutboundQueue.ofBytes(1_000_000).withMaxMessages(1))
                                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50)))));
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        stomp.subscribe("/b", AckMode.CLIENT, Map.of(), messages::add);
        peer.accept();
        connected();
        peer.send(deliver("sub-1", "1", "b"));
        for (int i = 1; i <= 3; i++) peer.send(deliver("sub-2", "" + i, "b"));
        StompMessage alone = message();
        StompMessage one = message();
        StompMessage two = message();
        StompMessage three = message();
        peer.leave();
        failure();
        // It waits, and takes all the room that there is for acknowledgements.
        Delivery first = one.ack();
        assertNull(first.outcomeNow());
        assertThrows(IllegalStateException.class, one::ack);
        for (int i = 0; i < 2; i++) {
            assertEquals(Outcome.Kind.DROPPED, outcome(alone.ack()).kind());
            assertEquals(Outcome.Kind.DROPPED, outcome(three.nack()).kind());
            assertEquals(Outcome.Kind.DROPPED, outcome(two.ack()).kind());
            StompTransaction transaction = stomp.begin().ack(two).ack(alone);
            assertThrows(IllegalStateException.class, two::ack);
            assertEquals(Outcome.Kind.DROPPED, outcome(transaction.commit()).kind());
        }
        Peer second = peer();
        second.accept();
        assertEquals(Outcome.Kind.CANCELLED, outcome(first).kind());
        assertEquals(Outcome.Kind.CANCELLED, outcome(alone.ack()).kind());
        assertEquals(Outcome.Kind.CANCELLED, outcome(one.ack()).kind());
    }

    @Test
    void whatAListenerAcknowledgesNeverWaitsForRoom() throws Exception {
        Peer peer = peer();
        start(builder().configure(client -> client.queue(BLOCKING)));
        BlockingQueue<StompTransaction> open = new LinkedBlockingQueue<>();
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), message -> {
            if (message.text().equals("alone")) message.ack();
            if (message.text().equals("together"))
                stomp.begin().ack(message).send("/b", "x").commit();
            if (message.text().equals("send")) {
                StompTransaction transaction = stomp.begin().send("/b", "x");
                assertThrows(IllegalStateException.class, transaction::commit);
                open.add(transaction);
            }
        });
        peer.accept();
        peer.received.take();
        peer.send(deliver("sub-1", "1", "alone"));
        peer.saw("ACK\nid:1\n\n\0");
        peer.send(deliver("sub-1", "2", "together"));
        peer.saw("BEGIN\ntransaction:tx-2\n\n\0");
        peer.saw("binary ACK\ntransaction:tx-2\nid:2\n\n\0");
        peer.saw("binary SEND\ndestination:/b\ntransaction:tx-2\n\nx\0");
        peer.saw("binary COMMIT\ntransaction:tx-2\nreceipt:3\n\n\0");
        peer.send(deliver("sub-1", "3", "send"));
        // It was not sent, and is not over.
        open.poll(20, TimeUnit.SECONDS).commit();
        peer.saw("BEGIN\ntransaction:tx-4\n\n\0");
    }

    @Test
    void anUnsubscribeDoesNotOvertakeAcknowledgements() throws Exception {
        Peer peer = peer();
        start(builder()
                .configure(client -> client.queue(OutboundQueue.ofBytes(1_000_000)
                        .withRateLimit(RateLimit.ofMessages(10).withBurst(Duration.ofMillis(1))))));
        StompSubscription subscription = stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), messages::add);
        peer.accept();
        peer.received.take();
        for (int i = 1; i <= 3; i++) peer.send(deliver("sub-1", "" + i, "b"));
        for (int i = 1; i <= 3; i++) message().ack();
        subscription.close();
        for (int i = 1; i <= 3; i++) peer.saw("ACK\nid:" + i + "\n\n\0");
        peer.saw("UNSUBSCRIBE\nid:sub-1\n\n\0");
        stomp.close();
        peer.saw("DISCONNECT\nreceipt:bye\n\n\0");
    }

    @Test
    void anAbortedTransactionFreesItsMessages() throws Exception {
        Peer peer = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT, Map.of(), messages::add);
        peer.accept();
        peer.received.take();
        for (int i = 1; i <= 3; i++) peer.send(deliver("sub-1", "" + i, "b"));
        StompMessage one = message();
        StompMessage two = message();
        StompMessage three = message();
        one.ack();
        peer.saw("ACK\nid:1\n\n\0");
        StompTransaction transaction = stomp.begin().ack(three);
        assertThrows(IllegalStateException.class, two::ack);
        transaction.abort();
        two.ack();
        peer.saw("ACK\nid:2\n\n\0");
        assertThrows(IllegalStateException.class, one::ack);
        three.ack();
        peer.saw("ACK\nid:3\n\n\0");
    }

    // ---- duplicates ----

    private static String offset(String id, int offset) {
        return "MESSAGE\nsubscription:" + id + "\nmessage-id:m\ndestination:/a\nack:" + id + "-" + offset
                + "\nx-stream-offset:" + offset + "\n\n\0";
    }

    @Test
    void aMessageThatIsAcknowledgedAfterItsRefusalWasTakenBackIsADuplicate() throws Exception {
        Peer peer = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), ResumeAfter.streamOffset(), messages::add);
        peer.accept();
        peer.received.take();
        peer.send(offset("sub-1", 1));
        StompMessage message = message();
        StompTransaction transaction = stomp.begin();
        transaction.nack(message);
        transaction.abort();
        message.ack();
        peer.saw("ACK\nid:sub-1-1\n\n\0");
        peer.send(offset("sub-1", 1));
        peer.saw("ACK\nid:sub-1-1\n\n\0");
        assertTrue(messages.isEmpty());
    }

    /** It is no duplicate of a message that the application has handled. */
    @Test
    void aRefusedMessageThatComesAgainIsReceivedAgain() throws Exception {
        Peer peer = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), ResumeAfter.streamOffset(), messages::add);
        peer.accept();
        peer.received.take();
        peer.send(offset("sub-1", 1));
        message().nack();
        peer.saw("NACK\nid:sub-1-1\n\n\0");
        peer.send(offset("sub-1", 1));
        message().ack();
        peer.saw("ACK\nid:sub-1-1\n\n\0");
        peer.send(offset("sub-1", 1));
        peer.saw("ACK\nid:sub-1-1\n\n\0");
        assertTrue(messages.isEmpty());
    }

    @Test
    void aDuplicateIsAcknowledgedToTheBroker() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT_INDIVIDUAL, Map.of(), ResumeAfter.streamOffset(), messages::add);
        stomp.subscribe("/a", AckMode.AUTO, Map.of(), ResumeAfter.streamOffset(), messages::add);
        peer.accept();
        for (int i = 0; i < 2; i++) peer.received.take();
        for (int i = 1; i <= 2; i++) {
            peer.send(offset("sub-1", i));
            peer.send(offset("sub-2", i));
        }
        for (int i = 0; i < 4; i++) message();
        peer.leave();
        second.accept();
        for (int i = 0; i < 2; i++) second.received.take();
        second.send(offset("sub-2", 2));
        second.send(offset("sub-1", 1));
        second.send(offset("sub-1", 2));
        second.send(offset("sub-1", 3));
        second.saw("ACK\nid:sub-1-1\n\n\0");
        second.saw("ACK\nid:sub-1-2\n\n\0");
        message().ack();
        second.saw("ACK\nid:sub-1-3\n\n\0");
        assertTrue(messages.isEmpty());
    }

    @Test
    void aDuplicateBehindAMessageIsAcknowledgedWithIt() throws Exception {
        Peer peer = peer();
        Peer second = peer();
        start(builder());
        stomp.subscribe("/a", AckMode.CLIENT, Map.of(), ResumeAfter.streamOffset(), messages::add);
        stomp.subscribe("/b", messages::add);
        peer.accept();
        for (int i = 0; i < 2; i++) peer.received.take();
        for (int i = 1; i <= 2; i++) peer.send(offset("sub-1", i));
        for (int i = 1; i <= 2; i++) message();
        peer.leave();
        second.accept();
        for (int i = 0; i < 2; i++) second.received.take();
        // Nothing of this connection is unacknowledged yet.
        second.send(offset("sub-1", 1));
        second.saw("ACK\nid:sub-1-1\n\n\0");
        second.send(offset("sub-1", 3));
        StompMessage three = message();
        second.send(offset("sub-1", 2));
        second.send(deliver("sub-2", "", "has come behind the duplicate"));
        message();
        // An acknowledgement of the duplicate would cover the message before it, too.
        StompTransaction transaction = stomp.begin().ack(three);
        transaction.abort();
        three.ack();
        second.saw("ACK\nid:sub-1-2\n\n\0");
        second.send(offset("sub-1", 1));
        second.saw("ACK\nid:sub-1-1\n\n\0");
    }

    @Test
    void aClosedClientTakesNoSubscription() throws Exception {
        stomp = builder().build();
        stomp.close();
        assertThrows(IllegalStateException.class, () -> stomp.subscribe("/a", messages::add));
        stomp.closed().get(20, TimeUnit.SECONDS);
        assertThrows(IllegalStateException.class, () -> stomp.subscribe("/a", messages::add));
    }

    @Test
    void aStaleConnectionLeavesNoTrace() throws Exception {
        StompProtocol protocol = new StompProtocol(builder());
        Backoff backoff = Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1));
        SessionSettings settings = new SessionSettings(false, backoff, Heartbeat.none(), 1, null, 1, 1).opening(false);
        SessionMachine machine =
                new SessionMachine(settings, new Random(1), new WaitingQueue(OutboundQueue.ofBytes(1_000)));
        SessionEvent event = protocol.reader().readBinary(ByteString.encodeUtf8(CONNECTED));
        assertTrue(event.apply(machine, 7, 0).isEmpty());
        assertEquals(Map.of(), protocol.connected());
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
                    .build());
        }));
        first.accept();
        connected();
        first.leave();
        failure();
        second.saw(CONNECT);
        second.send("ERROR\nmessage:no\n\n\0");
        assertTrue(failure().willRetry());
        third.accept();
        connected();
        assertEquals(EndpointProvider.Reason.FIRST, reasons.poll());
        assertEquals(EndpointProvider.Reason.RECONNECT, reasons.poll());
        assertEquals(EndpointProvider.Reason.REFUSED, reasons.poll());
        RecordedRequest request = server.takeRequest();
        assertEquals("/ticket/1", request.getTarget());
        assertEquals("v12.stomp", request.getHeaders().get("Sec-WebSocket-Protocol"));
    }
}
