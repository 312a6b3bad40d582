package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Compression;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.message.CountingZlib;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A connection that compresses, RFC 7692, gives its native memory back however it ends. */
@Timeout(30)
class CompressionEndTest {
    private static final String HELLO = "c1 07 f2 48 cd c9 c9 07 00";

    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final CountingZlib zlib = new CountingZlib();
    private final ConnectionRecorder recorder = rig.newRecorder();
    private Peer peer;
    private Connection connection;

    /** Both compressors are in use when this returns. */
    private void connect(String answer) throws Exception {
        rig.settings =
                rig.settings.compression(Compression.deflate().withThreshold(5)).zlib(zlib);
        rig.open(recorder);
        peer = rig.server.accept();
        peer.readRequest();
        assertEquals(List.of("permessage-deflate; client_max_window_bits"), peer.header("Sec-WebSocket-Extensions"));
        List<String> head = new ArrayList<>(peer.upgraded());
        head.add("Sec-WebSocket-Extensions: " + answer);
        peer.answer(head);
        connection = recorder.takeOpened();
        connection.sendText("Hello", 5);
        Frame sent = peer.takeCompressed();
        assertEquals("f248cdc9c90700", sent.payload().hex());
        peer.hex(HELLO);
        recorder.takeText("Hello");
        assertEquals(2, zlib.open());
    }

    private void assertAllFreed() throws InterruptedException {
        rig.threads.awaitAllEnded();
        assertEquals(2, zlib.made());
        assertEquals(0, zlib.open());
    }

    @Test
    void closedByUs() throws Exception {
        connect("permessage-deflate");
        connection.close(CloseStatus.of(1000, ""));
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        recorder.takeClosed(1000, "");
        assertAllFreed();
    }

    @Test
    void closedByTheServer() throws Exception {
        connect("permessage-deflate; server_no_context_takeover");
        peer.closeFrame(1001, "");
        peer.takeClose(1001);
        peer.close();
        recorder.takeClosedByPeer(1001, "");
        assertAllFreed();
    }

    @Test
    void cancelled() throws Exception {
        connect("permessage-deflate; client_no_context_takeover");
        connection.cancel();
        recorder.takeFailed();
        assertAllFreed();
    }

    /** The compressor is kept from one thread to the next, and freed without one. */
    @Test
    void cancelledWhileNoThreadWrites() throws Exception {
        rig.settings = rig.settings.writerIdleNanos(0);
        connect("permessage-deflate");
        rig.threads.awaitRunning(1);
        connection.sendText("Hello", 5);
        assertEquals("f200110000", peer.takeCompressed().payload().hex(), "with the window of the first message");
        rig.threads.awaitRunning(1);
        assertEquals(2, zlib.open());
        connection.cancel();
        recorder.takeFailed();
        assertAllFreed();
    }

    @Test
    void resetInTheMiddleOfACompressedMessage() throws Exception {
        connect("permessage-deflate; client_max_window_bits=9");
        peer.hex("c1 07 f2 48");
        peer.reset();
        recorder.takeFailed();
        assertAllFreed();
    }

    @Test
    void compressedNonsense() throws Exception {
        connect("permessage-deflate");
        peer.hex("c1 03 ff ff ff");
        peer.takeClose(1007);
        peer.close();
        assertTrue(recorder.takeFailed().getMessage().startsWith("server violated the protocol: compressed message"));
        assertAllFreed();
    }

    /** Eight megabytes are the limit; ten of zeros come in ten kilobytes. */
    @Test
    void bomb() throws Exception {
        connect("permessage-deflate; server_no_context_takeover");
        peer.write(RawServer.Peer.frame(0xc2, ByteString.of(deflated(new byte[10 << 20]))));
        peer.takeClose(1009);
        peer.close();
        assertEquals(
                "server violated the protocol: message over the limit of 8388608 bytes",
                recorder.takeFailed().getMessage());
        assertAllFreed();
    }

    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(bytes);
        byte[] out = new byte[100_000];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length - 4);
    }

    @Test
    void theWriterFails() throws Exception {
        connect("permessage-deflate");
        peer.reset();
        recorder.takeFailed();
        assertAllFreed();
    }

    /** What the server did not take is neither used nor understood. */
    @Test
    void declined() throws Exception {
        rig.settings =
                rig.settings.compression(Compression.deflate().withThreshold(0)).zlib(zlib);
        rig.open(recorder);
        peer = rig.server.acceptUpgrade();
        connection = recorder.takeOpened();
        connection.sendText("Hello", 5);
        peer.takeText("Hello");
        peer.hex(HELLO);
        peer.takeClose(1002);
        peer.close();
        recorder.takeFailed();
        assertEquals(0, zlib.made());
    }

    @Test
    void aParameterThatWasNeverOffered() throws Exception {
        rig.settings = rig.settings.compression(Compression.deflate()).zlib(zlib);
        rig.open(recorder);
        peer = rig.server.accept();
        peer.readRequest();
        List<String> head = new ArrayList<>(peer.upgraded());
        head.add("Sec-WebSocket-Extensions: permessage-deflate; mystery");
        peer.answer(head);
        assertEquals(
                "invalid response to the upgrade: permessage-deflate has no parameter mystery",
                recorder.takeFailed().getMessage());
        peer.takeEnd();
    }
}
