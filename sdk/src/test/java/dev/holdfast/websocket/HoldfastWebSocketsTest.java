package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Compression;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.transport.IoThreads;
import dev.holdfast.internal.transport.RawServer;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HoldfastWebSocketsTest {
    private final RawServer server = new RawServer();
    private final FakeClock clock = new FakeClock();
    private final IoThreads threads = new IoThreads();
    private final Listener listener = new Listener();
    private Peer peer;

    @AfterEach
    void close() throws Exception {
        threads.awaitAllEnded();
        clock.assertNothingPending();
        assertEquals(null, listener.events.peek(), "told and not taken");
        server.close();
    }

    private HoldfastWebSockets.Builder builder(OkHttpClient client) {
        return HoldfastWebSockets.builder(client)
                .compression(Compression.none())
                .environment(new Environment(clock, clock, threads, new Random(1), new Random(2), null));
    }

    private Request request() {
        return new Request.Builder().url(server.url()).build();
    }

    private HoldfastWebSocket connect(HoldfastWebSockets webSockets) throws Exception {
        HoldfastWebSocket webSocket = webSockets.newWebSocket(request(), listener);
        peer = server.acceptUpgrade();
        listener.take("open 101");
        return webSocket;
    }

    private HoldfastWebSocket connect() throws Exception {
        return connect(builder(new OkHttpClient()).build());
    }

    private void cancel(WebSocket webSocket) throws Exception {
        webSocket.cancel();
        listener.take("failed IOException null");
    }

    @Test
    void closedByUs() throws Exception {
        HoldfastWebSocket webSocket = connect();
        assertTrue(webSocket.send("one"));
        assertTrue(webSocket.send(ByteString.decodeHex("ff")));
        assertTrue(webSocket.close(4000, "bye"));
        assertFalse(webSocket.close(4000, "again"));
        assertFalse(webSocket.send("late"));
        peer.takeText("one");
        assertEquals("ff", peer.take().payload().hex());
        peer.takeClose(4000);
        peer.text("last");
        peer.closeFrame(4000, "bye");
        peer.close();
        listener.take("text last");
        listener.take("closing 4000 bye");
        listener.take("closed 4000 bye");
    }

    /** What the listener still sends in onClosing goes out, and its own close counts. */
    @Test
    void closedByTheServer() throws Exception {
        listener.onClosing = webSocket -> {
            assertTrue(webSocket.send("last words"));
            assertTrue(webSocket.close(1000, "fine"));
        };
        connect();
        peer.closeFrame(1001, "away");
        peer.takeText("last words");
        peer.takeClose(1000);
        peer.close();
        listener.take("closing 1001 away");
        listener.take("closed 1001 away");
    }

    /** OkHttp would leave the server without an answer for ever. */
    @Test
    void closedByTheServerAndLeftToUs() throws Exception {
        HoldfastWebSocket webSocket = connect();
        peer.closeFrame(1001, "away");
        peer.takeClose(1001);
        assertFalse(webSocket.close(1000, null));
        peer.close();
        listener.take("closing 1001 away");
        listener.take("closed 1001 away");
    }

    @Test
    void whatMayNotBeSentInACloseFrame() throws Exception {
        HoldfastWebSocket webSocket = connect();
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
            assertThrows(IllegalArgumentException.class, () -> webSocket.close(code, null), "code " + code);
        }
        assertThrows(IllegalArgumentException.class, () -> webSocket.close(1000, "x".repeat(124)));
        cancel(webSocket);
        assertFalse(webSocket.close(1000, null));
        assertFalse(webSocket.send("late"));
    }

    @Test
    void refused() throws Exception {
        builder(new OkHttpClient()).build().newWebSocket(request(), listener);
        peer = server.accept();
        peer.readRequest();
        peer.answer("HTTP/1.1 403 Forbidden", "Content-Length: 7");
        peer.write("go away");
        listener.take("failed IOException 403 go away");
        peer.close();
    }

    @Test
    void nobodyListens() throws Exception {
        int port = server.port();
        server.close();
        builder(new OkHttpClient())
                .build()
                .newWebSocket(
                        new Request.Builder().url("ws://127.0.0.1:" + port).build(), listener);
        listener.take("failed " + ConnectException.class.getSimpleName() + " null");
    }

    @Test
    void onlyGetOpensAWebSocket() {
        Request post =
                request().newBuilder().post(RequestBody.create(new byte[0])).build();
        assertThrows(
                IllegalArgumentException.class,
                () -> builder(new OkHttpClient()).build().newWebSocket(post, listener));
    }

    @Test
    void noPongInTime() throws Exception {
        connect(builder(new OkHttpClient.Builder()
                        .pingInterval(Duration.ofSeconds(7))
                        .build())
                .build());
        clock.awaitPending(1);
        clock.advance(Duration.ofSeconds(7));
        assertEquals(9, peer.take().opcode());
        peer.pong(ByteString.EMPTY);
        peer.text("so the pong was read");
        listener.take("text so the pong was read");
        clock.advance(Duration.ofSeconds(7));
        assertEquals(9, peer.take().opcode());
        clock.advance(Duration.ofSeconds(7));
        listener.take("failed " + SocketTimeoutException.class.getSimpleName() + " null");
    }

    @Test
    void closesWhenTheQueueOverflowsIfAskedTo() throws Exception {
        HoldfastWebSocket webSocket =
                connect(builder(new OkHttpClient()).maxQueueBytes(10).build());
        assertFalse(webSocket.send("x".repeat(11)));
        assertFalse(webSocket.send("x"));
        peer.takeClose(1001);
        peer.closeFrame(1001, "");
        peer.close();
        listener.take("closing 1001 ");
        listener.take("closed 1001 ");
    }

    @Test
    void queueSizeIsPayloadThatWaits() throws Exception {
        HoldfastWebSocket webSocket = builder(new OkHttpClient()).build().newWebSocket(request(), listener);
        assertTrue(webSocket.send("\u20ac"));
        assertTrue(webSocket.send(ByteString.of(new byte[100])));
        assertEquals(103, webSocket.queueSize());
        peer = server.acceptUpgrade();
        listener.take("open 101");
        peer.takeText("\u20ac");
        peer.take();
        cancel(webSocket);
    }

    @Test
    void messagesFromASource() throws Exception {
        HoldfastWebSocket webSocket =
                connect(builder(new OkHttpClient()).fragmentBytes(4).build());
        webSocket.sendText(new Buffer().writeUtf8("abc"));
        assertEquals("abc", peer.take().utf8());
        cancel(webSocket);
        assertThrows(IOException.class, () -> webSocket.sendBinary(new Buffer().writeUtf8("late")));
    }

    @Test
    void messagesInPieces() throws Exception {
        BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
        HoldfastWebSocket webSocket = builder(new OkHttpClient())
                .maxMessageBytes(1)
                .build()
                .newWebSocket(request(), new StreamingWebSocketListener() {
                    @Override
                    public void onTextPiece(WebSocket webSocket, String piece, boolean last) {
                        pieces.add(piece + last);
                    }

                    @Override
                    public void onBinaryPiece(WebSocket webSocket, ByteString piece, boolean last) {
                        pieces.add(piece.hex() + last);
                    }
                });
        peer = server.acceptUpgrade();
        peer.hex("01 04 61 62 63 e2" + "80 02 82 ac" + "82 02 00 ff");
        assertEquals("abcfalse", pieces.poll(10, TimeUnit.SECONDS));
        assertEquals("\u20actrue", pieces.poll(10, TimeUnit.SECONDS));
        assertEquals("00fftrue", pieces.poll(10, TimeUnit.SECONDS));
        webSocket.cancel();
    }

    private interface Action {
        void on(WebSocket webSocket);
    }

    private static final class Listener extends WebSocketListener {
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        volatile Action onClosing = webSocket -> {};

        void take(String event) throws InterruptedException {
            assertEquals(event, events.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            events.add("open " + response.code());
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            events.add("text " + text);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            onClosing.on(webSocket);
            events.add("closing " + code + " " + reason);
        }

        @Override
        public void onClosed(WebSocket webSocket, int code, String reason) {
            events.add("closed " + code + " " + reason);
        }

        @Override
        public void onFailure(WebSocket webSocket, Throwable t, Response response) {
            try {
                String answer = response == null
                        ? "null"
                        : response.code() + " " + response.body().string();
                events.add("failed " + t.getClass().getSimpleName() + " " + answer);
            } catch (IOException e) {
                events.add("failed without a page");
            }
        }
    }
}
