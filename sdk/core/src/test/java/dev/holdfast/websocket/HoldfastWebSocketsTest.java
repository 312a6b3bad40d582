package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.FrameLog;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.WebSocket;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What OkHttp's web sockets do not have. The rest is {@link WebSocketContract}. */
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
    void framesAreTold() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        rig.settings = builder -> builder.events(FrameLog.to(lines::add).showPayload(10));
        ListenerRecorder recorder = rig.newRecorder();
        HoldfastWebSocket webSocket = rig.openHoldfast(recorder);
        Peer peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        webSocket.send("text");
        assertEquals("text", takeMessage(peer, 1).utf8());
        String line = lines.take();
        assertEquals(" #1 -> TEXT         F-M      4 text", line.substring(11));
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
