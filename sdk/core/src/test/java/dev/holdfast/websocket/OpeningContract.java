package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From {@code newWebSocket} to {@code onOpen}. */
interface OpeningContract extends FactoryContract {
    @Test
    default void requestReturnsTheOriginal() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        Request request = new Request.Builder()
                .url(rig().server.url())
                .header("X-Mine", "1")
                .tag("mine")
                .build();
        WebSocket webSocket = rig().open(rig().client, request, recorder);
        assertSame(request, webSocket.request());
        Peer peer = rig().server.acceptUpgrade();
        recorder.takeOpened();
        assertSame(request, webSocket.request());
        assertEquals(List.of("1"), peer.header("X-Mine"));
        rig().endByCancel(webSocket, recorder);
        assertSame(request, webSocket.request());
    }

    @Test
    default void theHandshakeIsWhatTheRfcAsksFor() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.acceptUpgrade();
        assertEquals("GET /live HTTP/1.1", peer.requestLine());
        assertEquals(List.of("websocket"), peer.header("Upgrade"));
        assertEquals(List.of("Upgrade"), peer.header("Connection"));
        assertEquals(List.of("13"), peer.header("Sec-WebSocket-Version"));
        assertEquals(
                16,
                ByteString.decodeBase64(peer.header("Sec-WebSocket-Key").get(0)).size());
        assertTrue(peer.header("Sec-WebSocket-Extensions").get(0).startsWith("permessage-deflate"));
        assertEquals(List.of(), peer.header("Sec-WebSocket-Protocol"));
        recorder.takeOpened();
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void onOpenIsShownTheResponse() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.set(0, "HTTP/1.1 101 Welcome");
        head.add("X-Server: raw");
        peer.answer(head);
        Response response = recorder.takeOpened();
        assertEquals(101, response.code());
        assertEquals("Welcome", response.message());
        assertEquals(Protocol.HTTP_1_1, response.protocol());
        assertEquals("raw", response.header("X-Server"));
        assertEquals("websocket", response.header("Upgrade"));
        assertEquals(rig().server.port(), response.request().url().port());
        assertNotNull(response.request().header("Sec-WebSocket-Key"));
        assertNull(response.handshake());
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aMethodOtherThanGetIsRefused() {
        Request request = FactoryRig.request(rig().server.url())
                .newBuilder()
                .post(RequestBody.EMPTY)
                .build();
        ListenerRecorder recorder = new ListenerRecorder();
        assertThrows(IllegalArgumentException.class, () -> rig().open(rig().client, request, recorder));
        recorder.assertNothingMore();
    }

    @Test
    default void whatIsSentBeforeItIsOpenIsKept() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertTrue(webSocket.send("größer"));
        assertTrue(webSocket.send(ByteString.of((byte) 1, (byte) 2)));
        assertEquals(8 + 2, webSocket.queueSize());
        peer.answer(peer.upgraded());
        peer.takeText("größer");
        assertEquals(new Frame(true, 2, ByteString.of((byte) 1, (byte) 2)), peer.take());
        recorder.takeOpened();
        FactoryRig.await("drained queue", () -> webSocket.queueSize() == 0);
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aCloseBeforeItIsOpenFollowsWhatWasSent() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertTrue(webSocket.send("first and last"));
        assertTrue(webSocket.close(1000, "bye"));
        assertFalse(webSocket.close(1000, "bye"));
        assertFalse(webSocket.send("too late"));
        peer.answer(peer.upgraded());
        peer.takeText("first and last");
        assertEquals("bye", peer.takeClose(1000).payload().substring(2).utf8());
        peer.closeFrame(1000, "bye");
        peer.close();
        recorder.takeOpened();
        recorder.takeClosingAndClosed(1000, "bye");
    }

    @Test
    default void cancelBeforeTheAnswer() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
        assertFalse(webSocket.send("late"));
        assertFalse(webSocket.close(1000, null));
        peer.takeEnd();
    }

    @Test
    default void cancelAtOnce() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        webSocket.cancel();
        webSocket.cancel();
        recorder.takeFailed(IOException.class);
    }

    @Test
    default void cancelWhileTheNameIsLookedUp() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        OkHttpClient client = rig().client
                .newBuilder()
                .dns(host -> {
                    asked.countDown();
                    awaitLatch(answer);
                    throw new java.net.UnknownHostException(host);
                })
                .build();
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(client, "ws://chat.example/", recorder);
        awaitLatch(asked);
        webSocket.cancel();
        answer.countDown();
        recorder.takeFailed(IOException.class);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- subprotocols and extensions ----

    @ParameterizedTest
    @ValueSource(strings = {"chat", "superchat"})
    default void aSubprotocolIsOfferedByTheRequestAndReadFromTheResponse(String selected) throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = openOffering("superchat, chat", recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        assertEquals(List.of("superchat, chat"), peer.header("Sec-WebSocket-Protocol"));
        List<String> head = peer.upgraded();
        head.remove(head.size() - 1);
        head.add("Sec-WebSocket-Protocol: " + selected);
        peer.answer(head);
        assertEquals(selected, recorder.takeOpened().header("Sec-WebSocket-Protocol"));
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void theServerNeedNotSelectASubprotocol() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = openOffering("chat", recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.remove(head.size() - 1);
        peer.answer(head);
        assertNull(recorder.takeOpened().header("Sec-WebSocket-Protocol"));
        rig().endByCancel(webSocket, recorder);
    }

    @Test
    default void aSubprotocolThatWasNotOffered() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = openOffering("chat", recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.set(head.size() - 1, "Sec-WebSocket-Protocol: other");
        peer.answer(head);
        endOfWrongAnswer(webSocket, recorder, Difference.CHECKS_SUBPROTOCOL);
    }

    private WebSocket openOffering(String subprotocols, ListenerRecorder recorder) {
        Request request = FactoryRig.request(rig().server.url())
                .newBuilder()
                .header("Sec-WebSocket-Protocol", subprotocols)
                .build();
        return rig().open(rig().client, request, recorder);
    }

    @Test
    default void theConnectionHeaderTwice() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        WebSocket webSocket = rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.add("Connection: upgrade");
        head.add("Upgrade: WebSocket");
        peer.answer(head);
        endOfWrongAnswer(webSocket, recorder, Difference.REQUIRES_EACH_HEADER_ONCE);
    }

    private void endOfWrongAnswer(WebSocket webSocket, ListenerRecorder recorder, Difference whereRefused)
            throws InterruptedException {
        if (rig().has(whereRefused)) {
            ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
            assertInstanceOf(ProtocolException.class, failed.reason());
            assertEquals(101, failed.response().code());
        } else {
            recorder.takeOpened();
            rig().endByCancel(webSocket, recorder);
        }
    }

    @Test
    default void anExtensionThatWasNotOffered() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        rig().open(recorder);
        Peer peer = rig().server.accept();
        peer.readRequest();
        List<String> head = peer.upgraded();
        head.add("Sec-WebSocket-Extensions: x-other");
        peer.answer(head);
        if (rig().has(Difference.FAILS_ON_UNKNOWN_EXTENSIONS)) {
            ListenerRecorder.Failed failed = recorder.take(ListenerRecorder.Failed.class);
            assertInstanceOf(ProtocolException.class, failed.reason());
            assertEquals(101, failed.response().code());
        } else {
            peer.takeClose(1010);
            peer.closeFrame(1010, "");
            peer.close();
            recorder.takeOpened();
            recorder.takeClosingAndClosed(1010, "");
        }
    }

    @Test
    default void extensionsOfTheRequestsOwn() throws Exception {
        ListenerRecorder recorder = rig().newRecorder();
        Request request = FactoryRig.request(rig().server.url())
                .newBuilder()
                .header("Sec-WebSocket-Extensions", "x-mine")
                .build();
        WebSocket webSocket = rig().open(rig().client, request, recorder);
        if (rig().has(Difference.OFFERS_ITS_OWN_EXTENSIONS)) {
            Peer peer = rig().server.acceptUpgrade();
            assertEquals(1, peer.header("Sec-WebSocket-Extensions").size());
            assertTrue(peer.header("Sec-WebSocket-Extensions").get(0).startsWith("permessage-deflate"));
            recorder.takeOpened();
            rig().endByCancel(webSocket, recorder);
        } else {
            recorder.takeFailed(ProtocolException.class);
            assertFalse(webSocket.send("late"));
            assertFalse(webSocket.close(1000, null));
        }
    }
}
