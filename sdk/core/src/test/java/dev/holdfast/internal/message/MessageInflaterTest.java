package dev.holdfast.internal.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.util.List;
import java.util.Random;
import java.util.zip.Inflater;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageInflaterTest {
    private final MessageInflater inflater = new MessageInflater(new Zlib().newInflater(), true);

    @AfterEach
    void close() {
        inflater.close();
    }

    // ---- the examples of RFC 7692 section 7.2.3 ----

    @Test
    void oneBlock() throws Exception {
        assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
    }

    @Test
    void sharedWindow() throws Exception {
        assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
        assertEquals("Hello", inflate(inflater, "f2 00 11 00 00"));
    }

    @Test
    void storedBlock() throws Exception {
        assertEquals("Hello", inflate(inflater, "00 05 00 fa ff 48 65 6c 6c 6f 00"));
    }

    @Test
    void finalBlock() throws Exception {
        for (int i = 0; i < 3; i++) assertEquals("Hello", inflate(inflater, "f3 48 cd c9 c9 07 00 00"));
        assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
    }

    @Test
    void finalBlocksInOneMessage() throws Exception {
        assertEquals("HelloHello", inflate(inflater, "f3 48 cd c9 c9 07 00" + "f3 48 cd c9 c9 07 00 00"));
    }

    @Test
    void twoBlocks() throws Exception {
        assertEquals("Hello", inflate(inflater, "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"));
    }

    @Test
    void emptyMessages() throws Exception {
        for (int i = 0; i < 3; i++) assertEquals("", inflate(inflater, "00"));
    }

    // ----

    @Test
    void withoutContextTakeoverNothingIsRemembered() throws Exception {
        MessageInflater forgetful = new MessageInflater(new Zlib().newInflater(), false);
        assertEquals("Hello", inflate(forgetful, "f2 48 cd c9 c9 07 00"));
        assertViolation(forgetful, "f2 00 11 00 00");
        forgetful.close();
    }

    @Test
    void notDeflate() {
        assertViolation(inflater, "ff ff ff");
    }

    @Test
    void oneByteAtATime() throws Exception {
        Buffer out = new Buffer();
        for (byte one : ByteString.decodeHex("f248cdc9c907000000ffff").toByteArray()) {
            Buffer compressed = new Buffer().writeByte(one);
            while (inflater.inflate(compressed, out)) assertTrue(out.size() <= 5);
            assertTrue(compressed.exhausted());
        }
        assertEquals("Hello", out.readUtf8());
    }

    /** Not even where room runs out together with input, in the middle of a reference. */
    @Test
    void holdsNothingBack() throws Exception {
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), true, 15);
        Buffer compressed = new Buffer();
        deflater.deflate(new Buffer().write(new byte[100_000]), compressed);
        deflater.endMessage(compressed);
        deflater.close();
        Inflater allAtOnce = new Zlib().newInflater();
        byte[] room = new byte[100_000];
        long expected = 0;
        Buffer out = new Buffer();
        for (byte one : compressed.readByteArray()) {
            allAtOnce.setInput(new byte[] {one});
            expected += allAtOnce.inflate(room);
            Buffer piece = new Buffer().writeByte(one);
            while (inflater.inflate(piece, out)) assertTrue(out.size() <= expected);
            assertEquals(expected, out.size());
        }
        assertEquals(100_000, expected);
        allAtOnce.end();
    }

    /** A little at a time, so that a bomb goes off in small pieces. */
    @Test
    void neverAppendsMuchAtOnce() throws Exception {
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), true, 15);
        Buffer compressed = new Buffer();
        deflater.deflate(new Buffer().write(new byte[10_000_000]), compressed);
        deflater.endMessage(compressed);
        deflater.close();
        Buffer out = new Buffer().writeUtf8("before");
        assertTrue(inflater.inflate(compressed, out));
        long total = out.size() - 6;
        out.clear();
        while (inflater.inflate(compressed, out)) {
            assertTrue(out.size() <= 8192, out.size() + " at once");
            total += out.size();
            out.clear();
        }
        assertEquals(10_000_000, total);
        assertFalse(inflater.inflate(compressed, out));
    }

    @Test
    void closedIsClosed() {
        CountingZlib zlib = new CountingZlib();
        new MessageInflater(zlib.newInflater(), true).close();
        assertEquals(0, zlib.open());
    }

    // ---- where a message ends ----

    @Test
    void messageWithoutPayloadLeavesTheStreamAsItIs() throws Exception {
        assertEquals("", inflate(inflater, ""));
        assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
        for (int i = 0; i < 3; i++) assertEquals("", inflate(inflater, ""));
        assertEquals("Hello", inflate(inflater, "f2 00 11 00 00"));
    }

    /** Stored, fixed and dynamic blocks; an independent decoder says which of the cuts leave a whole message. */
    @Test
    void messageMustNotEndInsideABlock() throws Exception {
        Random random = new Random(7);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++)
            text.append("{\"id\":").append(random.nextInt(1000)).append("},");
        List<ByteString> messages = List.of(
                hex("00 05 00 fa ff 48 65 6c 6c 6f 00"),
                hex("f2 48 cd c9 c9 07 00"),
                hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
                deflate(text.toString().getBytes(US_ASCII)));
        int refused = 0;
        for (ByteString message : messages) {
            ByteString all = ByteString.of(new StrictInflater(15, true).inflate(message.toByteArray()));
            for (int size = 1; size <= message.size(); size++) {
                ByteString cut = message.substring(0, size);
                if (isWhole(cut, all)) {
                    assertRefers(cut);
                } else {
                    assertViolation(new MessageInflater(new Zlib().newInflater(), true), cut.hex());
                    assertViolation(new MessageInflater(new Zlib().newInflater(), false), cut.hex());
                    refused++;
                }
            }
        }
        assertTrue(refused > 500, refused + " cuts refused");
    }

    /** The four bytes that were left off may complete a stored block as well, as its data. */
    private static boolean isWhole(ByteString cut, ByteString all) {
        try {
            return all.startsWith(new StrictInflater(15, true).inflate(cut.toByteArray()));
        } catch (AssertionError | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }

    /** The message behind a whole one refers to it. */
    private static void assertRefers(ByteString message) throws Exception {
        MessageInflater inflater = new MessageInflater(new Zlib().newInflater(), true);
        inflate(inflater, message.hex());
        assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
        assertEquals("Hello", inflate(inflater, "f2 00 11 00 00"));
        inflater.close();
    }

    @Test
    void messageWhoseLastFourBytesWereNotLeftOff() {
        assertViolation(inflater, "f2 48 cd c9 c9 07 00 00 00 ff ff");
    }

    @Test
    void violationSaysThatABlockIsOpen() {
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> inflate(inflater, "f2 48 cd"));
        assertEquals("compressed message cannot be inflated: it ends inside a block", violation.getMessage());
    }

    // ---- what follows BFINAL ----

    private static final String FINAL = "f3 48 cd c9 c9 07 00";
    private static final String WHOLE = "f2 48 cd c9 c9 07 00 00 00 ff ff";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing, which leaves nothing for the four bytes of the end to complete
                "07", // a block of type 3
                "ff",
                "00 00 ff ff", // a stored block of 65,280 bytes
                "00 05 00 fa ff 48 65", // a stored block that is cut
                "00 05 00 fa 00", // a stored block whose lengths do not agree
                "f2 48 cd", // a fixed block that is cut
                "f2 00 11 00 00", // a reference to before BFINAL
                "ed fd", // a dynamic header
                WHOLE + "07", // a whole block, but not to the end
                WHOLE + WHOLE + "f2 48 cd",
                WHOLE, // whole, but for the four bytes left off
            })
    void whatFollowsBfinalAndIsNoDeflateIsDropped(String rest) throws Exception {
        for (boolean contextTakeover : new boolean[] {true, false}) {
            MessageInflater inflater = new MessageInflater(new Zlib().newInflater(), contextTakeover);
            for (int i = 0; i < 3; i++) assertEquals("Hello", inflate(inflater, FINAL + rest));
            assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
            if (contextTakeover) assertEquals("Hello", inflate(inflater, "f2 00 11 00 00"));
            inflater.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f2 48 cd c9 c9 07 00",
                WHOLE + "00",
                FINAL,
                FINAL + "00",
                FINAL + "ff",
                FINAL + WHOLE + "07",
                "00 05 00 fa ff 48 65 6c 6c 6f 00"
            })
    void blocksThatFollowBfinalBelongToTheMessage(String rest) throws Exception {
        for (boolean contextTakeover : new boolean[] {true, false}) {
            MessageInflater inflater = new MessageInflater(new Zlib().newInflater(), contextTakeover);
            for (int i = 0; i < 3; i++) assertEquals("HelloHello", inflate(inflater, FINAL + rest));
            assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
            inflater.close();
        }
    }

    /** However many bytes there are, wherever they are cut, and although some of them are blocks. */
    @Test
    void trailingBytes() throws Exception {
        Random random = new Random(3);
        for (int size : new int[] {1, 2, 3, 4, 5, 100, 1000, 4096, 8191, 8192}) {
            for (int round = 0; round < 20; round++) {
                byte[] trailing = new byte[size];
                random.nextBytes(trailing);
                Buffer message = new Buffer().write(hex(FINAL));
                boolean block = size > 100 && random.nextBoolean();
                if (block) System.arraycopy(hex(WHOLE).toByteArray(), 0, trailing, 0, 11);
                trailing[block ? 11 : 0] = 0x06;
                message.write(trailing);
                MessageInflater inflater = new MessageInflater(new Zlib().newInflater(), random.nextBoolean());
                Buffer out = new Buffer();
                while (!message.exhausted()) {
                    Buffer piece = new Buffer();
                    piece.write(message, Math.min(message.size(), 1 + random.nextInt(size)));
                    while (inflater.inflate(piece, out)) assertTrue(out.size() <= 5);
                }
                inflater.endMessage();
                assertFalse(inflater.inflate(new Buffer(), out));
                assertEquals("Hello", out.readUtf8());
                assertEquals("Hello", inflate(inflater, "f2 48 cd c9 c9 07 00"));
                inflater.close();
            }
        }
    }

    @Test
    void outputInDoubtIsHeldBackUntilTheMessageEnds() throws Exception {
        Buffer out = new Buffer();
        Buffer compressed = new Buffer().write(hex(FINAL + "f2 48 cd c9 c9 07 00"));
        while (inflater.inflate(compressed, out)) assertEquals(5, out.size());
        assertEquals("Hello", out.readUtf8());
        inflater.endMessage();
        assertTrue(inflater.inflate(compressed, out));
        assertEquals("Hello", out.readUtf8());
        assertFalse(inflater.inflate(compressed, out));
    }

    @Test
    void outputInDoubtIsReleasedALittleAtATime() throws Exception {
        Buffer out = new Buffer();
        Buffer compressed = new Buffer().write(hex(FINAL)).write(stored(20_000)).writeByte(0);
        while (inflater.inflate(compressed, out)) assertEquals(5, out.size());
        inflater.endMessage();
        out.clear();
        long total = 0;
        while (inflater.inflate(compressed, out)) {
            assertTrue(out.size() <= 8192, out.size() + " at once");
            total += out.size();
            out.clear();
        }
        assertEquals(20_000, total);
    }

    /** Nothing is held back without end. What made so much output is DEFLATE, and an error in it is one. */
    @Test
    void soMuchOutputIsBeyondDoubt() throws Exception {
        int limit = MessageInflater.MAX_DOUBTFUL_BYTES;
        String most = FINAL + stored(limit - 40_000).hex() + stored(40_000).hex();
        assertEquals(5, inflate(inflater, most + "06").length());
        assertEquals(5 + limit, inflate(inflater, most + "00").length());
        String more = FINAL + stored(limit - 40_000).hex() + stored(40_001).hex();
        assertEquals(6 + limit, inflate(inflater, more + "00").length());
        MessageInflater bad = new MessageInflater(new Zlib().newInflater(), true);
        assertViolation(bad, more + "06");
        MessageInflater open = new MessageInflater(new Zlib().newInflater(), true);
        assertViolation(open, more + "f2 48 cd");
        MessageInflater released = new MessageInflater(new Zlib().newInflater(), true);
        Buffer out = new Buffer();
        Buffer compressed = new Buffer().write(hex(more));
        while (released.inflate(compressed, out)) assertTrue(out.size() > 0);
        assertEquals(6 + limit, out.size());
        released.close();
    }

    /** As one step of the inflater may make a lot of it, what comes before an error counts as well. */
    @Test
    void outputBeforeAnErrorCounts() throws Exception {
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), true, 15);
        Buffer zeros = new Buffer();
        deflater.deflate(new Buffer().write(new byte[MessageInflater.MAX_DOUBTFUL_BYTES - 5]), zeros);
        deflater.endMessage(zeros);
        deflater.close();
        String rest = FINAL + zeros.readByteString().hex() + "0000ffff";
        // Five bytes reach the limit, six pass it, and the error is in the same step.
        assertEquals(5, inflate(inflater, rest + stored(5).hex() + "06").length());
        assertViolation(inflater, rest + stored(6).hex() + "06");
    }

    private static ByteString stored(int size) {
        return new Buffer()
                .writeByte(0)
                .writeShortLe(size)
                .writeShortLe(~size)
                .write(new byte[size])
                .readByteString();
    }

    private static ByteString deflate(byte[] bytes) {
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), true, 15);
        Buffer out = new Buffer();
        deflater.deflate(new Buffer().write(bytes), out);
        deflater.endMessage(out);
        deflater.close();
        return out.readByteString();
    }

    private static ByteString hex(String spaced) {
        return ByteString.decodeHex(spaced.replace(" ", ""));
    }

    private static String inflate(MessageInflater inflater, String hex) throws ProtocolViolation {
        Buffer compressed = new Buffer().write(hex(hex));
        Buffer out = new Buffer();
        while (inflater.inflate(compressed, out)) assertTrue(out.size() > 0);
        inflater.endMessage();
        while (inflater.inflate(compressed, out)) assertTrue(out.size() > 0);
        return out.readUtf8();
    }

    private static void assertViolation(MessageInflater inflater, String hex) {
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> inflate(inflater, hex));
        assertEquals(1007, violation.closeCode());
        assertTrue(
                violation.getMessage().startsWith("compressed message cannot be inflated: "), violation.getMessage());
        inflater.close();
    }
}
