package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.FrameLog;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.WebSocket;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Features that OkHttp's web sockets do not have. The rest is {@link WebSocketContract}. */
@Timeout(30)
class HoldfastWebSocketsTest {
    @RegisterExtension
    final HoldfastRig rig = new HoldfastRig();

    @Test
    void aSingleMessageOverTheQueuesLimitClosesWith1001() throws Exception {
        rig.settings = builder -> builder.maxQueueBytes(10);
        ListenerRecorder recorder = rig.newRecorder();
        WebSocket webSocket = rig.open(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        assertFalse(webSocket.send("x".repeat(11)));
        assertFalse(webSocket.send("x"));
        peer.takeClose(1001);
        peer.closeFrame(1001, "");
        peer.close();
        recorder.takeClosingAndClosed(1001, "");
    }

    @Test
    void withoutALimitMoreThanSixteenMebibytesAreQueued() throws Exception {
        rig.settings = builder -> builder.maxQueueBytes(Long.MAX_VALUE);
        ListenerRecorder recorder = rig.newRecorder();
        WebSocket webSocket = rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        assertTrue(webSocket.send(ByteString.of(new byte[16 * 1024 * 1024])));
        assertTrue(webSocket.send("x"));
        assertEquals(16 * 1024 * 1024 + 1, webSocket.queueSize());
        rig.endByCancel(webSocket, recorder);
    }

    @Test
    void theQueueSizeIsPayloadBeforeCompressionUntilTheSocketHasIt() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        CompletableFuture<Duration> ping = webSocket.ping();
        assertEquals(0, webSocket.queueSize());
        assertTrue(webSocket.send("\u00fc".repeat(1000)));
        assertEquals(2000, webSocket.queueSize());
        assertTrue(webSocket.send(ByteString.of(new byte[100_000])));
        assertEquals(102_000, webSocket.queueSize());
        webSocket.sendBinary(new Buffer().writeUtf8("stream"));
        assertEquals(102_006, webSocket.queueSize());
        rig.endByCancel(webSocket, recorder);
        assertEquals(102_006, webSocket.queueSize());
        assertFails(ping, "no pong: the web socket failed");
    }

