package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import dev.holdfast.interop.CopiedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.junit5.StartStop;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Subscriptions and notifications in a store: what the next process goes on from when this one has died. */
@Timeout(60)
class StoredJsonRpcTest {
    private static final SubscriptionCall NEWS = SubscriptionCall.of(Call.of("subscribe"), "unsubscribe")
            .cursor(value -> value.text())
            .backfill(last -> Call.of("after", last));

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final List<JsonRpc> clients = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (JsonRpc client : clients) {
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
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, null);
        }

        void send(String members) throws Exception {
            open.get(20, TimeUnit.SECONDS).send("{\"jsonrpc\":\"2.0\"," + members + "}");
        }

        /** Expects a call and returns its id. */
        String called(String rest) throws Exception {
            String next = received.poll(20, TimeUnit.SECONDS);
            assertNotNull(next, "nothing came");
            String id = next.replaceAll(".*\"id\":(\\d+).*", "$1");
            assertEquals("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":" + rest + "}", next);
            return id;
        }

        void subscribed(String serverId) throws Exception {
            send("\"id\":" + called("\"subscribe\"") + ",\"result\":\"" + serverId + "\"");
        }

        void backfilled(String after, String values) throws Exception {
            send("\"id\":" + called("\"after\",\"params\":[\"" + after + "\"]") + ",\"result\":" + values);
        }

        void value(String serverId, String value) throws Exception {
            send("\"method\":\"news\",\"params\":{\"subscription\":\"" + serverId + "\",\"result\":\"" + value + "\"}");
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(peer).build());
        return peer;
    }

    private JsonRpc client(CopiedStore store) {
        JsonRpc client = JsonRpc.builder(server.url("/").toString())
                .configure(settings -> settings.store(store)
                        .closeTimeout(Duration.ofMillis(100))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .build();
        clients.add(client);
        return client;
    }

    private static class Log implements SubscriptionListener {
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        final CountDownLatch blocked = new CountDownLatch(1);

        @Override
        public void onValue(JsonValue value) {
            seen.add(value.text());
            if (!value.text().startsWith("slow")) return;
            try {
                blocked.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onGap(@Nullable Throwable cause) {
            seen.add("gap " + cause);
        }

        @Override
        public void onEnded(Throwable cause) {
            seen.add("ended: " + cause.getMessage());
        }

        void saw(String expected) throws Exception {
            assertEquals(expected, seen.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void theNextProcessAsksForWhatCameAfterTheNewestHandledValue() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        JsonRpc first = client(store);
        Log log = new Log();
        first.subscribe(NEWS.storeName("the news"), log);
        first.connect();
        peer.subscribed("s1");
        peer.value("s1", "id-1");
        peer.value("s1", "id-2");
        peer.value("s1", "slow-3");
        log.saw("id-1");
        log.saw("id-2");
        log.saw("slow-3");
        store.await("id-2", 1);
        // The process dies in the listener of the third value.
        CopiedStore left = store.copy();
        log.blocked.countDown();
        store.await("slow-3", 1);
        first.disconnect();

        Peer again = peer();
        JsonRpc second = client(left);
        Log next = new Log();
        second.subscribe(NEWS.storeName("the news").startingAfter("ignored"), next);
        second.connect();
        again.subscribed("s2");
        again.value("s2", "id-5");
        again.backfilled("id-2", "[\"id-2\",\"slow-3\",\"id-4\"]");
        next.blocked.countDown();
        next.saw("slow-3");
        next.saw("id-4");
        next.saw("id-5");
        left.await("id-5", 1);
        assertEquals(0, left.count("id-2"));
    }

    /** The server's id is not known yet, so the answer ends it. Its name is free at once. */
    @Test
    void aSubscriptionThatWasClosedBeforeItsAnswerHasNoStoreName() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        JsonRpc client = client(store);
        RpcSubscription closed = client.subscribe(NEWS.storeName("the news"), new Log());
        client.connect();
        String id = peer.called("\"subscribe\"");
        closed.close();
        Log log = new Log();
        client.subscribe(NEWS.storeName("the news"), log);
        String second = peer.called("\"subscribe\"");
        peer.send("\"id\":" + second + ",\"result\":\"s2\"");
        peer.send("\"id\":" + id + ",\"result\":\"s1\"");
        peer.called("\"unsubscribe\",\"params\":[\"s1\"]");
        peer.value("s2", "id-1");
        log.saw("id-1");
        store.await("id-1", 1);
    }

    /** The value whose listener ends the subscription is with the application: it does not come to the next one of the name. */
    @Test
    void aSubscriptionThatReplacesAnotherInItsListenerGoesOnAfterThatValue() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        JsonRpc client = client(store);
        Log second = new Log();
        CompletableFuture<RpcSubscription> one = new CompletableFuture<>();
        one.complete(client.subscribe(NEWS.storeName("the news"), value -> {
            if (!value.text().equals("id-2")) return;
            one.join().close();
            client.subscribe(NEWS.storeName("the news"), second);
        }));
        client.connect();
        peer.subscribed("s1");
        peer.value("s1", "id-1");
        peer.value("s1", "id-2");
        peer.value("s1", "id-3");
        String unsubscribed = peer.called("\"unsubscribe\",\"params\":[\"s1\"]");
        assertFalse(unsubscribed.isEmpty());
        peer.subscribed("s2");
        peer.backfilled("id-2", "[\"id-2\",\"id-3\"]");
        second.saw("id-3");
        store.await("id-3", 1);
    }

    @Test
    void aStoredPositionNeedsACursorAndABackfill() throws Exception {
        JsonRpc client = client(new CopiedStore());
        SubscriptionCall plain = SubscriptionCall.of(Call.of("subscribe"), null).storeName("the news");
        assertThrows(IllegalArgumentException.class, () -> client.subscribe(plain, new Log()));
        assertThrows(IllegalArgumentException.class, () -> NEWS.storeName(""));
        client.subscribe(NEWS.storeName("the news"), new Log());
        Log log = new Log();
        client.subscribe(NEWS.storeName("the news"), log);
        log.saw("ended: another subscription has the store name the news");
    }

    /** A notification goes out in the next process. A call does not: nobody there has its future. */
    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // It dies with the process.
    void aNotificationOutlivesTheProcessAndACallDoesNot() throws Exception {
        CopiedStore store = new CopiedStore();
        JsonRpc first = client(store);
        first.call("pay", 1);
        Delivery told = first.notify("log", "offline");
        assertTrue(told.stored().get(20, TimeUnit.SECONDS));
        assertEquals(0, store.count("pay"));
        CopiedStore left = store.copy();

        Peer peer = peer();
        JsonRpc second = client(left);
        second.connect();
        assertEquals(
                "{\"jsonrpc\":\"2.0\",\"method\":\"log\",\"params\":[\"offline\"]}",
                peer.received.poll(20, TimeUnit.SECONDS));
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        assertEquals(1, restored.size());
        assertEquals(
                Outcome.Kind.WRITTEN,
                restored.get(0).outcome().get(20, TimeUnit.SECONDS).kind());
        left.await("offline", 0);
        Delivery last = second.notify("last");
        assertEquals(
                Outcome.Kind.WRITTEN, last.outcome().get(20, TimeUnit.SECONDS).kind());
        assertEquals("{\"jsonrpc\":\"2.0\",\"method\":\"last\"}", peer.received.poll(20, TimeUnit.SECONDS));
    }
}
