package dev.holdfast.socketio;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Events in a store: what goes out in the next process when this one has died. */
@Timeout(60)
class StoredSocketIoTest {
    private static final String HELLO =
            "0{\"sid\":\"e\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}";

    @StartStop
    private final MockWebServer server = new MockWebServer();

    private final List<SocketIo> clients = new ArrayList<>();
    private final BlockingQueue<Recovery> recoveries = new LinkedBlockingQueue<>();

    @AfterEach
    void end() throws Exception {
        for (SocketIo client : clients) {
            client.disconnect();
            client.close();
            client.closed().get(20, TimeUnit.SECONDS);
        }
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

        void saw(Object expected) throws Exception {
            assertEquals(expected, received.poll(20, TimeUnit.SECONDS));
        }

        void accept() throws Exception {
            send(HELLO);
            saw("40/admin,");
            send("40/admin,{\"sid\":\"s1\",\"pid\":\"p1\"}");
        }
    }

    private Peer peer() {
        Peer peer = new Peer();
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(peer).build());
        return peer;
    }

    private SocketIo client(CopiedStore store, String namespace) {
        SocketIo client = SocketIo.builder(server.url(namespace).toString())
                .configure(settings -> settings.store(store)
                        .closeTimeout(Duration.ofMillis(100))
                        .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(50))))
                .build();
        client.onConnect(recoveries::add);
        clients.add(client);
        return client;
    }

    private static Outcome outcome(Delivery delivery) throws Exception {
        return delivery.outcome().get(20, TimeUnit.SECONDS);
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // It dies with the process.
    void eventsOutliveTheProcess() throws Exception {
        CopiedStore store = new CopiedStore();
        SocketIo first = client(store, "/admin");
        // Nobody could have the answer in another process.
        first.emitWithAck("asked", 1);
        Emitter sure = first.emitter().retries(1000).timeout(Duration.ofMillis(200));
        Delivery plain = first.emit("plain", "\u00e9\n1");
        Delivery retried = sure.emit("retried", "a", new byte[] {1, 2}, "\u20ac", new byte[] {3});
        assertTrue(plain.stored().get(20, TimeUnit.SECONDS));
        assertTrue(retried.stored().get(20, TimeUnit.SECONDS));
        assertEquals(0, store.count("asked"));
        CopiedStore left = store.copy();

        Peer peer = peer();
        SocketIo second = client(left, "/admin");
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        assertEquals(2, restored.size());
        second.connect();
        peer.accept();
        assertEquals(Recovery.FIRST, recoveries.poll(20, TimeUnit.SECONDS));
        peer.saw("42/admin,[\"plain\",\"\u00e9\\n1\"]");
        String packet = "452-/admin,1[\"retried\",\"a\",{\"_placeholder\":true,\"num\":0},\"\u20ac\","
                + "{\"_placeholder\":true,\"num\":1}]";
        // The first try, and after its time the second one.
        for (int i = 0; i < 2; i++) {
            peer.saw(packet);
            peer.saw(ByteString.of((byte) 1, (byte) 2));
            peer.saw(ByteString.of((byte) 3));
        }
        assertEquals(Outcome.Kind.WRITTEN, outcome(restored.get(0)).kind());
        peer.send("43/admin,1[]");
        Outcome acknowledged = outcome(restored.get(1));
        assertEquals(Outcome.Kind.ACKNOWLEDGED, acknowledged.kind());
        left.await("retried", 0);
        assertEquals(0, left.count("plain"));
    }

    /** What a connection took and the server did not acknowledge is in doubt, also with retries. */
    @Test
    void anEventUnderWayWhenTheProcessDiesIsUnknown() throws Exception {
        CopiedStore store = new CopiedStore();
        Peer peer = peer();
        SocketIo first = client(store, "/admin");
        first.connect();
        peer.accept();
        first.emitter().retries(9).emit("save", 1);
        peer.saw("42/admin,1[\"save\",1]");
        peer.send("42/admin,[\"news\",\"offset-1\"]");
        CopiedStore left = store.copy();
        first.disconnect();

        Peer again = peer();
        SocketIo second = client(left, "/admin");
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        Outcome outcome = outcome(restored.get(0));
        assertEquals(Outcome.Kind.UNKNOWN, outcome.kind());
        assertEquals(Outcome.Reason.RESTORED, outcome.reason());
        // The server's own recovery is of one process.
        second.connect();
        again.accept();
        second.emit("last");
        again.saw("42/admin,[\"last\"]");
        assertEquals(Recovery.FIRST, recoveries.poll(20, TimeUnit.SECONDS));
        assertEquals(Recovery.FIRST, recoveries.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void anEventOfAnotherNamespaceIsNotSent() throws Exception {
        CopiedStore store = new CopiedStore();
        SocketIo first = client(store, "/admin");
        assertTrue(first.emit("secret", 1).stored().get(20, TimeUnit.SECONDS));
        SocketIo second = client(store.copy(), "/public");
        List<Delivery> restored = second.storeOpened().get(20, TimeUnit.SECONDS);
        Outcome outcome = outcome(restored.get(0));
        assertEquals(Outcome.Kind.CANCELLED, outcome.kind());
        assertTrue(outcome.toString().contains("an event of the namespace /admin"), outcome::toString);
    }
}
