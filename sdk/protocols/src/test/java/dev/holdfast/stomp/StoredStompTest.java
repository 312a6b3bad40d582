package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import dev.holdfast.interop.CopiedStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscriptions and messages in a store: what the next process goes on from when this one has died. */
@Timeout(60)
class StoredStompTest {
    private static final ResumeAfter STORED = ResumeAfter.streamOffset().storeName("the events");

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final List<Stomp> clients = new ArrayList<>();
    private final BlockingQueue<StompMessage> messages = new LinkedBlockingQueue<>();

    @AfterEach
    void end() throws Exception {
        for (Stomp client : clients) {
            client.disconnect();
            client.close();
            client.closed().get(20, TimeUnit.SECONDS);
        }
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

        void send(String frame) throws Exception {
            open.get(20, TimeUnit.SECONDS).send(frame);
        }

        String next() throws Exception {
            String next = received.poll(20, TimeUnit.SECONDS);
            assertNotNull(next, "nothing came");
            return next;
        }

        void accept() throws Exception {
            assertTrue(next().startsWith("CONNECT\n"));
            send("CONNECTED\nversion:1.2\n\n\0");
        }

        /** Expects a subscription to the stream, and returns its id. */
        String subscribed(String offset) throws Exception {
            String next = next();
            String id = next.replaceAll("(?s).*\nid:(.*?)\n.*", "$1");
            assertEquals(offset, next.replaceAll("(?s).*\nx-stream-offset:(.*?)\n.*", "$1"));
            return id;
        }

        void event(String id, int offset) throws Exception {
            send("MESSAGE\nsubscription:" + id + "\nmessage-id:m\ndestination:/d\nack:a" + offset + "\nx-stream-offset:"
                    + offset + "\n\nevent " + offset + "\0");
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

    private Stomp client(CopiedStore store) {
        return client(store, 1 << 20);
    }

    private Stomp client(CopiedStore store, int inboundLimit) {
        Stomp client = Stomp.builder(server.url("/").toString())
                .heartbeat(Duration.ZERO, Duration.ZERO)
                .configure(settings -> settings.store(store)
                        .inboundLimitBytes(inboundLimit)
                        .closeTimeout(Duration.ofMillis(100))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .build();
        clients.add(client);
        return client;
    }

    private StompSubscription subscribe(Stomp stomp, AckMode mode) {
        return stomp.subscribe("/d", mode, Map.of("x-stream-offset", "first"), STORED, messages::add);
    }

    private StompMessage message(int offset) throws Exception {
        StompMessage message = messages.poll(20, TimeUnit.SECONDS);
        assertNotNull(message, "no message came");
        assertEquals("event " + offset, message.text());
        return message;
    }

    @Test
    void theNextProcessGoesOnAfterTheNewestHandledMessage() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        Stomp first = client(store);
        subscribe(first, AckMode.AUTO);
        first.connect();
        peer.accept();
        String id = peer.subscribed("first");
        peer.event(id, 70001);
        peer.event(id, 70002);
        message(70001);
        message(70002);
        store.await("70002", 1);
        CopiedStore left = store.copy();
        first.disconnect();

        Peer again = peer();
        Stomp second = client(left);
        subscribe(second, AckMode.AUTO);
        second.connect();
        again.accept();
        id = again.subscribed("offset=70003");
        again.event(id, 70002);
        again.event(id, 70003);
        message(70003);
    }

    /** The position is that of the newest message before which nothing is left to acknowledge. */
    @Test
    void aMessageThatWasNotAcknowledgedComesAgain() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        Stomp first = client(store);
        subscribe(first, AckMode.CLIENT_INDIVIDUAL);
        first.connect();
        peer.accept();
        String id = peer.subscribed("first");
        for (int offset = 70001; offset <= 70004; offset++) peer.event(id, offset);
        message(70001).ack();
        StompMessage two = message(70002);
        message(70003).ack();
        StompMessage four = message(70004);
        store.await("70001", 1);
        CopiedStore left = store.copy();
        two.nack();
        store.await("70003", 1);
        // In a transaction it counts when that has gone out.
        StompTransaction transaction = first.begin().ack(four);
        assertEquals(1, store.count("70003"));
        Delivery committed = transaction.commit();
        String frame = peer.next();
        while (!frame.contains("COMMIT\n")) frame = peer.next();
        peer.send("RECEIPT\nreceipt-id:" + frame.replaceAll("(?s).*\nreceipt:(.*?)\n.*", "$1") + "\n\n\0");
        store.await("70004", 1);
        assertFalse(committed.stored().get(20, TimeUnit.SECONDS));
        first.disconnect();

        Peer again = peer();
        Stomp second = client(left);
        subscribe(second, AckMode.CLIENT_INDIVIDUAL);
        second.connect();
        again.accept();
        id = again.subscribed("offset=70002");
        again.event(id, 70002);
        message(70002).ack();
        left.await("70002", 1);
    }

    /** The client asks whether the subscription is over, and then runs the callback. The application may close it in between. */
    @Test
    void aMessageWhoseCallbackRunsIsReceivedThoughTheApplicationClosesMeanwhile() throws Exception {
        Stomp client = client(new CopiedStore());
        StompSubscription stored = subscribe(client, AckMode.AUTO);
        StompSubscription notStored = client.subscribe("/d", messages::add);
        Frame frame = new Frame("MESSAGE", Map.of("destination", "/d"), 0, ByteString.encodeUtf8("event 70001"));
        Received begun = new Received(frame, 1, stored);
        Received waits = new Received(frame, 1, notStored);
        stored.close();
        notStored.close();
        begun.accept(() -> {});
        message(70001);
        waits.accept(() -> {});
        assertTrue(messages.isEmpty());
    }

    /** The application has dropped them with the subscription. They must not count towards the limit for ever. */
    @Test
    void whatWasNotAcknowledgedDoesNotStopTheNextSubscription() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        Stomp client = client(store, 2200);
        StompSubscription closed = subscribe(client, AckMode.CLIENT_INDIVIDUAL);
        client.connect();
        peer.accept();
        String id = peer.subscribed("first");
        peer.event(id, 70001);
        message(70001).ack();
        store.await("70001", 1);
        assertTrue(peer.next().startsWith("ACK\n"));
        // Reading stops: seven of these are more than the limit.
        for (int offset = 70002; offset <= 70009; offset++) peer.event(id, offset);
        List<StompMessage> late = new ArrayList<>();
        for (int offset = 70002; offset <= 70008; offset++) late.add(message(offset));
        closed.close();
        assertTrue(peer.next().startsWith("UNSUBSCRIBE\n"));
        subscribe(client, AckMode.CLIENT_INDIVIDUAL);
        id = peer.subscribed("offset=70009");
        for (int offset = 70009; offset <= 70020; offset++) {
            peer.event(id, offset);
            StompMessage next;
            do {
                next = messages.poll(20, TimeUnit.SECONDS);
                assertNotNull(next, "no message came");
            } while (next.subscription() == closed);
            assertEquals("event " + offset, next.text());
            next.ack();
            assertTrue(peer.next().startsWith("ACK\n"));
        }
        // In the next process they would come again.
        store.await("70001", 1);
        for (StompMessage message : late) {
            assertEquals(
                    Outcome.Kind.CANCELLED,
                    message.ack().outcome().get(20, TimeUnit.SECONDS).kind());
        }
        store.await("70020", 1);
    }

