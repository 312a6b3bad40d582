package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.ConnectionRecorder.Binary;
import dev.holdfast.internal.transport.ConnectionRecorder.Pong;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that means harm with its answer to the upgrade: without end, byte by byte, or with what was never asked for.
 *
 * <p>In {@link UpgradeTest} are the header line and the headers without end, the redirects that never end, the upgrade to
 * another protocol, the accept token twice and the subprotocol that was never offered.
 */
@Tag("slow")
@Timeout(30)
abstract class HostileUpgradeContract {
    private static final String ENDLESS = "answer to the upgrade breaks off, or has headers without end";

    @RegisterExtension
    final TransportRig rig;

    private final ConnectionRecorder recorder;
    private Connection connection;

    HostileUpgradeContract(TransportRig rig) {
        this.rig = rig;
        this.recorder = rig.newRecorder();
    }

    private Peer asked() throws IOException {
        connection = rig.open(recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        return peer;
    }

    private static byte[] head(List<String> lines) {
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    private void assertFailed(String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(Phase.UPGRADE, failure.phase());
        assertEquals(0, failure.httpStatus());
        assertFalse(connection.sendText("late", 4));
    }

    // ---- refused ----

    /** A server that refuses and then hangs decides neither when the refusal is reported nor what is reported. */
    private void assertRefusedAtOnce(String... headers) throws Exception {
        // Longer than the test waits, so that a close that waits for the peer is noticed.
        OkHttpClient patient =
                rig.client.newBuilder().readTimeout(Duration.ofMinutes(5)).build();
        connection = rig.open(patient, rig.server.url(), null, recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        List<String> head = new ArrayList<>(List.of("HTTP/1.1 403 No"));
        head.addAll(List.of(headers));
        peer.write(head(head));
        TransportException failure = recorder.takeFailed();
        assertEquals("upgrade refused with HTTP 403", failure.getMessage());
        assertEquals(403, failure.httpStatus());
        rig.threads.awaitAllEnded();
    }

    @Test
    void refusalOfAServerThatHangs() throws Exception {
        assertRefusedAtOnce("Content-Length: 0");
    }

    @Test
    void refusalWhoseBodyNeverComes() throws Exception {
        assertRefusedAtOnce("Content-Length: 1000");
    }

    @Test
    void refusalWhoseBodyHasNoEnd() throws Exception {
        assertRefusedAtOnce();
    }

    @Test
    void refusalWhoseBodyIsBroken() throws Exception {
        assertRefusedAtOnce("Transfer-Encoding: chunked", "", "not a chunk");
    }

    // ---- byte by byte ----

    @Test
    void endlessAnswerByteByByte() throws Exception {
        Peer peer = asked();
        byte[] start = head(peer.upgraded());
        Duration pause = TransportRig.CONNECT_TIMEOUT.dividedBy(1000);
        for (int i = 0; i < 1000; i++) {
            recorder.assertNothingMore();
            // All but the end of the head, and then one more header.
            peer.write(new byte[] {i < start.length - 2 ? start[i] : (byte) 'x'});
            rig.clock.advance(i < 999 ? pause : pause.minusNanos(1));
        }
        recorder.assertNothingMore();
        rig.clock.advance(Duration.ofNanos(1));
        assertFailed("no answer to the upgrade within 15000 ms");
        peer.takeEnd();
    }

    @Test
    void answerAndFirstFrameByteByByte() throws Exception {
        Peer peer = asked();
        for (byte one : head(peer.upgraded())) peer.write(new byte[] {one});
        for (byte one : Peer.frame(0x81, ByteString.encodeUtf8("at last"))) peer.write(new byte[] {one});
        recorder.takeOpened();
        recorder.takeText("at last");
        end(peer);
    }

    private void end(Peer peer) throws Exception {
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
    }

    // ---- without end ----

    /** What the server could send says how much the client took at the most. */
    private void assertCutOff(String start, String block) throws Exception {
        Peer peer = asked();
        peer.write(start);
        Flood flood = Flood.start(peer, block.getBytes(StandardCharsets.ISO_8859_1));
        assertFailed(ENDLESS);
        flood.awaitEnded();
        assertTrue(flood.sentBytes() < 16 * HeapGrowth.MIB, flood.sentBytes() + " bytes sent");
    }

    @Test
    void endlessStatusLine() throws Exception {
        assertCutOff("HTTP/1.1 101 ", "x".repeat(64 * 1024));
    }

    @Test
    void endlessHeaderNames() throws Exception {
        assertCutOff("HTTP/1.1 101 Switching Protocols\r\n", "x".repeat(64 * 1024));
    }

    @Test
    void endlessTinyHeaders() throws Exception {
        assertCutOff("HTTP/1.1 101 Switching Protocols\r\n", "X:y\r\n".repeat(16 * 1024));
    }

    @Test
    void endlessFoldedHeader() throws Exception {
        assertCutOff("HTTP/1.1 101 Switching Protocols\r\nX: y\r\n", " and more\r\n".repeat(8 * 1024));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100 Continue", "102 Processing", "103 Early Hints"})
    void endlessInterimAnswers(String status) throws Exception {
        assertCutOff("", ("HTTP/1.1 " + status + "\r\nLink: </x>; rel=preload\r\n\r\n").repeat(1024));
    }

    @Test
    void endlessInterimAnswersOneByOne() throws Exception {
        Peer peer = asked();
        Duration pause = TransportRig.CONNECT_TIMEOUT.dividedBy(100);
        for (int i = 0; i < 100; i++) {
            recorder.assertNothingMore();
            peer.answer("HTTP/1.1 100 Continue");
            rig.clock.advance(pause);
        }
        assertFailed("no answer to the upgrade within 15000 ms");
        peer.takeEnd();
    }

    @Test
    void manyInterimAnswersBeforeTheAnswer() throws Exception {
        Peer peer = asked();
        for (int i = 0; i < 500; i++) {
            peer.answer("HTTP/1.1 100 Continue");
            peer.answer("HTTP/1.1 103 Early Hints", "Link: </x>; rel=preload");
        }
        peer.answer(peer.upgraded());
        recorder.takeOpened();
        end(peer);
    }

    // ---- never asked for ----

    private void assertWrong(List<String> head, Peer peer, String message) throws Exception {
        peer.answer(head);
        assertFailed("invalid response to the upgrade: " + message);
        peer.takeEnd();
    }

    @Test
    void twoAcceptTokens() throws Exception {
        Peer peer = asked();
        List<String> head = peer.upgraded();
        String right = peer.acceptToken();
        String wrong = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        head.add("Sec-WebSocket-Accept: " + wrong);
        assertWrong(head, peer, "Sec-WebSocket-Accept is [" + right + ", " + wrong + "], not " + right);
    }

    @Test
    void anExtensionNobodyOffered() throws Exception {
        Peer peer = asked();
        List<String> head = peer.upgraded();
        head.add("Sec-WebSocket-Extensions: x-unknown; level=9");
        assertWrong(head, peer, "an extension was selected that was never offered: [x-unknown; level=9]");
    }

    /** A 101 has no body, whatever it says; what follows it are frames. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5",
                "Content-Length: 0",
                "Transfer-Encoding: chunked",
                "Content-Encoding: gzip",
                "Content-Encoding: gzip\r\nContent-Length: 5",
                "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            })
    void answerThatClaimsABody(String headers) throws Exception {
        Peer peer = asked();
        List<String> head = peer.upgraded();
        head.add(headers);
        peer.answer(head);
        peer.text("more than five bytes");
        recorder.takeOpened();
        recorder.takeText("more than five bytes");
        end(peer);
    }

    // ---- at once ----

    @Test
    void framesOfEveryFormInOnePieceWithTheAnswer() throws Exception {
        Peer peer = asked();
        ByteString large = ByteString.of(new byte[70_000]);
        Buffer together = new Buffer();
        together.write(head(peer.upgraded()));
        together.write(Peer.frame(0x81, ByteString.encodeUtf8("first")));
        together.write(Peer.frame(0x89, ByteString.encodeUtf8("ping")));
        together.write(Peer.frame(0x8a, ByteString.encodeUtf8("pong")));
        together.write(Peer.frame(0x01, ByteString.encodeUtf8("in ")));
        together.write(Peer.frame(0x80, ByteString.encodeUtf8("pieces")));
        together.write(Peer.frame(0x82, large));
        together.write(Peer.close(1001, "and gone"));
        peer.write(together.readByteArray());
        recorder.takeOpened();
        recorder.takeText("first");
        assertEquals(new Pong(ByteString.encodeUtf8("pong")), recorder.take());
        recorder.takeText("in pieces");
        assertEquals(new Binary(large), recorder.take());
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("ping")), peer.take());
        peer.takeClose(1001);
        peer.endStream();
        peer.takeEnd();
        recorder.takeClosedByPeer(1001, "and gone");
    }

    @Test
    void brokenFrameInOnePieceWithTheAnswer() throws Exception {
        Peer peer = asked();
        Buffer together = new Buffer();
        together.write(head(peer.upgraded()));
        together.write(ByteString.decodeHex("827f7fffffffffffffff"));
        peer.write(together.readByteArray());
        recorder.takeOpened();
        peer.takeClose(1009);
        peer.endStream();
        peer.takeEnd();
        TransportException failure = recorder.takeFailed();
        assertEquals(
                "server violated the protocol: message over the limit of " + TransportRig.MAX_MESSAGE_BYTES + " bytes",
                failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
    }
}
