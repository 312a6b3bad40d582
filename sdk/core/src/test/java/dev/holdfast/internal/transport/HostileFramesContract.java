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
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server that means harm with the frames it sends: in promises, without end, byte by byte, or as RFC 6455 forbids. Each
 * test says exactly what comes of it, and that memory stays flat where the harm aims at that.
 *
 * <p>The plain cases of broken frames and close codes, and data behind a close frame, are in {@link
 * ConnectionEndContract}; every header and length by itself in {@code FrameReaderTest}, every close code and payload in
 * {@code MessageAssemblerTest}; noise in {@code BadServerTest}. Floods that meet a full socket are in {@link
 * HostileFlowContract} and {@link FlowTest}, resets in the middle of all this in {@link HostileResetContract}.
 */
@Tag("slow")
@Timeout(30)
abstract class HostileFramesContract {
    private static final int LIMIT = Math.toIntExact(TransportRig.MAX_MESSAGE_BYTES);
    private static final String TOO_BIG = "message over the limit of " + LIMIT + " bytes";

    @RegisterExtension
    final TransportRig rig;

    private final ConnectionRecorder recorder;
    private Peer peer;
    private Connection connection;

    HostileFramesContract(TransportRig rig) {
        this.rig = rig;
        this.recorder = rig.newRecorder();
    }

