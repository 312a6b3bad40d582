package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.transport.RawServer;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages of a gibibyte pass through a heap of 64 MiB, in and out. */
@Tag("slow")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GibibyteTest {
    /** Cuts code points. */
    private static final int FRAGMENT_BYTES = 65_521;

    private static final ByteString CHARACTERS = ByteString.encodeUtf8("{\"naïve\": \"€ 12.50\", \"😀\": 12345}");

    private final List<String> expected = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void passesThroughAHeapOf64Mebibytes() throws Exception {
        Path output = folder.resolve("output");
        try (RawServer server = new RawServer()) {
            Process client = start(server.url(), output);
            try {
                serve(server);
                assertTrue(client.waitFor(30, TimeUnit.SECONDS), "the client goes on");
            } catch (IOException | AssertionError e) {
                client.destroyForcibly().waitFor();
                throw new AssertionError("the client says: " + Files.readString(output), e);
            }
            assertEquals(String.join("\n", expected), Files.readString(output).trim());
            assertEquals(0, client.exitValue());
        }
    }

    private static Process start(String url, Path output) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GibibyteClient.class.getName(),
                        url)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private void serve(RawServer server) throws IOException {
        Peer compressing = server.accept();
        compressing.readRequest();
        List<String> head = new ArrayList<>(compressing.upgraded());
        head.add("Sec-WebSocket-Extensions: permessage-deflate");
        compressing.answer(head);
        sendCompressed(compressing);
        takeClose(compressing);

        Peer plain = server.acceptUpgrade();
        sendInOneFrame(plain);
        sendTextInFragments(plain);
        take(plain);
        takeClose(plain);
    }

    private void takeClose(Peer peer) throws IOException {
        peer.takeClose(1000);
        peer.closeFrame(1000, "");
        peer.close();
        expected.add("closed 1000");
    }

    private void sendInOneFrame(Peer peer) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] block = GibibyteClient.noise();
        peer.write(new Buffer()
                .writeByte(0x82)
                .writeByte(127)
                .writeLong(GibibyteClient.BYTES)
                .readByteArray());
        for (int i = 0; i < GibibyteClient.BLOCKS; i++) {
            GibibyteClient.number(block, i);
            checksum.update(block);
            peer.write(block);
        }
        expect("binary", checksum, GibibyteClient.BYTES);
    }

    private void sendTextInFragments(Peer peer) throws IOException {
        CRC32C checksum = new CRC32C();
        // Not all of it, for strings beyond Latin-1 are slow to make.
        byte[] block = new byte[GibibyteClient.BLOCK_BYTES];
        Arrays.fill(block, (byte) '.');
        for (int at = CHARACTERS.size(); at < block.length / 4; at += CHARACTERS.size()) {
            System.arraycopy(CHARACTERS.toByteArray(), 0, block, at, CHARACTERS.size());
        }
        Buffer text = new Buffer();
        int opcode = 1;
        for (int i = 0; i < GibibyteClient.BLOCKS; i++) {
            GibibyteClient.number(block, i);
            checksum.update(block);
            text.write(block);
            while (text.size() > FRAGMENT_BYTES) {
                peer.write(Peer.frame(opcode, text.readByteString(FRAGMENT_BYTES)));
                opcode = 0;
            }
        }
        peer.write(Peer.frame(0x80, text.readByteString()));
        expect("text", checksum, GibibyteClient.BYTES);
    }

    /** A mebibyte of zeros, again and again: 256 of them, for the socket takes them at once and time runs from then. */
    private void sendCompressed(Peer peer) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] zeros = new byte[GibibyteClient.BLOCK_BYTES];
        byte[] compressed = new byte[GibibyteClient.BLOCK_BYTES];
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(zeros);
        int length = deflater.deflate(compressed, 0, compressed.length, Deflater.FULL_FLUSH);
        deflater.end();
        int blocks = 256;
        Buffer message = new Buffer();
        for (int i = 0; i < blocks; i++) {
            checksum.update(zeros);
            message.write(compressed, 0, length);
        }
        peer.write(Peer.frame(0xc2, message.readByteString(message.size() - 4)));
        expect("binary", checksum, (long) blocks * GibibyteClient.BLOCK_BYTES);
    }

    private void take(Peer peer) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] block = GibibyteClient.noise();
        for (int i = 0; i < GibibyteClient.BLOCKS; i++) {
            GibibyteClient.number(block, i);
            checksum.update(block);
        }
        String sent = GibibyteClient.describe("binary", checksum, GibibyteClient.BYTES);
        checksum.reset();
        long length = 0;
        Frame frame;
        do {
            frame = peer.take();
            checksum.update(frame.payload().asByteBuffer());
            length += frame.payload().size();
        } while (!frame.fin());
        assertEquals(sent, GibibyteClient.describe("binary", checksum, length));
    }

    private void expect(String kind, CRC32C checksum, long length) {
        expected.add(GibibyteClient.describe(kind, checksum, length));
    }
}