    private static void assertFails(CompletableFuture<Duration> ping, String message) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> ping.get(10, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, failed.getCause());
        assertEquals(message, failed.getCause().getMessage());
    }

    private static ByteString takePing(Peer peer) throws IOException {
        Frame frame = peer.take();
        assertEquals(9, frame.opcode());
        return frame.payload();
    }

    @Test
    void aPingMeasuresTheRoundTrip() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        CompletableFuture<Duration> ping = webSocket.ping();
        ByteString payload = takePing(peer);
        peer.pong(ByteString.EMPTY);
        peer.pong(ByteString.encodeUtf8("unasked"));
        peer.text("between");
        recorder.takeText("between");
        assertFalse(ping.isDone());
        rig.clock.advance(Duration.ofMillis(42));
        peer.pong(payload);
        assertEquals(Duration.ofMillis(42), ping.get(10, TimeUnit.SECONDS));
        rig.endByCancel(webSocket, recorder);
    }

    @Test
    void aPongAnswersThePingsBeforeItsOwn() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        CompletableFuture<Duration> first = webSocket.ping();
        takePing(peer);
        rig.clock.advance(Duration.ofMillis(1));
        CompletableFuture<Duration> second = webSocket.ping();
        ByteString payload = takePing(peer);
        CompletableFuture<Duration> third = webSocket.ping();
        takePing(peer);
        rig.clock.advance(Duration.ofMillis(1));
        peer.pong(payload);
        assertEquals(Duration.ofMillis(1), second.get(10, TimeUnit.SECONDS));
        assertEquals(Duration.ofMillis(2), first.get(10, TimeUnit.SECONDS));
        assertFalse(third.isDone());
        peer.closeFrame(1000, "");
        assertFails(third, "no pong: the server closed the web socket with code 1000");
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
        assertFails(webSocket.ping(), "ping not sent: the web socket is closing or has ended");
    }

    @Test
    void pingsBeforeTheOpeningWaitAndOnlyTheNewestGoesOut() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<CompletableFuture<Duration>> pings = new ArrayList<>();
        for (int i = 0; i < PendingPings.MAX_PINGS; i++) pings.add(webSocket.ping());
        assertFails(webSocket.ping(), "ping not sent: 16 pings wait for a pong already");
        peer.answer(peer.upgraded());
        peer.pong(takePing(peer));
        recorder.takeOpened();
        for (CompletableFuture<Duration> ping : pings) assertEquals(Duration.ZERO, ping.get(10, TimeUnit.SECONDS));
        rig.endByCancel(webSocket, recorder);
    }

    @Test
    void noPingAfterClose() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        CompletableFuture<Duration> before = webSocket.ping();
        ByteString payload = takePing(peer);
        assertTrue(webSocket.close(1000, null));
        assertFails(webSocket.ping(), "ping not sent: the web socket is closing or has ended");
        peer.takeClose(1000);
        // The server answers in order.
        peer.pong(payload);
        assertEquals(Duration.ZERO, before.get(10, TimeUnit.SECONDS));
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
    }

    /** A heartbeat's ping may replace one that waits to go out. */
    @Test
    void theHeartbeatCarriesTheNewestPing() throws Exception {
        List<ByteString> sent = new ArrayList<>();
        PendingPings pings = new PendingPings(rig.clock);
        Connection connection = (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                    sent.add((ByteString) args[0]);
                    // As another thread would, between the two looks of the heartbeat.
                    if (sent.size() == 1) assertFalse(pings.add().isDone());
                    return null;
                });
        pings.send(connection);
        assertEquals(2, sent.size());
        assertEquals(ByteString.EMPTY, sent.get(0));
        assertEquals(8, sent.get(1).size());
    }

    @Test
    void messagesFromASource() throws Exception {
        rig.settings = builder -> builder.fragmentBytes(2);
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        webSocket.sendText(new Buffer().writeUtf8("abc"));
        assertEquals("abc", takeMessage(peer, 1).utf8());
        webSocket.sendBinary(new Buffer().writeUtf8("def"));
        assertEquals("def", takeMessage(peer, 2).utf8());
        rig.endByCancel(webSocket, recorder);
        assertThrows(IOException.class, () -> webSocket.sendBinary(new Buffer().writeUtf8("late")));
    }

    private Peer refused(ListenerRecorder recorder, String... head) throws IOException {
        rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer(head);
        return peer;
    }

    private static void assertRefused(ListenerRecorder recorder, String body) throws Exception {
        ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
        assertEquals(503, failed.response().code());
        assertEquals("busy", failed.response().header("X-Why"));
        assertEquals("upgrade refused with HTTP 503", failed.reason().getMessage());
        assertEquals(body, failed.body());
    }

    @Test
    void aRefusalWhoseBodyTricklesIsReportedAfterASecond() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        Peer peer = refused(recorder, "HTTP/1.1 503 Busy", "X-Why: busy", "Content-Length: 100", "", "try");
        // The limit of the opening and that of the body.
        rig.clock.awaitPending(2);
        rig.clock.advance(Duration.ofSeconds(1).minusNanos(1));
        peer.write(" later");
        recorder.assertNothingMore();
        FactoryRig.awaitMillis(50);
        rig.clock.advance(Duration.ofNanos(1));
        assertRefused(recorder, "try\r\n\r\n later");
    }

    @Test
    void theOpeningsTimeLimitDoesNotReplaceARefusal() throws Exception {
        rig.settings = builder -> builder.connectTimeout(Duration.ofMillis(500));
        ListenerRecorder recorder = rig.newRecorder();
        refused(recorder, "HTTP/1.1 503 Busy", "X-Why: busy", "Content-Length: 100");
        rig.clock.awaitPending(2);
        rig.clock.advance(Duration.ofMillis(999));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofMillis(1));
        assertRefused(recorder, "");
    }

    @Test
    void whatCameOfARefusalsBrokenBodyIsReadable() throws Exception {
        ListenerRecorder recorder = rig.newRecorder();
        Peer peer = refused(
                recorder, "HTTP/1.1 503 Busy", "X-Why: busy", "Transfer-Encoding: chunked", "", "3", "try", "no size");
        assertRefused(recorder, "try");
        peer.close();
    }

    @Test
    void framesAreReportedToEachEventListener() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        BlockingQueue<String> bare = new LinkedBlockingQueue<>();
        rig.settings =
                builder -> builder.addEventListener(FrameLog.to(lines::add).withPayloadBytes(10))
                        .addEventListener(FrameLog.to(bare::add));
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        webSocket.send("text");
        assertEquals("text", takeMessage(peer, 1).utf8());
        String line = lines.take();
        assertEquals(" #1 -> TEXT         F-M      4 text", line.substring(11));
        assertEquals(" #1 -> TEXT         F-M      4", bare.take().substring(11));
        rig.endByCancel(webSocket, recorder);
    }

    private static ByteString takeMessage(Peer peer, int opcode) throws IOException {
        Buffer message = new Buffer();
        Frame frame = peer.take();
        assertEquals(opcode, frame.opcode());
        message.write(frame.payload());
        while (!frame.fin()) {
            frame = peer.take();
            assertEquals(0, frame.opcode());
            message.write(frame.payload());
        }
        return message.readByteString();
    }

    @Test
    void messagesInPieces() throws Exception {
        rig.settings = builder -> builder.maxMessageBytes(1);
        BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
        HoldfastWebSocket webSocket = rig.openHoldfast(new StreamingWebSocketListener() {
            @Override
            public void onTextPiece(WebSocket webSocket, String piece, boolean last) {
                pieces.add(piece + last);
            }

            @Override
            public void onBinaryPiece(WebSocket webSocket, ByteString piece, boolean last) {
                pieces.add(piece.hex() + last);
            }
        });
        Peer peer = rig.server.acceptUpgrade();
        peer.hex("01 04 61 62 63 e2" + "80 02 82 ac" + "82 02 00 ff");
        assertEquals("abcfalse", pieces.poll(10, TimeUnit.SECONDS));
        assertEquals("\u20actrue", pieces.poll(10, TimeUnit.SECONDS));
        assertEquals("00fftrue", pieces.poll(10, TimeUnit.SECONDS));
        webSocket.cancel();
    }
}
