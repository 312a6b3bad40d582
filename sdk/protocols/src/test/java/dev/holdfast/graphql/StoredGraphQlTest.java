package dev.holdfast.graphql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.interop.CopiedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscriptions in a store: from where they go on when the process has died. */
@Timeout(60)
class StoredGraphQlTest {
    private static final Operation NEWS = Operation.of("subscription { news }");
    private static final CatchUp AFTER = CatchUp.jsonPointer("/data/news/id")
            .variables(id -> Map.of("after", id))
            .staleIf(error -> "GONE".equals(error.message()));

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final List<GraphQl> clients = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (GraphQl client : clients) {
            client.disconnect();
            client.close();
            client.closed().get(20, TimeUnit.SECONDS);
        }
    }

    /** One connection, as the server sees it. */
    private static final class Peer extends WebSocketListener {
        final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private WebSocket socket;
        private String id;

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            socket = webSocket;
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            received.add(text);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, null);
        }

        String next() throws Exception {
            String next = received.poll(20, TimeUnit.SECONDS);
            assertNotNull(next, "nothing came");
            return next;
        }

        /** Opens the connection, and expects the one subscription. */
        void subscribed(String variables) throws Exception {
            assertEquals("{\"type\":\"connection_init\"}", next());
            socket.send("{\"type\":\"connection_ack\"}");
            begun(variables);
        }

        void begun(String variables) throws Exception {
            String start = next();
            id = start.substring(7, start.indexOf('"', 7));
            assertEquals(
                    "{\"id\":\"" + id + "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"subscription { news }\""
                            + variables + "}}",
                    start);
        }

        void news(String news) {
            socket.send("{\"id\":\"" + id + "\",\"type\":\"next\",\"payload\":{\"data\":{\"news\":{\"id\":\"" + news
                    + "\"}}}}");
        }

        void gone() {
            socket.send("{\"id\":\"" + id + "\",\"type\":\"error\",\"payload\":[{\"message\":\"GONE\"}]}");
        }
    }

    private static String after(String id) {
        return ",\"variables\":{\"after\":\"" + id + "\"}";
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(peer)
                .setHeader("Sec-WebSocket-Protocol", "graphql-transport-ws")
                .build());
        return peer;
    }

    private GraphQl client(CopiedStore store) {
        GraphQl client = GraphQl.builder(server.url("/").toString())
                .configure(settings -> settings.store(store)
                        .closeTimeout(Duration.ofMillis(100))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .build();
        clients.add(client);
        return client;
    }

    private static final class Log implements SubscriptionListener {
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        final CountDownLatch blocked = new CountDownLatch(1);

        @Override
        public void onNext(Result result) {
            String id = result.data().replaceAll(".*\"id\":\"(.*)\".*", "$1");
            seen.add(id);
            if (!id.startsWith("slow")) return;
            try {
                blocked.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onGap(String reason) {
            seen.add("gap");
        }

        @Override
        public void onError(OperationException failure) {
            seen.add("error: " + failure.getMessage());
        }

        void saw(String expected) throws Exception {
            assertEquals(expected, seen.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void theNextProcessGoesOnAfterTheNewestHandledResult() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        GraphQl first = client(store);
        Log log = new Log();
        first.subscribe(NEWS, AFTER.storeName("the news"), log);
        first.connect();
        peer.subscribed("");
        peer.news("id-1");
        peer.news("id-2");
        peer.news("slow-3");
        log.saw("id-1");
        log.saw("id-2");
        log.saw("slow-3");
        store.await("id-2", 1);
        // The process dies in the listener of the third result.
        CopiedStore left = store.copy();
        log.blocked.countDown();
        store.await("slow-3", 1);
        first.disconnect();

        Peer again = peer();
        GraphQl second = client(left);
        Log next = new Log();
        second.subscribe(NEWS, AFTER.storeName("the news").startingAfter("ignored"), next);
        second.connect();
        again.subscribed(after("id-2"));
        again.news("id-2");
        again.news("id-3");
        next.saw("id-3");
        left.await("id-3", 1);
        assertEquals(0, left.count("id-2"));
    }

    /** The position of an earlier process is one: on the second connection nothing is missing. */
    @Test
    void aStoredPositionIsNoGapOnTheNextConnection() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        GraphQl first = client(store);
        first.subscribe(NEWS, AFTER.storeName("the news"), new Log());
        first.connect();
        peer.subscribed("");
        peer.news("id-1");
        store.await("id-1", 1);
        CopiedStore left = store.copy();
        first.disconnect();

        Peer one = peer();
        Peer two = peer();
        GraphQl second = client(left);
        Log log = new Log();
        second.subscribe(NEWS, AFTER.storeName("the news"), log);
        second.connect();
        one.subscribed(after("id-1"));
        one.socket.close(1011, null);
        two.subscribed(after("id-1"));
        two.news("id-2");
        log.saw("id-2");
    }

    @Test
    void aGapDropsTheStoredPosition() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        GraphQl first = client(store);
        first.subscribe(NEWS, AFTER.storeName("the news"), new Log());
        first.connect();
        peer.subscribed("");
        peer.news("id-1");
        store.await("id-1", 1);
        CopiedStore left = store.copy();
        first.disconnect();

        Peer again = peer();
        GraphQl second = client(left);
        Log log = new Log();
        second.subscribe(NEWS, AFTER.storeName("the news"), log);
        second.connect();
        again.subscribed(after("id-1"));
        again.gone();
        again.begun("");
        log.saw("gap");
        left.await("the news", 0);
    }

    /** The client asks whether the subscription is over, and then runs the callback. The application may close it in between. */
    @Test
    void aResultWhoseCallbackRunsIsReceivedThoughTheApplicationClosesMeanwhile() throws Exception {
        GraphQlProtocol protocol = GraphQl.builder(server.url("/").toString()).protocol();
        protocol.attach(event -> {});
        Log log = new Log();
        ActiveSubscription stored =
                new ActiveSubscription("a", NEWS, AFTER.storeName("the news"), log, protocol, protocol.codec);
        ActiveSubscription notStored = new ActiveSubscription("b", NEWS, AFTER, log, protocol, protocol.codec);
        Result result = Result.parse("{\"data\":{\"news\":{\"id\":\"id-1\"}}}", protocol.codec);
        List<Payload> begun = List.of(stored.next(result, true), stored.gap("gone"));
        List<Payload> waiting = List.of(notStored.next(result, true), notStored.gap("gone"));
        for (ActiveSubscription each : List.of(stored, notStored)) {
            protocol.subscribe(each);
            assertTrue(each.finish());
        }
        for (Payload payload : begun) ((Received) payload.content()).tell(null);
        log.saw("id-1");
        log.saw("gap");
        for (Payload payload : waiting) ((Received) payload.content()).tell(null);
        assertNull(log.seen.poll());
    }

    @Test
    void twoSubscriptionsCannotHaveOneName() throws Exception {
        GraphQl client = client(new CopiedStore());
        client.subscribe(NEWS, AFTER.storeName("the news"), new Log());
        Log log = new Log();
        client.subscribe(NEWS, AFTER.storeName("the news"), log);
        String error = log.seen.poll(20, TimeUnit.SECONDS);
        assertEquals(
                "error: the subscription cannot be sent: java.lang.IllegalStateException:"
                        + " another subscription has the store name the news",
                error);
        assertThrows(IllegalArgumentException.class, () -> AFTER.storeName(""));
        assertThrows(IllegalArgumentException.class, () -> AFTER.storeName("x".repeat(257)));
    }

    /** The future of a query dies with the process, so nobody could have its result. */
    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // It dies with the process.
    void aQueryIsNotStored() throws Exception {
        CopiedStore store = new CopiedStore();
        GraphQl first = client(store);
        first.execute(Operation.of("mutation { pay }"));
        first.subscribe(NEWS, AFTER.storeName("the news"), new Log());
        Peer peer = peer();
        first.connect();
        peer.subscribed("");
        assertEquals("mutation { pay }", peer.next().replaceAll(".*(mutation.*})\".*", "$1"));
        peer.news("id-1");
        store.await("id-1", 1);
        assertEquals(0, store.count("pay"));
        CopiedStore left = store.copy();
        first.disconnect();

        Peer again = peer();
        GraphQl second = client(left);
        Log log = new Log();
        second.subscribe(NEWS, AFTER.storeName("the news"), log);
        second.connect();
        again.subscribed(after("id-1"));
        again.news("id-2");
        log.saw("id-2");
        assertNull(again.received.poll());
    }
}
