package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames stand as RFC 6455 prints them. */
class FrameReaderTest {
    private final Buffer wire = new Buffer();

    @Test
    void singleFrameUnmaskedText() throws IOException {
        assertFrame("81 05 48 65 6c 6c 6f", false, true, Opcode.TEXT, "Hello");
    }

    @Test
    void singleFrameMaskedText() throws IOException {
        assertFrame("81 85 37 fa 21 3d 7f 9f 4d 51 58", true, true, Opcode.TEXT, "Hello");
    }

    @Test
    void fragmentedUnmaskedText() throws IOException {
        assertFrame("01 03 48 65 6c", false, false, Opcode.TEXT, "Hel");
        assertFrame("80 02 6c 6f", false, true, Opcode.CONTINUATION, "lo");
    }

    @Test
    void pingAndMaskedPong() throws IOException {
        assertFrame("89 05 48 65 6c 6c 6f", false, true, Opcode.PING, "Hello");
        assertFrame("8a 85 37 fa 21 3d 7f 9f 4d 51 58", true, true, Opcode.PONG, "Hello");
    }

    @Test
    void theLongestControlFrame() throws IOException {
        assertFrame("89 7d", "61".repeat(125), false);
    }

    @Test
    void lengthIn16Bits() throws IOException {
        assertFrame("82 7e 01 00", "ab".repeat(256), false);
    }

    /** A stream that begins with a header and remembers how much it was ever asked for at once. */
    private static final class Asked extends InputStream {
        private final Buffer bytes;
        int most;
        /** The bytes that went into arrays of each length. */
        final Map<Integer, Integer> readInto = new TreeMap<>();

        Asked(Buffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("byte by byte");
        }

        @Override
        public int read(byte[] into, int offset, int byteCount) {
            most = Math.max(most, byteCount);
            int read = bytes.read(into, offset, byteCount);
            if (read > 0) readInto.merge(into.length, read, Integer::sum);
            return read;
        }
    }

    /** What the reader asks for at once is what it has set aside. */
    @Test
    void aHeaderAloneSetsAsideLittle() throws IOException {
        Asked in = new Asked(
                new Buffer().write(ByteString.decodeHex("827f0000000000400000")).write(new byte[1000]));
        FrameReader reader = new FrameReader(in, false, false);
        assertTrue(reader.readHeader());
        assertTrue(reader.isShort());
        assertThrows(EOFException.class, reader::readBytes);
        assertTrue(in.most <= 64 * 1024, in.most + " bytes set aside");
    }

    @Test
    void aQuarterOfALongPayloadProvesTheRest() throws IOException {
        byte[] payload = new byte[4 * 1024 * 1024];
        new Random(1).nextBytes(payload);
        Asked in = new Asked(new Buffer()
                .write(ByteString.decodeHex("827f0000000000400000"))
                .write(payload)
                .write(ByteString.decodeHex("8a00")));
        FrameReader reader = new FrameReader(in, false, false);
        assertTrue(reader.readHeader());
        assertEquals(ByteString.of(payload), reader.readBytes());
        assertTrue(in.most > 2 * 1024 * 1024, "the rest was copied");
        assertTrue(reader.readHeader());
        assertEquals(Opcode.PONG, reader.opcode());
    }

    /** Each byte of it comes from the stream into the array of the message. */
    @Test
    void aLongPayloadBehindALongOneIsNotCopied() throws IOException {
        int length = 1024 * 1024;
        ByteString header = ByteString.decodeHex("827f0000000000100000");
        byte[] payload = new byte[length];
        new Random(2).nextBytes(payload);
        Buffer wire = new Buffer();
        for (int i = 0; i < 4; i++) wire.write(header).write(payload);
        wire.write(ByteString.decodeHex("810548656c6c6f")).write(ByteString.decodeHex("8a00"));
        Asked in = new Asked(wire);
        FrameReader reader = new FrameReader(in, false, false);
        assertTrue(reader.readHeader());
        assertEquals(ByteString.of(payload), reader.readBytes());
        in.readInto.clear();
        for (int i = 0; i < 3; i++) {
            assertTrue(reader.readHeader());
            assertEquals(ByteString.of(payload), reader.readBytes());
        }
        int direct = in.readInto.remove(length);
        int buffered = in.readInto.values().stream().mapToInt(Integer::intValue).sum();
        assertEquals(3 * length, direct);
        assertEquals(3 * header.size(), buffered, "bytes that are copied");
        assertTrue(reader.readHeader());
        Utf8Text text = new Utf8Text();
        reader.readText(text);
        assertEquals("Hello", text.string());
        assertTrue(reader.readHeader());
        assertEquals(Opcode.PONG, reader.opcode());
        assertFalse(reader.readHeader());
    }

