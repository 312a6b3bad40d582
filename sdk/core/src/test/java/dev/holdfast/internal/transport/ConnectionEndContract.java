package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import okhttp3.OkHttpClient;
import okio.ByteString;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way in which an open connection ends: what the server sees, what the listener hears, and, by the rig after each
 * test, that nothing of it is left.
 */
@Tag("slow")
@Timeout(30)
abstract class ConnectionEndContract {
    /** How long the server may keep the TCP connection when the end has been reported. */
    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(5);

    /** How long a report waits for a writer that is blocked. */
    private static final Duration WRITER_GRACE = Duration.ofMillis(100);

    @RegisterExtension
    final TransportRig rig;

    private final ConnectionRecorder recorder;

    ConnectionEndContract(TransportRig rig) {
        this.rig = rig;
        this.recorder = rig.newRecorder();
    }

    private Peer peer;
    private Connection connection;

    private void connect() throws Exception {
        rig.open(recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
    }

    private void assertFailed(String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertEquals(0, failure.httpStatus());
    }

    // ---- the closing handshake, RFC 6455 section 7.1 ----

    @Test
    void closedByUs() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, "bye"));
        assertEquals("bye", peer.takeClose(1000).payload().substring(2).utf8());
        peer.closeFrame(1000, "bye");
        peer.close();
        recorder.takeClosed(1000, "bye");
    }

    @Test
    void closedByTheServer() throws Exception {
        connect();
        peer.closeFrame(4001, "server's reason");
        assertEquals(
                "server's reason", peer.takeClose(4001).payload().substring(2).utf8());
        peer.close();
        recorder.takeClosedByPeer(4001, "server's reason");
        assertFalse(connection.sendText("late", 4));
    }

    @Test
    void closedByTheServerWithoutACode() throws Exception {
        connect();
        peer.hex("88 00");
        peer.takeClose(1005);
        peer.close();
        recorder.takeClosedByPeer(1005, "");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void closedByTheServerWithEveryLegalCode(int code) throws Exception {
        connect();
        peer.closeFrame(code, "");
        peer.takeClose(code);
        peer.close();
        recorder.takeClosedByPeer(code, "");
    }

    @Test
    void closedByBothAtOnce() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        connection.close(CloseStatus.of(1000, "ours"));
        peer.closeFrame(1001, "theirs");
        recorder.takeClosing(1001, "theirs");
        writers.countDown();
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosed(1001, "theirs");
    }

    @Test
    void closedTwiceByUs() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, "first"));
        connection.close(CloseStatus.of(4000, "second"));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.endStream();
        peer.takeEnd();
        recorder.takeClosed(1000, "");
    }

    @Test
    void whatIsQueuedGoesOutBeforeTheCloseFrameAndNothingBehindIt() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        for (int i = 0; i < 3; i++) assertTrue(connection.sendText("message " + i, 9));
        connection.close(CloseStatus.of(1000, ""));
        assertFalse(connection.sendText("late", 4));
        assertFalse(connection.sendBinary(ByteString.EMPTY));
        writers.countDown();
        for (int i = 0; i < 3; i++) peer.takeText("message " + i);
        peer.takeClose(1000);
        connection.sendPing(ByteString.encodeUtf8("late"));
        peer.ping("late too");
        peer.closeFrame(1000, "");
        peer.endStream();
        peer.takeEnd();
        recorder.takeClosed(1000, "");
        assertEquals(3, recorder.written());
    }

    @Test
    void messagesStillComeAfterOurCloseFrame() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.text("still");
        recorder.takeText("still");
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }

    @Test
    void whatComesAfterTheServersCloseFrameIsIgnored() throws Exception {
        connect();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(RawServer.Peer.close(1000, ""));
        bytes.write(RawServer.Peer.frame(0x81, ByteString.encodeUtf8("late")));
        bytes.write(RawServer.Peer.close(1001, "again"));
        bytes.write(ByteString.decodeHex("ffffffff").toByteArray());
        bytes.write(new byte[100_000]);
        peer.write(bytes.toByteArray());
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosedByPeer(1000, "");
    }

    @Test
    void serverNeverAnswersOurCloseFrame() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        rig.clock.awaitPending(1);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT.minusNanos(1));
        peer.text("still open");
        recorder.takeText("still open");
        rig.clock.advance(Duration.ofNanos(1));
        assertFailed("server did not finish the closing handshake");
        peer.takeEnd();
    }

    @Test
    void serverAnswersOurCloseFrameAndStays() throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .socketFactory(SocketFactories.small(16 * 1024))
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        recorder.takeClosed(1000, "");
        // The server may go on, in the background, for a while.
        for (int i = 0; i < 128; i++) peer.write(new byte[64 * 1024]);
        rig.clock.advance(DRAIN_TIMEOUT);
        peer.takeEnd();
    }

    @Test
    void serverClosesAndStays() throws Exception {
        connect();
        peer.closeFrame(1000, "");
        peer.takeClose(1000);
        recorder.takeClosedByPeer(1000, "");
        rig.clock.advance(DRAIN_TIMEOUT);
        peer.takeEnd();
    }

    /** The server ends its half of the stream behind its close frame: ours is still owed, and what was queued before. */
    @Test
    void serverClosesAndEndsItsStreamAtOnce() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        assertTrue(connection.sendText("queued", 6));
        peer.closeFrame(1001, "away");
        peer.endStream();
        // Reported before the rest is written: the server will not read it.
        recorder.takeClosing(1001, "away");
        rig.threads.awaitEnded(1);
        recorder.assertNothingMore();
        writers.countDown();
        peer.takeText("queued");
        peer.takeClose(1001);
        peer.takeEnd();
        recorder.takeClosed(1001, "away");
        assertEquals(1, recorder.written());
    }

    /** The end is told when our answer goes out; the server may keep the TCP connection as long as it likes. */
    @Test
    void theServersCloseIsToldAtOnce() throws Exception {
        connect();
        peer.closeFrame(1001, "away");
        peer.takeClose(1001);
        recorder.takeClosing(1001, "away");
        peer.endStream();
        peer.takeEnd();
        recorder.takeClosed(1001, "away");
    }

    /** What the server answers with a close has been written, and that is told first. */
    @RepeatedTest(20)
    void whatTheServerAnswersWithACloseIsToldWrittenFirst() throws Exception {
        connect();
        connection.sendText("quit", 4);
        peer.takeText("quit");
        peer.closeFrame(1000, "");
        recorder.takeClosing(1000, "");
        assertEquals(1, recorder.written());
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosed(1000, "");
    }

    // ---- the server breaks the protocol, section 7.1.7 ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "81 82 00 00 00 00 68 69      | 1002 | frame from a server is masked",
                "c1 00                        | 1002 | reserved bits set without an extension that uses them",
                "a1 00                        | 1002 | reserved bits set without an extension that uses them",
                "91 00                        | 1002 | reserved bits set without an extension that uses them",
                "83 00                        | 1002 | reserved opcode 3",
                "8b 00                        | 1002 | reserved opcode 11",
                "09 00                        | 1002 | fragmented control frame",
                "89 7e 00 7e                  | 1002 | control frame over 125 bytes",
                "80 00                        | 1002 | continuation frame with nothing to continue",
                "01 01 61 81 01 62            | 1002 | new message before the last one ended",
                "82 7e 00 05                  | 1002 | length 5 in 16 bits",
                "82 7f 00 00 00 00 00 00 ff ff | 1002 | length 65535 in 64 bits",
                "82 7f 80 00 00 00 00 00 00 00 | 1002 | length with its highest bit set",
                "81 01 ff                     | 1007 | text message is not UTF-8",
                "01 01 c3 80 01 28            | 1007 | text message is not UTF-8",
                "81 01 c3                     | 1007 | text message is not UTF-8",
                "82 7f 00 00 00 00 00 80 00 01 | 1009 | message over the limit of 8388608 bytes",
                "88 01 03                     | 1002 | close frame with half a status code",
                "88 03 03 e8 ff               | 1007 | close reason is not UTF-8",
                "88 02 00 00                  | 1002 | close code 0 must not be sent",
                "88 02 03 e7                  | 1002 | close code 999 must not be sent",
                "88 02 03 ec                  | 1002 | close code 1004 must not be sent",
                "88 02 03 ed                  | 1002 | close code 1005 must not be sent",
                "88 02 03 ee                  | 1002 | close code 1006 must not be sent",
                "88 02 03 f7                  | 1002 | close code 1015 must not be sent",
                "88 02 07 d0                  | 1002 | close code 2000 must not be sent",
                "88 02 13 88                  | 1002 | close code 5000 must not be sent",
            })
    void serverBreaksTheProtocol(String hex, int code, String what) throws Exception {
        connect();
        recorder.onText = () -> connection.sendText("echo", 4);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(RawServer.Peer.frame(0x81, ByteString.encodeUtf8("before")));
        bytes.write(ByteString.decodeHex(hex.replace(" ", "")).toByteArray());
        peer.write(bytes.toByteArray());
        recorder.takeText("before");
        peer.takeText("echo");
        peer.takeClose(code);
        assertFalse(connection.sendText("late", 4));
        peer.close();
        assertFailed("server violated the protocol: " + what);
        assertEquals(1, recorder.written());
    }

    @Test
    void serverBreaksTheProtocolAndEndsItsStreamAtOnce() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        connection.sendText("queued", 6);
        peer.hex("83 00");
        peer.endStream();
        // Until the writer has had its time, or ends.
        rig.clock.awaitPending(2);
        writers.countDown();
        peer.takeText("queued");
        peer.takeClose(1002);
        assertFailed("server violated the protocol: reserved opcode 3");
    }

    @Test
    void serverBreaksTheProtocolAndStays() throws Exception {
        connect();
        peer.hex("83 00");
        peer.takeClose(1002);
        assertFailed("server violated the protocol: reserved opcode 3");
        rig.clock.advance(DRAIN_TIMEOUT);
        peer.takeEnd();
    }

    /** A server that has stopped reading, say. */
    @Test
    void serverBreaksTheProtocolWhileTheWriterIsBlocked() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        assertTrue(connection.sendText("queued", 6));
        peer.hex("83 00");
        rig.clock.awaitPending(2);
        rig.clock.advance(WRITER_GRACE.minusNanos(1));
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        assertFailed("server violated the protocol: reserved opcode 3");
        writers.countDown();
        // Nothing of what was queued goes out behind the report, but the server hears why.
        peer.takeClose(1002);
        peer.close();
        rig.threads.awaitAllEnded();
        assertEquals(0, recorder.written());
    }

    @Test
    void serverBreaksTheProtocolAndTalksOn() throws Exception {
        connect();
        peer.hex("83 00");
        for (int i = 0; i < 100; i++) peer.write(new byte[10_000]);
        peer.takeClose(1002);
        peer.close();
        assertFailed("server violated the protocol: reserved opcode 3");
    }

    @Test
    void serverBreaksTheProtocolWhileWeClose() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.hex("83 00");
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: reserved opcode 3");
    }

    // ---- the connection breaks ----

    @Test
    void serverEndsTheStreamWithoutACloseFrame() throws Exception {
        connect();
        long lastByte = connection.lastInboundAt();
        rig.clock.advance(Duration.ofSeconds(1));
        peer.endStream();
        assertFailed("server ended the connection without a close frame");
        assertEquals(lastByte, connection.lastInboundAt(), "the end of the stream is no byte");
        peer.takeEnd();
    }

    @Test
    void serverEndsTheStreamInsteadOfAnsweringOurCloseFrame() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.close();
        assertFailed("server ended the connection without a close frame");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "81          | stream ended after part of a frame header",
                "82 7e 01    | stream ended after part of a frame header",
                "81 05 48 65 | stream ended after 2 of 5 bytes of payload",
                "01 01 61    | stream ended between two fragments of a message",
                "88 02 03    | stream ended after 1 of 2 bytes of payload",
            })
    void serverEndsTheStreamInTheMiddle(String hex, String message) throws Exception {
        connect();
        peer.hex(hex);
        peer.endStream();
        assertFailed(message);
        peer.takeEnd();
    }

    @Test
    void serverResets() throws Exception {
        connect();
        peer.text("last words");
        recorder.takeText("last words");
        peer.reset();
        assertFailed("Connection reset");
    }

    // ---- we let go ----

    @Test
    void cancelled() throws Exception {
        connect();
        connection.cancel();
        assertFailed("cancelled");
        peer.takeEnd();
        assertFalse(connection.sendText("late", 4));
    }

    @Test
    void cancelledWithMessagesQueued() throws Exception {
        connect();
        CountDownLatch writers = rig.threads.hold();
        connection.sendText("queued", 6);
        connection.cancel();
        writers.countDown();
        assertFailed("cancelled");
        peer.takeEnd();
        assertEquals(0, recorder.written());
    }

    @Test
    void cancelledTwiceAndClosedBehindIt() throws Exception {
        connect();
        connection.cancel();
        connection.cancel();
        connection.close(CloseStatus.of(1000, ""));
        assertFailed("cancelled");
        connection.cancel();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeEnd();
    }

    @Test
    void cancelledWhileClosing() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        connection.cancel();
        assertFailed("cancelled");
    }

    @Test
    void cancelledByTheListenerItself() throws Exception {
        connect();
        recorder.onText = connection::cancel;
        peer.text("enough");
        recorder.takeText("enough");
        assertFailed("cancelled");
    }

    @Test
    void nothingWorksAfterTheEnd() throws Exception {
        connect();
        peer.closeFrame(1000, "");
        peer.takeClose(1000);
        peer.close();
        recorder.takeClosedByPeer(1000, "");
        assertFalse(connection.sendText("late", 4));
        assertFalse(connection.sendBinary(ByteString.EMPTY));
        connection.sendPing(ByteString.EMPTY);
        connection.setReading(false);
        connection.close(CloseStatus.of(1000, ""));
        connection.cancel();
        recorder.assertNothingMore();
    }

    @Test
    void whatIsSentAndClosedBeforeItIsOpenGoesOutWhenItIs() throws Exception {
        Connection opening = rig.open(recorder);
        assertTrue(opening.sendText("early", 5));
        opening.close(CloseStatus.of(1000, ""));
        assertFalse(opening.sendText("late", 4));
        peer = rig.server.acceptUpgrade();
        recorder.takeOpened();
        peer.takeText("early");
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }

    // ---- bugs ----

    @Test
    void listenerThatThrows() throws Exception {
        connect();
        recorder.onText = () -> {
            throw new IllegalStateException("listener's bug");
        };
        peer.text("boom");
        assertFailed("java.lang.IllegalStateException: listener's bug");
        peer.takeEnd();
    }

    @Test
    void messageThatCanNotBeWritten() throws Exception {
        connect();
        connection.sendText("three", 3);
        assertFailed(
                "write failed: java.lang.IllegalArgumentException: utf8Length must be 5, the length of the text, but was 3");
        peer.takeEnd();
    }

    // ---- control frames ----

    @Test
    void pingsAndPongs() throws Exception {
        connect();
        peer.ping("are you there");
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("are you there")), peer.take());
        connection.sendPing(ByteString.encodeUtf8("and you"));
        assertEquals(new Frame(true, 9, ByteString.encodeUtf8("and you")), peer.take());
        recorder.awaitPingsWritten(1);
        peer.pong(ByteString.encodeUtf8("and you"));
        assertEquals(new ConnectionRecorder.Pong(ByteString.encodeUtf8("and you")), recorder.take());
        connection.cancel();
        assertFailed("cancelled");
    }

    @Test
    void fragmentsWithAPingBetween() throws Exception {
        connect();
        peer.hex("01 03 48 65 6c 89 01 70 80 02 6c 6f");
        recorder.takeText("Hello");
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("p")), peer.take());
        connection.cancel();
        assertFailed("cancelled");
    }
}