    @Test
    void anAcknowledgementOfSeveralMessagesCannotBeStored() {
        Stomp client = client(new CopiedStore());
        assertThrows(IllegalArgumentException.class, () -> subscribe(client, AckMode.CLIENT));
        assertThrows(IllegalArgumentException.class, () -> STORED.storeName(""));
    }

    @Test
    void messagesOutliveTheProcess() throws Exception {
        CopiedStore store = new CopiedStore();
        Stomp first = client(store);
        // The ids of receipts are of one process.
        for (int i = 0; i < 3; i++) first.begin();
        Delivery text = first.send("/d", "hello\n\nreceipt:4\n", Map.of("receipt-for", "me"));
        Delivery binary = first.send("/d", new byte[] {1, '\n', '\n', 0});
        assertTrue(text.stored().get(20, TimeUnit.SECONDS));
        assertTrue(binary.stored().get(20, TimeUnit.SECONDS));
        CopiedStore left = store.copy();

        Peer peer = peer();
        Stomp second = client(left);
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        assertEquals(2, restored.size());
        second.connect();
        peer.accept();
        assertEquals("SEND\ndestination:/d\nreceipt-for:me\nreceipt:1\n\nhello\n\nreceipt:4\n\0", peer.next());
        assertEquals("binary SEND\ndestination:/d\ncontent-length:4\nreceipt:2\n\n\1\n\n\0\0", peer.next());
        assertEquals(2, left.count("/d"));
        peer.send("RECEIPT\nreceipt-id:1\n\n\0RECEIPT\nreceipt-id:2\n\n\0");
        for (Delivery delivery : restored) {
            assertEquals(
                    Outcome.Kind.ACKNOWLEDGED,
                    delivery.outcome().get(20, TimeUnit.SECONDS).kind());
        }
        left.await("/d", 0);
    }

    /** What a connection took and the broker did not confirm is in doubt, and is not sent a second time untold. */
    @Test
    void aMessageUnderWayWhenTheProcessDiesIsUnknown() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        Stomp first = client(store);
        first.connect();
        peer.accept();
        first.send("/d", "hello");
        assertEquals("SEND\ndestination:/d\nreceipt:1\n\nhello\0", peer.next());
        CopiedStore left = store.copy();
        first.disconnect();

        Stomp second = client(left);
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        Outcome outcome = restored.get(0).outcome().get(20, TimeUnit.SECONDS);
        assertEquals(Outcome.Kind.UNKNOWN, outcome.kind());
        assertEquals(Outcome.Reason.RESTORED, outcome.reason());
        Peer again = peer();
        second.connect();
        again.accept();
        left.await("/d", 0);
        second.send("/e", "bye");
        assertTrue(again.next().startsWith("SEND\ndestination:/e\n"));
    }
}
