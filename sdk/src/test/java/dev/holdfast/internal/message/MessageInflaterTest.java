package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.ProtocolViolation;
import java.util.zip.Inflater;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
        MessageInflater.appendTail(compressed);
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

    private static String inflate(MessageInflater inflater, String hex) throws ProtocolViolation {
        Buffer compressed = new Buffer().write(ByteString.decodeHex(hex.replace(" ", "")));
        MessageInflater.appendTail(compressed);
        Buffer out = new Buffer();
        while (inflater.inflate(compressed, out)) assertTrue(out.size() > 0);
        inflater.endMessage();
        return out.readUtf8();
    }

    private static void assertViolation(MessageInflater inflater, String hex) {
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> inflate(inflater, hex));
        assertEquals(1007, violation.closeCode());
        assertTrue(violation.getMessage().startsWith("compressed message can't be inflated: "), violation.getMessage());
    }
}
