package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import okio.Utf8;
import org.junit.jupiter.api.Test;

/** Frames are not masked here, which is the frame writer's matter. */
class MessageEncoderTest {
    private static final int FRAGMENT = 10;

    private final FrameBuffer wire = new FrameBuffer();
    private final MessageEncoder plain = new MessageEncoder(new FrameWriter(wire, null), FRAGMENT, null);

    private record Frame(boolean fin, boolean rsv1, int opcode, ByteString payload) {}

    @Test
    void shortMessagesAreOneFrame() throws IOException {
        text(plain, "0123456789");
        assertFalse(plain.hasMore());
        plain.binary(ByteString.decodeHex("00ff"));
        assertFalse(plain.hasMore());
        text(plain, "");
        plain.binary(ByteString.EMPTY);
        assertEquals(
                List.of(
                        new Frame(true, false, 1, ByteString.encodeUtf8("0123456789")),
                        new Frame(true, false, 2, ByteString.decodeHex("00ff")),
                        new Frame(true, false, 1, ByteString.EMPTY),
                        new Frame(true, false, 2, ByteString.EMPTY)),
                frames());
    }

    /** One fragment at a time, so that others can go between. */
    @Test
    void longMessagesAreCut() throws IOException {
        text(plain, "0123456789a");
        assertTrue(plain.hasMore());
        assertEquals(List.of(new Frame(false, false, 1, ByteString.encodeUtf8("0123456789"))), frames());
        plain.encodeNext();
        assertFalse(plain.hasMore());
        assertEquals(List.of(new Frame(true, false, 0, ByteString.encodeUtf8("a"))), frames());
        assertThrows(IllegalStateException.class, plain::encodeNext);

        plain.text(ByteString.encodeUtf8("0123456789a"));
        plain.encodeNext();
        assertFalse(plain.hasMore());
        assertEquals(
                List.of(
                        new Frame(false, false, 1, ByteString.encodeUtf8("0123456789")),
                        new Frame(true, false, 0, ByteString.encodeUtf8("a"))),
                frames());

        ByteString bytes = ByteString.encodeUtf8("x".repeat(30));
        plain.binary(bytes);
        plain.encodeNext();
        assertTrue(plain.hasMore());
        plain.encodeNext();
        assertFalse(plain.hasMore());
        assertEquals(
                List.of(
                        new Frame(false, false, 2, bytes.substring(0, 10)),
                        new Frame(false, false, 0, bytes.substring(0, 10)),
                        new Frame(true, false, 0, bytes.substring(0, 10))),
                frames());
    }

    @Test
    void givenInPieces() throws IOException {
        plain.begin(true);
        plain.fragment(new Buffer().writeUtf8("ab"), false);
        plain.fragment(new Buffer().writeUtf8("c"), false);
        plain.fragment(new Buffer(), true);
        plain.begin(false);
        plain.fragment(new Buffer().writeUtf8("d"), true);
        assertEquals(
                List.of(
                        new Frame(false, false, 1, ByteString.encodeUtf8("ab")),
                        new Frame(false, false, 0, ByteString.encodeUtf8("c")),
                        new Frame(true, false, 0, ByteString.EMPTY),
                        new Frame(true, false, 2, ByteString.encodeUtf8("d"))),
                frames());
    }

    // ---- compressed, RFC 7692 section 6.1 ----

    @Test
    void compressedFromTheThresholdOn() throws IOException {
        MessageEncoder encoder = compressing(5, 100);
        text(encoder, "Hell");
        text(encoder, "Hello");
        encoder.binary(ByteString.encodeUtf8("Hell"));
        encoder.binary(ByteString.encodeUtf8("Hello"));
        assertEquals(
                List.of(
                        new Frame(true, false, 1, ByteString.encodeUtf8("Hell")),
                        new Frame(true, true, 1, ByteString.decodeHex("f248cdc9c90700")),
                        new Frame(true, false, 2, ByteString.encodeUtf8("Hell")),
                        new Frame(true, true, 2, ByteString.decodeHex("f200110000"))),
                frames());
        encoder.close();
    }

