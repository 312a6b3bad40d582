package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Peer;
import dev.holdfast.internal.transport.SocketFactories;
import dev.holdfast.websocket.ListenerRecorder.Closing;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends without a closing handshake, once it has been open. */
interface FailureContract extends FactoryContract {
    @ParameterizedTest
    @ValueSource(strings = {"", "81", "81 05", "81 05 48", "01 01 48"})
    default void aStreamThatEndsWithoutACloseFrame(String before) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex(before);
        peer.close();
        recorder.takeFailed(EOFException.class);
        assertDead(webSocket);
    }

    @Test
    default void aStreamThatEndsWithAReset() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.reset();
        recorder.takeFailed(IOException.class);
        assertDead(webSocket);
    }

    private static void assertDead(WebSocket webSocket) {
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.send(ByteString.EMPTY));
        assertFalse(webSocket.close(1000, null));
        assertEquals(0, webSocket.queueSize());
        webSocket.cancel();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c1 00", // RSV1
                "83 00", // an opcode that there isn't
                "89 7e 00 7e", // a ping of 126 bytes
                "81 81 00 00 00 00 61", // masked
                "80 00", // nothing to continue
                "01 01 61 81 01 62", // a message inside another
                "88 01 03", // half a code
                "88 02 03 ed", // 1005
            })
    default void aServerThatBreaksTheProtocol(String frames) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.text("still good");
        peer.hex(frames);
        if (rig().has(Difference.SENDS_A_CLOSE_FRAME_ON_A_VIOLATION)) peer.takeClose(1002);
        peer.close();
        recorder.takeText("still good");
        recorder.takeFailed(ProtocolException.class);
        assertDead(webSocket);
    }

    @Test
    default void aServerThatBreaksTheProtocolAndKeepsTheConnection() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex("83 00");
        recorder.takeFailed(ProtocolException.class);
        if (rig().has(Difference.SENDS_A_CLOSE_FRAME_ON_A_VIOLATION)) {
            peer.takeClose(1002);
            rig().pass(Duration.ofSeconds(5));
        }
        peer.takeEnd();
        assertDead(webSocket);
    }

    @Test
    default void textThatIsNotUtf8() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex("81 02 61 ff");
        if (rig().has(Difference.CHECKS_UTF8)) {
            peer.takeClose(1007);
            peer.close();
            recorder.takeFailed(ProtocolException.class);
        } else {
            recorder.takeText("a\ufffd");
            rig().endByCancel(webSocket, recorder);
        }
    }

    @Test
    default void aCloseReasonThatIsNotUtf8() throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, webSocket -> webSocket.close(1000, null));
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex("88 03 03 e8 ff");
        peer.takeClose(rig().has(Difference.CHECKS_UTF8) ? 1007 : 1000);
        peer.close();
        if (rig().has(Difference.CHECKS_UTF8)) {
            recorder.takeFailed(ProtocolException.class);
        } else {
            recorder.takeClosingAndClosed(1000, "\ufffd");
        }
    }

    @Test
    default void aMessageThatCannotBeDecompressed() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.add(MessageContract.DEFLATE);
        peer.answer(head);
        recorder.takeOpened();
        peer.hex("c1 04 ff ff ff ff");
        peer.close();
        recorder.takeFailed(IOException.class);
        assertDead(webSocket);
    }

    // ---- time ----

    @Test
    default void aServerThatTakesNothing() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .writeTimeout(Duration.ofMillis(50))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.send(ByteString.of(new byte[1024 * 1024])));
        recorder.takeFailed(IOException.class);
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.close(1000, null));
        peer.close();
    }

    @Test
    default void theTimeLimitsOfTheCallAreOverOnceItIsOpen() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .callTimeout(Duration.ofMillis(300))
                .readTimeout(Duration.ofMillis(300))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        FactoryRig.awaitMillis(400);
        recorder.assertNothingMore();
        peer.text("still open");
        recorder.takeText("still open");
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aFrameThatStops() throws Exception {
        OkHttpClient client =
                rig().client.newBuilder().readTimeout(Duration.ofMillis(200)).build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        peer.hex("81 05 48");
        if (rig().has(Difference.WAITS_FOR_THE_REST_OF_A_FRAME)) {
            FactoryRig.awaitMillis(300);
            peer.write("ello");
            recorder.takeText("Hello");
            rig().endByCancel(webSocket, recorder);
        } else {
            recorder.takeFailed(SocketTimeoutException.class);
        }
    }

    // ---- cancel ----

    @Test
    default void cancelWhileItIsOpen() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
        assertDead(webSocket);
        peer.takeEnd();
    }

    @Test
    default void cancelWhileTheServerTakesNothing() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        for (int i = 0; i < 10; i++) assertTrue(webSocket.send(ByteString.of(new byte[100_000])));
        peer.awaitByte();
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
        assertTrue(webSocket.queueSize() > 0);
        assertFalse(webSocket.send("late"));
        peer.close();
    }

    @Test
    default void cancelInTheMidstOfTheClosingHandshake() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        peer.takeClose(1000);
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
        assertDead(webSocket);
        peer.takeEnd();
    }

    @Test
    default void cancelAfterTheEnd() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
        assertDead(webSocket);
    }
}