    private void connect() throws Exception {
        rig.open(recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
    }

    private void assertFailed(String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(Phase.SESSION, failure.phase());
        assertFalse(connection.sendText("late", 4));
    }

    /** The client's next and last frame is a close frame with a code alone. */
    private void takeViolation(int code) throws IOException {
        assertEquals(2, peer.takeClose(code).payload().size());
    }

    private static byte[] hex(String bytes) {
        return ByteString.decodeHex(bytes.replace(" ", "")).toByteArray();
    }

    private static ByteString zeros(int count) {
        return ByteString.of(new byte[count]);
    }

    // ---- promises ----

    /** The answer comes to the header alone. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "82 7f 7f ff ff ff ff ff ff ff          | 1009 | message over the limit of 8388608 bytes",
                "01 7f 7f ff ff ff ff ff ff ff          | 1009 | message over the limit of 8388608 bytes",
                "02 01 61 80 7f 7f ff ff ff ff ff ff ff | 1009 | message over the limit of 8388608 bytes",
                "82 7f 80 00 00 00 00 00 00 00          | 1002 | length with its highest bit set",
                "82 7f ff ff ff ff ff ff ff ff          | 1002 | length with its highest bit set",
                "82 7f 00 00 00 00 00 80 00 01          | 1009 | message over the limit of 8388608 bytes",
                "02 01 61 00 7f 00 00 00 00 00 80 00 00 | 1009 | message over the limit of 8388608 bytes",
                "89 7f 7f ff ff ff ff ff ff ff          | 1002 | control frame over 125 bytes",
            })
    void headerThatPromisesTooMuch(String header, int code, String what) throws Exception {
        connect();
        peer.hex(header);
        takeViolation(code);
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: " + what);
    }

    @Test
    void thePromiseIsKept() throws Exception {
        connect();
        HeapGrowth heap = new HeapGrowth();
        peer.hex("82 7f 7f ff ff ff ff ff ff ff");
        Flood flood = Flood.start(peer, new byte[64 * 1024]);
        takeViolation(1009);
        assertFailed("server violated the protocol: " + TOO_BIG);
        flood.awaitSent(32 * HeapGrowth.MIB);
        heap.assertBelow(2 * HeapGrowth.MIB);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        flood.awaitEnded();
    }

    @Test
    void exactlyTheLimitIsTakenInOneFrameAndInFragments() throws Exception {
        connect();
        ByteString most = zeros(LIMIT);
        peer.binary(most);
        assertEquals(new Binary(most), recorder.take());
        peer.write(Peer.frame(0x02, zeros(LIMIT - 1)));
        peer.write(Peer.frame(0x00, ByteString.EMPTY));
        peer.write(Peer.frame(0x80, zeros(1)));
        assertEquals(new Binary(most), recorder.take());
        connection.cancel();
        assertFailed("cancelled");
    }

    // ---- fragments without end ----

    @Test
    void endlessFragmentsWithPayload() throws Exception {
        connect();
        HeapGrowth heap = new HeapGrowth();
        peer.write(Peer.frame(0x02, ByteString.EMPTY));
        ByteString fragment = zeros(32 * 1024);
        for (int i = 0; i < LIMIT / fragment.size(); i++) peer.write(Peer.frame(0x00, fragment));
        peer.ping("all of the limit");
        assertEquals("all of the limit", peer.take().utf8());

        Flood flood = Flood.start(peer, Peer.frame(0x00, fragment));
        takeViolation(1009);
        assertFailed("server violated the protocol: " + TOO_BIG);
        flood.awaitSent(4L * LIMIT);
        heap.assertBelow(LIMIT + 2 * HeapGrowth.MIB);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        flood.awaitEnded();
    }

    @Test
    void endlessFragmentsOfOneByte() throws Exception {
        connect();
        HeapGrowth heap = new HeapGrowth();
        int bytes = LIMIT / 4;
        peer.hex("02 00");
        byte[] ones = hex("00 01 61".repeat(bytes / 64));
        for (int i = 0; i < 64; i++) peer.write(ones);
        peer.ping("so far");
        assertEquals("so far", peer.take().utf8());
        heap.assertBelow(bytes + 2 * HeapGrowth.MIB);
        // The limit counts bytes, not fragments.
        peer.write(Peer.frame(0x00, zeros(LIMIT - bytes)));
        peer.hex("00 01");
        takeViolation(1009);
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: " + TOO_BIG);
    }

    /** Starts a text message and goes on with empty fragments for ever. */
    private Flood emptyFragments() throws Exception {
        connect();
        peer.hex("01 00");
        return Flood.start(peer, hex("00 00".repeat(32 * 1024)));
    }

    @Test
    void endlessEmptyFragments() throws Exception {
        HeapGrowth heap = new HeapGrowth();
        Flood flood = emptyFragments();
        for (int i = 0; i < 3; i++) {
            flood.awaitSent(HeapGrowth.MIB);
            flood.send(Peer.frame(0x89, ByteString.encodeUtf8("ping " + i)));
            assertEquals(new Frame(true, 10, ByteString.encodeUtf8("ping " + i)), peer.take());
        }
        connection.sendText("sent meanwhile", 14);
        peer.takeText("sent meanwhile");
        heap.assertBelow(2 * HeapGrowth.MIB);
        connection.cancel();
        assertFailed("cancelled");
        flood.awaitEnded();
    }

    @Test
    void weCloseDuringEndlessEmptyFragments() throws Exception {
        Flood flood = emptyFragments();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        flood.awaitSent(HeapGrowth.MIB);
        recorder.assertNothingMore();
        rig.clock.awaitPending(1);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        assertFailed("server did not finish the closing handshake");
        flood.awaitEnded();
    }

    @Test
    void theServerClosesDuringEndlessEmptyFragments() throws Exception {
        Flood flood = emptyFragments();
        flood.send(Peer.close(1001, "tired"));
        peer.takeClose(1001);
        recorder.takeClosedByPeer(1001, "tired");
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        flood.awaitEnded();
    }

    // ---- close frames ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "88 02 0b b7       | 1002 | close code 2999 must not be sent",
                "88 02 ff ff       | 1002 | close code 65535 must not be sent",
                "88 04 03 e8 e2 82 | 1007 | close reason is not UTF-8",
                "88 7e 00 7e       | 1002 | control frame over 125 bytes",
                "88 fe 00 7e       | 1002 | frame from a server is masked",
            })
    void illegalCloseFrame(String hex, int code, String what) throws Exception {
        connect();
        peer.hex(hex);
        takeViolation(code);
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: " + what);
    }

    /** Our close frame is out already, and it is the last. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "88 02 03 ed    | close code 1005 must not be sent",
                "88 01 03       | close frame with half a status code",
                "88 03 03 e8 ff | close reason is not UTF-8",
                "88 7e 00 7e    | control frame over 125 bytes",
            })
    void illegalCloseFrameInAnswerToOurs(String hex, String what) throws Exception {
        connect();
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.hex(hex);
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: " + what);
    }

    @Test
    void endlessDataAfterTheCloseFrame() throws Exception {
        connect();
        HeapGrowth heap = new HeapGrowth();
        peer.closeFrame(1001, "away");
        Flood flood = Flood.start(peer, Peer.frame(0x81, ByteString.encodeUtf8("late".repeat(1024))));
        peer.takeClose(1001);
        recorder.takeClosedByPeer(1001, "away");
        flood.awaitSent(32 * HeapGrowth.MIB);
        heap.assertBelow(2 * HeapGrowth.MIB);
        rig.clock.advance(TransportRig.CLOSE_TIMEOUT);
        flood.awaitEnded();
    }

    // ---- frames that RFC 6455 forbids ----

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "88 80 00 00 00 00          | frame from a server is masked",
                "89 81 00 00 00 00 61       | frame from a server is masked",
                "8a fe 00 7e                | frame from a server is masked",
                "01 01 61 80 81 00 00 00 00 | frame from a server is masked",
                "a2 00                      | reserved bits set without an extension that uses them",
                "92 00                      | reserved bits set without an extension that uses them",
                "a9 00                      | reserved bits set without an extension that uses them",
                "98 00                      | reserved bits set without an extension that uses them",
                "01 01 61 b0 00             | reserved bits set without an extension that uses them",
                "f1 00                      | reserved bits set without an extension that uses them",
                "00 00                      | continuation frame with nothing to continue",
                "01 00 02 00                | new message before the last one ended",
                "02 00 89 00 82 00          | new message before the last one ended",
                "01 01 61 08 02 03 e8       | fragmented control frame",
                "01 01 61 0a 00             | fragmented control frame",
                "04 00                      | reserved opcode 4",
                "85 00                      | reserved opcode 5",
                "86 00                      | reserved opcode 6",
                "87 00                      | reserved opcode 7",
                "0c 00                      | reserved opcode 12",
                "8d 00                      | reserved opcode 13",
                "8e 00                      | reserved opcode 14",
                "8f 00                      | reserved opcode 15",
                "01 01 61 83 00             | reserved opcode 3",
            })
    void forbiddenFrame(String hex, String what) throws Exception {
        connect();
        // What the server sends behind it is nothing to anybody.
        peer.write(hex(hex + "81 04 6c 61 74 65"));
        Frame frame = peer.take();
        if (frame.opcode() == 10) frame = peer.take();
        assertEquals(1002, frame.closeCode());
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: " + what);
    }

    @Test
    void aContinuationBehindTheLastFragment() throws Exception {
        connect();
        peer.hex("01 01 61 80 01 62 80 01 63");
        recorder.takeText("ab");
        takeViolation(1002);
        peer.endStream();
        peer.takeEnd();
        assertFailed("server violated the protocol: continuation frame with nothing to continue");
    }

    // ---- byte by byte ----

    /** Sends one byte and waits until it has been read, so that none comes together with the next. */
    private void trickle(byte[] bytes) throws IOException {
        for (byte one : bytes) {
            rig.clock.advance(Duration.ofNanos(1));
            peer.write(new byte[] {one});
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (connection.lastInboundAt() != rig.clock.nanos()) {
                assertTrue(System.nanoTime() < deadline, "a byte is not read");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void framesOfEveryFormByteByByte() throws Exception {
        connect();
        String text = "Hëllo, 世界 😀";
        trickle(Peer.frame(0x81, ByteString.encodeUtf8(text)));
        recorder.takeText(text);
        trickle(Peer.frame(0x82, zeros(126)));
        assertEquals(new Binary(zeros(126)), recorder.take());
        trickle(Peer.frame(0x82, ByteString.EMPTY));
        assertEquals(new Binary(ByteString.EMPTY), recorder.take());

        trickle(hex("01 02 f0 9f 89 01 70 00 00 8a 01 71 80 02 98 80"));
        assertEquals(new Pong(ByteString.encodeUtf8("q")), recorder.take());
        recorder.takeText("😀");
        assertEquals(new Frame(true, 10, ByteString.encodeUtf8("p")), peer.take());

        // The length in 64 bits; all but the ends of its payload at once, to save time.
        ByteString long64 = zeros(65_536);
        Buffer frame = new Buffer().write(Peer.frame(0x82, long64));
        trickle(frame.readByteArray(20));
        peer.write(frame.readByteArray(frame.size() - 10));
        trickle(frame.readByteArray());
        assertEquals(new Binary(long64), recorder.take());

        trickle(Peer.close(4000, "byte by byte"));
        peer.takeClose(4000);
        recorder.takeClosing(4000, "byte by byte");
        peer.endStream();
        recorder.takeClosed(4000, "byte by byte");
        peer.takeEnd();
    }
}