    @Test
    void emptyAndCompressed() throws IOException {
        MessageEncoder encoder = compressing(0, 100);
        text(encoder, "");
        encoder.binary(ByteString.EMPTY);
        assertEquals(
                List.of(
                        new Frame(true, true, 1, ByteString.decodeHex("00")),
                        new Frame(true, true, 2, ByteString.decodeHex("00"))),
                frames());
        encoder.close();
    }

    /** RSV1 on the first fragment alone; none is empty but where the end has nothing else. */
    @Test
    void compressedAndCut() throws Exception {
        for (int fragment : new int[] {1, 10, 1000, 100_000}) {
            MessageEncoder encoder = compressing(0, fragment);
            ByteString message = MessageDeflaterTest.text(20_000, fragment);
            encoder.binary(message);
            while (encoder.hasMore()) encoder.encodeNext();
            encoder.close();
            List<Frame> frames = frames();
            Buffer compressed = new Buffer();
            for (int i = 0; i < frames.size(); i++) {
                Frame frame = frames.get(i);
                assertEquals(i == 0, frame.rsv1);
                assertEquals(i == 0 ? 2 : 0, frame.opcode);
                assertEquals(i == frames.size() - 1, frame.fin);
                assertTrue(frame.fin || frame.payload.size() > 0);
                compressed.write(frame.payload);
            }
            assertEquals(message, ByteString.of(new StrictInflater(15, true).inflate(compressed.readByteArray())));
        }
    }

    @Test
    void givenInPiecesAndCompressed() throws Exception {
        MessageEncoder encoder = compressing(1000, 100);
        encoder.begin(true);
        encoder.fragment(new Buffer().writeUtf8("Hel"), false);
        assertEquals(List.of(), frames(), "nothing to show for it yet");
        encoder.fragment(new Buffer().writeUtf8("lo"), false);
        encoder.fragment(new Buffer(), true);
        assertEquals(List.of(new Frame(true, true, 1, ByteString.decodeHex("f248cdc9c90700"))), frames());
        encoder.close();
    }

    @Test
    void plainBetweenCompressed() throws IOException {
        MessageEncoder encoder = compressing(5, 10);
        encoder.binary(ByteString.encodeUtf8("Hello"));
        encoder.binary(ByteString.encodeUtf8("abc"));
        encoder.binary(ByteString.encodeUtf8("Hello"));
        List<Frame> frames = frames();
        assertEquals(new Frame(true, false, 2, ByteString.encodeUtf8("abc")), frames.get(1));
        assertEquals("f200110000", frames.get(2).payload.hex());
        encoder.close();
    }

    @Test
    void whereNothingIsCompressedThereIsNothingToClose() {
        CountingZlib zlib = new CountingZlib();
        MessageEncoder encoder =
                new MessageEncoder(new FrameWriter(wire, null), 10, new PermessageDeflate(zlib, 5, true, true, 15));
        text(encoder, "abc");
        assertEquals(0, zlib.made());
        text(encoder, "abcdef");
        text(encoder, "abcdef");
        assertEquals(1, zlib.made());
        assertEquals(1, zlib.open());
        encoder.close();
        assertEquals(0, zlib.open());
        plain.close();
    }

    private MessageEncoder compressing(int threshold, int fragmentBytes) {
        return new MessageEncoder(
                new FrameWriter(wire, null),
                fragmentBytes,
                new PermessageDeflate(new Zlib(), threshold, true, true, 15));
    }

    private static void text(MessageEncoder encoder, String text) {
        encoder.text(text, Utf8.size(text));
    }

    private List<Frame> frames() throws IOException {
        FrameReader reader = new FrameReader(Wire.take(wire).inputStream(), false, true);
        List<Frame> frames = new ArrayList<>();
        while (reader.readHeader()) {
            Buffer payload = new Buffer();
            while (reader.remaining() > 0) reader.readPayload(payload);
            frames.add(new Frame(reader.fin(), reader.rsv1(), reader.opcode(), payload.readByteString()));
        }
        return frames;
    }
}
