package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import dev.holdfast.internal.transport.SocketFactories;
import java.io.EOFException;
import java.net.ProtocolException;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in both directions while the web socket is open. */
interface MessageContract extends FactoryContract {
    String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    @ParameterizedTest
    @ValueSource(ints = {0, 125, 126, 65_535, 65_536, 300_000})
    default void messagesOfEverySizeThereAndBack(int bytes) throws Exception {
        rig().enqueueEcho();
        echo(bytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1023, 1024, 300_000})
    default void compressedMessagesOfEverySizeThereAndBack(int bytes) throws Exception {
        rig().enqueueEcho(DEFLATE);
        echo(bytes);
    }

    private void echo(int bytes) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(rig().client, rig().mockUrl(), recorder);
        recorder.takeOpened();
        byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        String text = "ü".repeat(bytes / 2) + "x".repeat(bytes % 2);
        assertTrue(webSocket.send(text));
        assertTrue(webSocket.send(ByteString.of(random)));
        assertTrue(webSocket.send(ByteString.of(new byte[bytes])));
        recorder.takeText(text);
        recorder.takeBinary(ByteString.of(random));
        recorder.takeBinary(ByteString.of(new byte[bytes]));
        FactoryRig.await("drained queue", () -> webSocket.queueSize() == 0);
        rig().endByClose(webSocket, recorder);
    }

    @ParameterizedTest
    @ValueSource(strings = {DEFLATE, "X-Other: 1"})
    default void manyMessagesKeepTheirOrder(String header) throws Exception {
        rig().enqueueEcho(header);
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(rig().client, rig().mockUrl(), recorder);
        recorder.takeOpened();
        for (int i = 0; i < 200; i++) {
            assertTrue(webSocket.send("message " + i));
            assertTrue(webSocket.send(ByteString.encodeUtf8("bytes " + i)));
        }
        for (int i = 0; i < 200; i++) {
            recorder.takeText("message " + i);
            recorder.takeBinary(ByteString.encodeUtf8("bytes " + i));
        }
        rig().endByClose(webSocket, recorder);
    }

    @Test
    default void halfASurrogatePairBecomesAQuestionMark() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        assertTrue(webSocket.send("a\ud800b\udc00"));
        peer.takeText("a?b?");
        recorder.takeOpened();
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void nullIsNoMessage() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        assertThrows(NullPointerException.class, () -> webSocket.send((String) null));
        assertThrows(NullPointerException.class, () -> webSocket.send((ByteString) null));
        assertTrue(webSocket.send("still open"));
        peer.takeText("still open");
        recorder.takeOpened();
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void fragmentsMakeOneMessageAndPingsBetweenThemAreAnswered() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.hex("01 03 48 65 6c");
        peer.ping("now");
        peer.hex("80 02 6c 6f");
        peer.hex("02 00");
        peer.hex("00 01 07");
        peer.hex("80 00");
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("now")), peer.take());
        recorder.takeOpened();
        recorder.takeText("Hello");
        recorder.takeBinary(ByteString.of((byte) 7));
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void pongsThatNobodyAskedForAreIgnored() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.pong(ByteString.EMPTY);
        peer.pong(ByteString.encodeUtf8("unasked"));
        peer.text("text");
        recorder.takeOpened();
        recorder.takeText("text");
        rig().endByCancel(webSocket, recorder);
    }

    // ---- the queue ----

    @Test
    default void queueSizeCountsWhatTheServerDoesNotTake() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        String message = "ü".repeat(5000);
        for (int i = 0; i < 100; i++) {
            long before = webSocket.queueSize();
            assertTrue(webSocket.send(message));
            assertTrue(webSocket.queueSize() <= before + 10_000);
        }
        assertTrue(webSocket.queueSize() >= 600_000, "queue of " + webSocket.queueSize());
        for (int i = 0; i < 100; i++) peer.takeText(message);
        FactoryRig.await("drained queue", () -> webSocket.queueSize() == 0);
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void moreThanSixteenMebibytesInTheQueue() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertTrue(webSocket.send(ByteString.of(new byte[16 * 1024 * 1024])));
        assertEquals(16 * 1024 * 1024, webSocket.queueSize());
        assertFalse(webSocket.send("x"));
        assertEquals(16 * 1024 * 1024, webSocket.queueSize());
        assertFalse(webSocket.close(1000, null));
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aMessageOverTheQueuesLimitIsNotTakenAndClosesWith1001() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertTrue(webSocket.send(ByteString.of(new byte[16 * 1024 * 1024])));
        assertFalse(webSocket.send("x"));
        assertFalse(webSocket.send(""));
        assertFalse(webSocket.close(1000, null));
        peer.answer(peer.upgraded());
        int payload = 0;
        Frame frame = peer.take();
        while (frame.opcode() != 8) {
            payload += frame.payload().size();
            frame = peer.take();
        }
        assertEquals(16 * 1024 * 1024, payload);
        assertEquals(1001, frame.closeCode());
        peer.closeFrame(1001, "");
        peer.close();
        recorder.takeOpened();
        recorder.takeClosingAndClosed(1001, "");
        assertEquals(0, webSocket.queueSize());
    }

    @Test
    default void aLongMessageOnTheWire() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        ByteString message = ByteString.of(new byte[100_000]);
        assertTrue(webSocket.send(message));
        if (rig().has(Difference.FRAGMENTS_LONG_MESSAGES)) {
            assertEquals(new Frame(false, 2, message.substring(0, 65_536)), peer.take());
            assertEquals(new Frame(true, 0, message.substring(65_536)), peer.take());
        } else {
            assertEquals(new Frame(true, 2, message), peer.take());
        }
        recorder.takeOpened();
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aMessageWithoutMeasure() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex("82 7f 00 00 00 00 04 00 00 01");
        if (rig().has(Difference.BOUNDS_MESSAGES)) {
            peer.takeClose(1009);
            peer.close();
            recorder.takeFailed(ProtocolException.class);
        } else {
            peer.close();
            recorder.takeFailed(EOFException.class);
        }
    }

    // ---- compression ----

    @ParameterizedTest
    @ValueSource(longs = {0, 10, 1024})
    default void theSmallestMessageToCompress(long threshold) throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .minWebSocketMessageToCompress(threshold)
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = acceptDeflate();
        recorder.takeOpened();
        String large = "x".repeat((int) threshold);
        assertTrue(webSocket.send(large));
        assertEquals(large, inflated(peer.takeCompressed()));
        if (threshold > 0) {
            String small = large.substring(1);
            assertTrue(webSocket.send(small));
            peer.takeText(small);
        }
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void compressionThatTheServerDeclines() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.send("x".repeat(10_000)));
        peer.takeText("x".repeat(10_000));
        rig().endByCancel(webSocket, recorder);
    }

    private Peer acceptDeflate() throws Exception {
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.add(DEFLATE);
        peer.answer(head);
        return peer;
    }

    private static String inflated(Frame frame) throws DataFormatException {
        assertTrue(frame.fin());
        Inflater inflater = new Inflater(true);
        inflater.setInput(
                new Buffer().write(frame.payload()).writeInt(0x0000ffff).readByteArray());
        byte[] message = new byte[10_000];
        int length = inflater.inflate(message);
        inflater.end();
        return ByteString.of(message, 0, length).utf8();
    }
}
