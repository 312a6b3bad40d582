package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Peer;
import dev.holdfast.internal.transport.SocketFactories;
import dev.holdfast.websocket.ListenerRecorder.Closing;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The closing handshake, begun by either side. */
interface ClosingContract extends FactoryContract {
    // ---- begun here ----

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1014, 3000, 4999})
    default void closeHasItsEffectOnce(int code) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(code, "because"));
        assertFalse(webSocket.close(code, "because"));
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.send(ByteString.EMPTY));
        assertEquals("because", peer.takeClose(code).payload().substring(2).utf8());
        peer.closeFrame(code, "because");
        peer.close();
        recorder.takeClosingAndClosed(code, "because");
        assertFalse(webSocket.close(code, "because"));
        assertFalse(webSocket.send("late"));
        assertEquals(0, webSocket.queueSize());
    }

    @Test
    default void theReasonMayBeNull() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        assertEquals(ByteString.decodeHex("03e8"), peer.takeClose(1000).payload());
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
    }

    @Test
    default void codesThatMustNotBeSent() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        assertCodesRefused(webSocket);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertCodesRefused(webSocket);
        assertTrue(webSocket.send("still open"));
        peer.takeText("still open");
        rig().endByCancel(webSocket, recorder);
        assertCodesRefused(webSocket);
    }

    private static void assertCodesRefused(WebSocket webSocket) {
        for (int code : new int[] {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536 + 1000}) {
            assertThrows(IllegalArgumentException.class, () -> webSocket.close(code, null), "code " + code);
        }
    }

    @Test
    default void aReasonHas123BytesAtMost() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertThrows(IllegalArgumentException.class, () -> webSocket.close(1000, "é".repeat(62)));
        assertThrows(IllegalArgumentException.class, () -> webSocket.close(1000, "x".repeat(124)));
        assertTrue(webSocket.send("still open"));
        String longest = "é".repeat(61) + "x";
        assertTrue(webSocket.close(1000, longest));
        peer.takeText("still open");
        assertEquals(longest, peer.takeClose(1000).payload().substring(2).utf8());
        peer.closeFrame(1000, longest);
        peer.close();
        recorder.takeClosingAndClosed(1000, longest);
    }

    @Test
    default void theCloseFrameFollowsWhatIsQueued() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        String message = "x".repeat(10_000);
        for (int i = 0; i < 50; i++) assertTrue(webSocket.send(message + i));
        assertTrue(webSocket.close(1000, null));
        for (int i = 0; i < 50; i++) peer.takeText(message + i);
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
        assertEquals(0, webSocket.queueSize());
    }

    /** The time limit is the server's for its answer. What was sent before has as long as the server reads. */
    @Test
    default void aServerThatReadsSlowlyGetsEverythingThatWasSentBeforeTheClose() throws Exception {
        Duration timeout = Duration.ofMillis(100);
        OkHttpClient client = rig().client
                .newBuilder()
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .webSocketCloseTimeout(timeout)
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        ByteString message = ByteString.of(new byte[64 * 1024]);
        int count = 20;
        for (int i = 0; i < count; i++) assertTrue(webSocket.send(message));
        assertTrue(webSocket.close(1000, null));
        for (int i = 0; i < count; i++) {
            if (i % 5 == 0) rig().hold(timeout);
            assertEquals(message, peer.take().payload());
        }
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosingAndClosed(1000, "");
    }

    @Test
    default void messagesComeInUntilTheServerClosesToo() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, "ours"));
        peer.takeClose(1000);
        peer.text("late");
        recorder.takeText("late");
        peer.closeFrame(4321, "theirs");
        peer.close();
        recorder.takeClosingAndClosed(4321, "theirs");
    }

    @Test
    default void anAnswerToOurCloseFrameWithoutACode() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        peer.takeClose(1000);
        peer.hex("88 00");
        peer.close();
        recorder.takeClosingAndClosed(1005, "");
    }

    @Test
    default void aCloseFrameThatIsNotAnsweredInTime() throws Exception {
        Duration timeout = Duration.ofMillis(50);
        OkHttpClient client =
                rig().client.newBuilder().webSocketCloseTimeout(timeout).build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.close(1000, null));
        peer.takeClose(1000);
        rig().pass(timeout);
        recorder.takeFailed(IOException.class);
        assertFalse(webSocket.close(1000, null));
        peer.takeEnd();
    }

    // ---- begun by the server ----

    @Test
    default void theListenerAnswersTheServersClose() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        AtomicBoolean sent = new AtomicBoolean();
        AtomicBoolean closed = new AtomicBoolean();
        recorder.during(Closing.class, webSocket -> {
            sent.set(webSocket.send("last words"));
            closed.set(webSocket.close(1000, "fine"));
        });
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.text("first");
        peer.closeFrame(1001, "moving");
        peer.takeText("last words");
        assertEquals("fine", peer.takeClose(1000).payload().substring(2).utf8());
        peer.close();
        recorder.takeOpened();
        recorder.takeText("first");
        recorder.takeClosingAndClosed(1001, "moving");
        assertTrue(sent.get());
        assertTrue(closed.get());
    }

    @Test
    default void theServersCloseIsReportedWhileAWriteIsBlocked() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                // Longer than the recorder waits, or the end that this brings would do for the report.
                .writeTimeout(Duration.ofMinutes(1))
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.send(ByteString.of(new byte[1024 * 1024])));
        peer.awaitByte();
        peer.closeFrame(1001, "busy");
        // A writer that may not be blocked for long is waited for.
        if (rig().has(Difference.REPORTS_WRITES_FIRST)) rig().pass(Duration.ofMillis(100));
        recorder.takeClosing(1001, "busy");
        webSocket.cancel();
        if (rig().has(Difference.ALWAYS_REPORTS_THE_END)) recorder.takeClosed(1001, "busy");
        else recorder.takeFailed(IOException.class);
        peer.close();
    }

    @Test
    default void theServersCloseIsReportedWhileAWriteBeforeOurCloseFrameIsBlocked() throws Exception {
        OkHttpClient client = rig().client
                .newBuilder()
                // Longer than the recorder waits, or the end that this brings would do for the report.
                .writeTimeout(Duration.ofMinutes(1))
                .socketFactory(SocketFactories.small(FactoryRig.SOCKET_BUFFER))
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, rig().server.url(), recorder);
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertTrue(webSocket.send(ByteString.of(new byte[1024 * 1024])));
        assertTrue(webSocket.close(1000, null));
        peer.awaitByte();
        peer.closeFrame(1001, "busy");
        if (rig().has(Difference.REPORTS_WRITES_FIRST)) rig().pass(Duration.ofMillis(100));
        recorder.takeClosing(1001, "busy");
        webSocket.cancel();
        if (rig().has(Difference.ALWAYS_REPORTS_THE_END)) recorder.takeClosed(1001, "busy");
        else recorder.takeFailed(IOException.class);
        peer.close();
    }

    @Test
    default void theListenerDoesNotAnswerTheServersClose() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.closeFrame(1001, "moving");
        recorder.takeOpened();
        recorder.takeClosing(1001, "moving");
        if (rig().has(Difference.ANSWERS_FOR_THE_LISTENER)) {
            assertEquals("moving", peer.takeClose(1001).payload().substring(2).utf8());
            assertFalse(webSocket.close(1000, null));
        } else {
            assertTrue(webSocket.send("still taken"));
            assertTrue(webSocket.close(1000, null));
            peer.takeText("still taken");
            peer.takeClose(1000);
        }
        peer.close();
        recorder.takeClosed(1001, "moving");
    }

    @Test
    default void aCloseFrameWithoutACode() throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, webSocket -> webSocket.close(1000, null));
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.hex("88 00");
        peer.takeClose(1000);
        peer.close();
        recorder.takeOpened();
        recorder.takeClosingAndClosed(1005, "");
    }

    @Test
    default void whatFollowsTheServersCloseFrameIsNotTold() throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, webSocket -> webSocket.close(1000, null));
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.closeFrame(1000, "bye");
        peer.text("late");
        peer.takeClose(1000);
        peer.close();
        recorder.takeOpened();
        recorder.takeClosingAndClosed(1000, "bye");
    }

    @Test
    default void aServerThatKeepsTheConnectionAfterBothCloseFrames() throws Exception {
        ListenerRecorder recorder = rig().newRecorder().during(Closing.class, webSocket -> webSocket.close(1000, null));
        rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        peer.closeFrame(1000, "bye");
        peer.takeClose(1000);
        recorder.takeOpened();
        recorder.takeClosingAndClosed(1000, "bye");
        if (rig().has(Difference.WAITS_FOR_THE_SERVER_TO_END_THE_CONNECTION)) rig().pass(Duration.ofSeconds(5));
        peer.takeEnd();
    }
}