    @Test
    void aLongPayloadDoesNotProveALongerOne() throws IOException {
        Asked in = new Asked(new Buffer()
                .write(ByteString.decodeHex("827f0000000000100000"))
                .write(new byte[1024 * 1024])
                .write(ByteString.decodeHex("827f0000000000100001"))
                .write(new byte[1000]));
        FrameReader reader = new FrameReader(in, false, false);
        assertTrue(reader.readHeader());
        reader.readBytes();
        in.most = 0;
        assertTrue(reader.readHeader());
        assertThrows(EOFException.class, reader::readBytes);
        assertTrue(in.most <= 64 * 1024, in.most + " bytes set aside");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "82", "827e", "827f000000", "827f00000000000001"})
    void theStreamMayEndBehindALongPayload(String rest) throws IOException {
        ByteString start = ByteString.decodeHex(rest);
        FrameReader reader = new FrameReader(
                new Asked(new Buffer()
                        .write(ByteString.decodeHex("827f0000000000011170"))
                        .write(new byte[0x11170])
                        .write(start)),
                false,
                false);
        assertTrue(reader.readHeader());
        assertEquals(0x11170, reader.readBytes().size());
        if (rest.isEmpty()) assertFalse(reader.readHeader());
        else assertThrows(EOFException.class, reader::readHeader);
    }

    @Test
    void lengthIn64Bits() throws IOException {
        assertFrame("82 7f 00 00 00 00 00 01 00 00", "cd".repeat(65_536), false);
    }

    @ParameterizedTest(name = "{1} bytes")
    @CsvSource({
        "82 80, 0",
        "82 81, 1",
        "82 fd, 125",
        "82 fe 00 7e, 126",
        "82 fe 00 7f, 127",
        "82 fe ff ff, 65535",
        "82 ff 00 00 00 00 00 01 00 00, 65536",
        "82 ff 00 00 00 00 00 01 00 01, 65537",
        "82 ff 00 00 00 00 00 10 00 03, 1048579",
    })
    void maskedFrameOfEveryLengthForm(String header, int length) throws IOException {
        byte[] key = {0x37, (byte) 0xfa, 0x21, 0x3d};
        byte[] masked = new byte[length];
        for (int i = 0; i < length; i++) masked[i] = (byte) ((i * 31) ^ key[i % 4]);
        wire.write(hex(header)).write(key).write(masked);

        FrameReader reader = new FrameReader(wire.inputStream(), true, false);
        assertTrue(reader.readHeader());
        assertEquals(length, reader.length());
        byte[] payload = payload(reader).toByteArray();
        assertEquals(length, payload.length);
        for (int i = 0; i < length; i++) assertEquals((byte) (i * 31), payload[i], "byte " + i);
    }

    @ParameterizedTest
    @CsvSource({
        "c1 00, reserved bits",
        "a1 00, reserved bits",
        "91 00, reserved bits",
        "83 00, reserved opcode 3",
        "87 00, reserved opcode 7",
        "8b 00, reserved opcode 11",
        "8f 00, reserved opcode 15",
        "81 80, from a server is masked",
        "09 00, fragmented control frame",
        "08 00, fragmented control frame",
        "89 7e, control frame over 125 bytes",
        "8a 7f, control frame over 125 bytes",
        "81 7e 00 7d, length 125 in 16 bits",
        "81 7e 00 00, length 0 in 16 bits",
        "81 7f 00 00 00 00 00 00 00 00, length 0 in 64 bits",
        "81 7f 00 00 00 00 00 00 ff ff, length 65535 in 64 bits",
        "81 7f 80 00 00 00 00 00 00 00, length with its highest bit set",
        "81 7f ff ff ff ff ff ff ff ff, length with its highest bit set",
    })
    void refusesWithProtocolError(String frame, String message) {
        wire.write(hex(frame));
        FrameReader reader = new FrameReader(wire.inputStream(), false, false);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, reader::readHeader);
        assertEquals(1002, violation.closeCode());
        assertTrue(violation.getMessage().contains(message), violation.getMessage());
    }

    @Test
    void refusesAnUnmaskedFrameFromAClient() {
        wire.write(hex("81 00"));
        FrameReader reader = new FrameReader(wire.inputStream(), true, false);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, reader::readHeader);
        assertEquals(1002, violation.closeCode());
        assertEquals("frame from a client is not masked", violation.getMessage());
    }

    @Test
    void endsCleanlyBetweenFramesOnly() throws IOException {
        FrameReader reader = new FrameReader(wire.inputStream(), false, false);
        assertFalse(reader.readHeader());
        wire.write(hex("81 02 68"));
        assertTrue(reader.readHeader());
        reader.readPayload(new Buffer());
        EOFException e = assertThrows(EOFException.class, () -> reader.readPayload(new Buffer()));
        assertEquals("stream ended after 1 of 2 bytes of payload", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"81", "81 7e", "81 7e 01", "81 7f 00 00 00 00 00 01 00"})
    void endsInsideAHeader(String frame) {
        wire.write(hex(frame));
        FrameReader reader = new FrameReader(wire.inputStream(), false, false);
        EOFException e = assertThrows(EOFException.class, reader::readHeader);
        assertEquals("stream ended after part of a frame header", e.getMessage());
    }

    @Test
    void thePayloadMustBeReadBeforeTheNextHeader() throws IOException {
        wire.write(hex("81 02 68 69"));
        FrameReader reader = new FrameReader(wire.inputStream(), false, false);
        assertTrue(reader.readHeader());
        assertThrows(IllegalStateException.class, reader::readHeader);
    }

    private void assertFrame(String frame, boolean masked, boolean fin, int opcode, String payload) throws IOException {
        wire.write(hex(frame));
        FrameReader reader = new FrameReader(wire.inputStream(), masked, false);
        assertTrue(reader.readHeader());
        assertEquals(fin, reader.fin());
        assertEquals(opcode, reader.opcode());
        assertEquals(payload, payload(reader).utf8());
        assertTrue(wire.exhausted());
    }

    private void assertFrame(String header, String payload, boolean masked) throws IOException {
        wire.write(hex(header)).write(hex(payload));
        FrameReader reader = new FrameReader(wire.inputStream(), masked, false);
        assertTrue(reader.readHeader());
        assertEquals(hex(payload), payload(reader));
    }

    private static ByteString payload(FrameReader reader) throws IOException {
        Buffer payload = new Buffer();
        while (reader.remaining() > 0) reader.readPayload(payload);
        return payload.readByteString();
    }

    static ByteString hex(String spaced) {
        return ByteString.decodeHex(spaced.replace(" ", ""));
    }
}
