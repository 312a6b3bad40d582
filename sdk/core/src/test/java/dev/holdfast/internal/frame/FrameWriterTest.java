package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import okio.Buffer;
import okio.BufferedSource;
import okio.ByteString;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTest {
    private final FrameBuffer out = new FrameBuffer();

    @Test
    void singleFrameUnmaskedText() {
        new FrameWriter(out, null).writeText("Hello", 5);
        assertEquals(FrameReaderTest.hex("81 05 48 65 6c 6c 6f"), Wire.take(out).readByteString());
    }

    @Test
    void singleFrameMaskedText() {
        new FrameWriter(out, new MaskingKeys(always(0x37, 0xfa, 0x21, 0x3d))).writeText("Hello", 5);
        assertEquals(
                FrameReaderTest.hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
                Wire.take(out).readByteString());
    }

    @Test
    void fragmentsAndControlFrames() {
        FrameWriter writer = new FrameWriter(out, null);
        ByteString hello = ByteString.encodeUtf8("Hello");
        writer.writeFrame(false, Opcode.TEXT, hello, 0, 3);
        writer.writeFrame(true, Opcode.PING, hello, 0, 5);
        writer.writeFrame(true, Opcode.CONTINUATION, hello, 3, 2);
        assertEquals(
                FrameReaderTest.hex("01 03 48 65 6c" + "89 05 48 65 6c 6c 6f" + "80 02 6c 6f"),
                Wire.take(out).readByteString());
    }

    /** Each with a key of its own, behind what is in the buffer already. */
    @Test
    void payloadTakenFromABufferIsMasked() {
        FrameWriter writer = new FrameWriter(out, new MaskingKeys(always(0x37, 0xfa, 0x21, 0x3d, 1, 2, 3, 4)));
        Buffer payload = new Buffer().writeUtf8("Hello!");
        writer.writeFrame(false, true, Opcode.TEXT, payload, 5);
        assertEquals("!", payload.snapshot().utf8());
        writer.writeFrame(true, false, Opcode.CONTINUATION, payload, 1);
        assertEquals(
                FrameReaderTest.hex("41 85 37 fa 21 3d 7f 9f 4d 51 58" + "80 81 01 02 03 04 20"),
                Wire.take(out).readByteString());
    }

    @Test
    void shortestLengthForm() throws IOException {
        assertEquals("82 7d", headerOf(125));
        assertEquals("82 7e 00 7e", headerOf(126));
        assertEquals("82 7e ff ff", headerOf(65_535));
        assertEquals("82 7f 00 00 00 00 00 01 00 00", headerOf(65_536));
    }

    @Test
    void theLongestControlFrame() {
        byte[] longest = new byte[125];
        new FrameWriter(out, null).writeFrame(true, Opcode.PONG, ByteString.of(longest), 0, 125);
        assertEquals(
                FrameReaderTest.hex("8a 7d" + "00".repeat(125)), Wire.take(out).readByteString());
    }

    @Test
    void refusesIllegalControlFrames() {
        FrameWriter writer = new FrameWriter(out, null);
        ByteString long126 = ByteString.of(new byte[126]);
        assertThrows(IllegalArgumentException.class, () -> writer.writeFrame(true, Opcode.PING, long126, 0, 126));
        assertThrows(
                IllegalArgumentException.class, () -> writer.writeFrame(false, Opcode.CLOSE, ByteString.EMPTY, 0, 0));
        assertEquals(0, out.size());
    }

    @Test
    void refusesAWrongUtf8Length() {
        FrameWriter writer = new FrameWriter(out, null);
        writer.writeText("before", 6);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> writer.writeText("é", 3));
        assertEquals("utf8Length must be 2, the length of the text, but was 3", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> writer.writeText("é", 1));
        assertEquals("before", Wire.take(out).readByteString().substring(2).utf8());
    }

    /** Characters of one byte to four, halves of surrogates, and every length around the blocks they are encoded in. */
    @Test
    void textIsUtf8() {
        String[] alphabets = {
            "a", "az~\u007f", "\u0080\u07ffa", "\u0800\ud7ff\uffff", "\ud83d\ude00", "\ud83da\ude00", "aé価🙂"
        };
        Random random = new Random(3);
        FrameWriter writer = new FrameWriter(out, null);
        for (String alphabet : alphabets) {
            for (int length : new int[] {0, 1, 2, 3, 511, 512, 513, 1024, 3000}) {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < length; i++) text.append(alphabet.charAt(random.nextInt(alphabet.length())));
                ByteString utf8 = ByteString.encodeUtf8(text.toString());
                assertEquals(utf8.size(), Utf8Length.of(text.toString()));
                writer.writeText(text.toString(), utf8.size());
                ByteString frame = Wire.take(out).readByteString();
                assertEquals(utf8, frame.substring(frame.size() - utf8.size()));
            }
        }
    }

    @Test
    void asciiIsWrittenAsAnyText() {
        FrameWriter writer = new FrameWriter(out, null);
        for (int length : new int[] {0, 1, 125, 126, 3000}) {
            String text = "aZ~\u007f\0".repeat(600).substring(0, length);
            writer.writeText(text, length);
            ByteString expected = Wire.take(out).readByteString();
            writer.writeAscii(text);
            assertEquals(expected, Wire.take(out).readByteString());
        }
    }

    @Test
    void textThatIsNotAsciiToItsEndLeavesNothing() {
        FrameWriter writer = new FrameWriter(out, null);
        writer.writeText("before", 6);
        int size = out.size();
        assertFalse(writer.writeIfAscii("x".repeat(2000) + "é"));
        assertFalse(writer.writeIfAscii("\u0141"));
        assertEquals(size, out.size());
        assertTrue(writer.writeIfAscii("x".repeat(2000)));
    }

    @Test
    void everyFrameHasAKeyOfItsOwn() throws IOException {
        FrameWriter writer = new FrameWriter(out, new MaskingKeys(new Random(1)));
        Set<Integer> keys = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            writer.writeText("", 0);
            Buffer wire = Wire.take(out);
            wire.readShort();
            keys.add(wire.readInt());
        }
        assertEquals(1000, keys.size());
    }

    /** Wherever the one other character stands, in a short text, in a whole block and in what is left of the last. */
    @Test
    void knowsAsciiFromWhatIsNot() {
        FrameWriter writer = new FrameWriter(new FrameBuffer(), null);
        for (int length : new int[] {1, 3, 4, 100, 512, 513, 1030}) {
            String ascii = "x".repeat(length);
            assertTrue(writer.isAscii(ascii));
            for (int at = 0; at < length; at++) {
                String other = ascii.substring(0, at) + '\u0080' + ascii.substring(at + 1);
                assertFalse(writer.isAscii(other), () -> other);
            }
        }
        assertFalse(writer.isAscii("price in \u20ac"));
        assertTrue(writer.isAscii(""));
    }

    @Test
    void keysAreDrawnInBulk() {
        List<Integer> draws = new ArrayList<>();
        MaskingKeys keys = new MaskingKeys(new Random(1) {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] target) {
                draws.add(target.length);
                super.nextBytes(target);
            }
        });
        for (int i = 0; i < 33; i++) keys.next();
        assertEquals(List.of(128, 128), draws);
    }

    @Test
    void fewKeysTakeLittleMemory() {
        List<Integer> draws = new ArrayList<>();
        MaskingKeys keys = MaskingKeys.few(new Random(1) {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] target) {
                draws.add(target.length);
                super.nextBytes(target);
            }
        });
        for (int i = 0; i < 9; i++) keys.next();
        assertEquals(List.of(16, 16, 16), draws);
    }

    @Test
    void keysAreDrawnAheadForAsManyAsWereUsed() {
        List<Integer> draws = new ArrayList<>();
        MaskingKeys keys = new MaskingKeys(new Random(1) {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] target) {
                draws.add(target.length);
                super.nextBytes(target);
            }
        });
        keys.refill();
        assertEquals(List.of(), draws, "for no key");
        for (int i = 0; i < 16; i++) keys.next();
        keys.refill();
        assertEquals(List.of(128), draws, "half of them are left");
        keys.next();
        keys.refill();
        assertEquals(List.of(128, 128), draws);
        for (int i = 0; i < 33; i++) keys.next();
        assertEquals(List.of(128, 128, 128), draws);
        keys.refill();
        for (int i = 0; i < 64; i++) keys.next();
        assertEquals(List.of(128, 128, 128, 256), draws);
    }

    /** What our writer writes our reader reads, however the bytes arrive. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 8191, 8192, 8193, 65_535, 65_536, 100_003})
    void masksAndUnmasksAtEverySplit(int length) throws IOException {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        ByteString payload = ByteString.of(bytes);
        FrameWriter writer = new FrameWriter(out, new MaskingKeys(new Random(2)));
        // An odd start, so that the payload is not aligned to a word.
        out.ensureRoom(1);
        out.writeByte(0);
        writer.writeFrame(true, Opcode.BINARY, payload, 0, length);
        Buffer written = Wire.take(out);
        written.readByte();
        ByteString wire = written.readByteString();
        if (length >= 8) assertNotEquals(payload, wire.substring(wire.size() - length));

        for (int piece : new int[] {1, 3, 8, 1000, Integer.MAX_VALUE}) {
            if (piece == 1 && length > 10_000) continue;
            FrameReader reader = new FrameReader(inPieces(wire, piece).inputStream(), true, false);
            Buffer read = new Buffer();
            assertTrue(reader.readHeader());
            while (reader.remaining() > 0) reader.readPayload(read);
            assertEquals(payload, read.readByteString(), "pieces of " + piece);
        }
    }

    private String headerOf(int length) throws IOException {
        new FrameWriter(out, null).writeFrame(true, Opcode.BINARY, ByteString.of(new byte[length]), 0, length);
        Buffer wire = Wire.take(out);
        String header = wire.readByteString(wire.size() - length).hex();
        return header.replaceAll("..(?=.)", "$0 ");
    }

    static BufferedSource inPieces(ByteString bytes, int pieceLength) {
        Source source = new ForwardingSource(new Buffer().write(bytes)) {
            @Override
            public long read(Buffer sink, long byteCount) throws IOException {
                return super.read(sink, Math.min(byteCount, pieceLength));
            }
        };
        return Okio.buffer(source);
    }

    private static Random always(int... bytes) {
        return new Random(0) {
            private static final long serialVersionUID = 1;

            @Override
            public void nextBytes(byte[] target) {
                for (int i = 0; i < target.length; i++) target[i] = (byte) bytes[i % bytes.length];
            }
        };
    }
}
