package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that resets the TCP connection in the middle of any harm it does. Whatever has come by then, one end is told,
 * and it is the reset wherever nothing worse came before it.
 */
@Tag("slow")
@Timeout(30)
abstract class HostileResetContract {
    /** TCP tells of a reset once. Where the writer is told, the reader may see a mere end, and either may come first. */
    private static final Set<String> FOUND_BY_EITHER = Set.of(
            "Connection reset",
            "write failed: Connection reset",
            "write failed: Connection reset by peer",
            "write failed: Broken pipe",
            "server ended the connection without a close frame",
            "stream ended between two fragments of a message",
            "stream ended after part of a frame header");

    @RegisterExtension
    final TransportRig rig;

    private ConnectionRecorder recorder;
    private Peer peer;
    private Connection connection;

    HostileResetContract(TransportRig rig) {
        this.rig = rig;
    }

    private void ask() throws IOException {
        recorder = rig.newRecorder();
        connection = rig.open(recorder);
        peer = rig.server.accept();
        peer.readRequest();
    }

    private void connect() throws Exception {
        ask();
        peer.answer(peer.upgraded());
        recorder.takeOpened();
    }

    private String failed(Phase phase) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(phase, failure.phase(), failure.getMessage());
        assertEquals(0, failure.httpStatus());
        assertFalse(connection.sendText("late", 4));
        return failure.getMessage();
    }

    private void assertFoundByEither() throws Exception {
        String message = failed(Phase.SESSION);
        assertTrue(FOUND_BY_EITHER.contains(message), message);
    }

    // ---- during the upgrade ----

    /** The answer breaks off in every line, at its ends and within. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 Switching Protocols~Upgrade: websocket~Connection: Upgrade~~",
                "HTTP/1.1 100 Continue~~HTTP/1.1 103 Early Hints~Link: </x>~~",
                "HTTP/1.1 302 Found~Location: /again~",
            })
    void inTheMiddleOfTheAnswer(String answer) throws Exception {
        String head = answer.replace("~", "\r\n");
        for (int cut = 0; cut < head.length() - 1; cut += 7) {
            ask();
            peer.write(head.substring(0, cut));
            peer.reset();
            assertEquals("connection lost before the upgrade was answered: Connection reset", failed(Phase.UPGRADE));
        }
    }

    @Test
    void inTheMiddleOfALineWithoutEnd() throws Exception {
        ask();
        peer.write("HTTP/1.1 101 " + "x".repeat(100_000));
        peer.reset();
        assertEquals("connection lost before the upgrade was answered: Connection reset", failed(Phase.UPGRADE));
    }

    /** OkHttp itself connects twice more where a connection that served it before has gone. */
    @Test
    void behindARedirect() throws Exception {
        ask();
        peer.answer("HTTP/1.1 302 Found", "Location: /again", "Content-Length: 0");
        peer.readRequest();
        peer.reset();
        for (int i = 0; i < 2; i++) {
            peer = rig.server.accept();
            peer.readRequest();
            assertEquals("GET /again HTTP/1.1", peer.requestLine());
            peer.reset();
        }
        assertEquals("connection lost before the upgrade was answered: Connection reset", failed(Phase.UPGRADE));
    }

    // ---- during the session ----

    /** Breaks off behind each byte but the last, which is the one that breaks the protocol; then behind that. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "82 7f 7f ff ff ff ff ff ff ff | 1009 | message over the limit of 8388608 bytes",
                "82 7f 80 00 00 00 00 00 00 00 | 1002 | length with its highest bit set",
                "02 03 61 62 63 00 02 64 65 00 7f 00 00 00 00 00 80 00 00 | 1009 | message over the limit of 8388608 bytes",
                "01 01 61 00 00 00 00 80 01 ff | 1007 | text message is not UTF-8",
                "81 82                         | 1002 | frame from a server is masked",
                "01 00 a0 00                   | 1002 | reserved bits set without an extension that uses them",
                "80 00                         | 1002 | continuation frame with nothing to continue",
                "01 01 61 81 00                | 1002 | new message before the last one ended",
                "09 00                         | 1002 | fragmented control frame",
                "83 00                         | 1002 | reserved opcode 3",
                "88 02 03 ed                   | 1002 | close code 1005 must not be sent",
                "88 06 03 e8 62 79 65 ff       | 1007 | close reason is not UTF-8",
                "88 7e                         | 1002 | control frame over 125 bytes",
            })
    void inTheMiddleOfBrokenFrames(String hex, int code, String what) throws Exception {
        byte[] bytes = ByteString.decodeHex(hex.replace(" ", "")).toByteArray();
        for (int cut = 0; cut < bytes.length; cut++) {
            connect();
            peer.write(Arrays.copyOf(bytes, cut));
            peer.reset();
            assertEquals("Connection reset", failed(Phase.SESSION), "cut behind byte " + cut);
        }
        connect();
        peer.write(bytes);
        peer.takeClose(code);
        peer.reset();
        assertEquals("server violated the protocol: " + what, failed(Phase.SESSION));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1024 * 1024, (int) TransportRig.MAX_MESSAGE_BYTES - 1})
    void inTheMiddleOfALongMessage(int sent) throws Exception {
        connect();
        peer.hex("82 7f 00 00 00 00 00 80 00 00");
        peer.write(new byte[sent]);
        peer.reset();
        assertEquals("Connection reset", failed(Phase.SESSION));
    }

    @Test
    void behindTheCloseFrame() throws Exception {
        connect();
        peer.closeFrame(1001, "away");
        Flood flood = Flood.start(peer, new byte[64 * 1024]);
        peer.takeClose(1001);
        recorder.takeClosing(1001, "away");
        flood.awaitSent(HeapGrowth.MIB);
        peer.reset();
        recorder.takeClosed(1001, "away");
        flood.awaitEnded();
    }

    @Test
    void inAnswerToOurCloseFrame() throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.hex("88 05 03 e8 62");
        peer.reset();
        assertEquals("Connection reset", failed(Phase.SESSION));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 00", "00 01 61", "8a 01 70", "89 00", "89 04 70 69 6e 67"})
    void inTheMiddleOfAFlood(String frame) throws Exception {
        connect();
        peer.hex("01 00");
        Flood flood = Flood.start(
                peer, ByteString.decodeHex(frame.replace(" ", "").repeat(1000)).toByteArray());
        flood.awaitSent(64 * 1024);
        peer.reset();
        flood.awaitEnded();
        if (frame.startsWith("8a")) {
            // What came before the reset is told before it.
            Object event = recorder.take();
            while (event instanceof ConnectionRecorder.Pong) event = recorder.take();
            assertEquals(
                    "Connection reset",
                    ((ConnectionRecorder.Failed) event).failure().getMessage());
        } else {
            assertFoundByEither();
        }
    }

    // ---- while we don't read, or can't write ----

    @Test
    void whileReadingIsStopped() throws Exception {
        connect();
        recorder.onText = () -> connection.setReading(false);
        peer.text("stop");
        recorder.takeText("stop");
        peer.reset();
        recorder.assertNothingMore();
        connection.setReading(true);
        assertEquals("Connection reset", failed(Phase.SESSION));
    }

    @Test
    void whileTheWriterIsStuck() throws Exception {
        connect();
        connection.sendBinary(ByteString.of(new byte[16 * 1024 * 1024]));
        peer.take();
        peer.reset();
        assertFoundByEither();
        assertEquals(0, recorder.written());
    }
}
