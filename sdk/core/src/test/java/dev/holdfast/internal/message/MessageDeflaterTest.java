package dev.holdfast.internal.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageDeflaterTest {
    private static final int[] SIZES = {
        1, 2, 3, 100, 255, 256, 257, 258, 511, 512, 513, 1000, 4096, 8192, 8193, 32767, 32768, 32769, 65536, 131072
    };

    private final List<MessageDeflater> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(MessageDeflater::close);
    }

    // ---- the examples of RFC 7692 section 7.2.3 ----

    @Test
    void helloOnce() {
        assertEquals("f248cdc9c90700", deflate(deflater(true, 15), ByteString.encodeUtf8("Hello")));
    }

    @Test
    void helloTwiceWithContextTakeover() {
        MessageDeflater deflater = deflater(true, 15);
        assertEquals("f248cdc9c90700", deflate(deflater, ByteString.encodeUtf8("Hello")));
        assertEquals("f200110000", deflate(deflater, ByteString.encodeUtf8("Hello")));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 15})
    void helloTwiceWithoutContextTakeover(int windowBits) {
        MessageDeflater deflater = deflater(false, windowBits);
        for (int i = 0; i < 300; i++) {
            assertEquals("f248cdc9c90700", deflate(deflater, ByteString.encodeUtf8("Hello")));
        }
    }

    @Test
    void emptyMessages() {
        for (boolean takeover : new boolean[] {true, false}) {
            MessageDeflater deflater = deflater(takeover, 15);
            for (int i = 0; i < 3; i++) assertEquals("00", deflate(deflater, ByteString.EMPTY));
        }
    }

    @Test
    void emptyMessageBehindAFullWindow() {
        MessageDeflater deflater = deflater(true, 8);
        StrictInflater peer = new StrictInflater(8, true);
        for (int i = 0; i < 3; i++) {
            assertRoundTrip(deflater, peer, text(256, i));
            assertRoundTrip(deflater, peer, ByteString.EMPTY);
        }
    }

    // ---- the window ----

    /** A peer with just that much memory can read everything, and gets what was meant. */
    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 11, 12, 13, 14, 15})
    void neverRefersBeyondTheWindow(int windowBits) {
        for (boolean takeover : new boolean[] {true, false}) {
            MessageDeflater deflater = deflater(takeover, windowBits);
            StrictInflater peer = new StrictInflater(windowBits, takeover);
            for (int size : SIZES) assertRoundTrip(deflater, peer, text(size, size));
            for (int size : SIZES) assertRoundTrip(deflater, peer, noise(size));
            for (int i = 0; i < 200; i++) assertRoundTrip(deflater, peer, text(i, i));
            assertTrue(peer.furthest() > (1 << windowBits) / 4, "uses its window: " + peer.furthest());
        }
    }

    /** The window is crossed in every place of a message, also where its pieces meet. */
    @Test
    void windowAndPiecesInEveryPhase() {
        MessageDeflater deflater = deflater(true, 8);
        StrictInflater peer = new StrictInflater(8, true);
        ByteString message = text(600, 1);
        for (int piece = 1; piece < 300; piece++) {
            Buffer out = new Buffer();
            for (int at = 0; at < message.size(); at += piece) {
                deflater.deflate(new Buffer().write(message, at, Math.min(piece, message.size() - at)), out);
            }
            deflater.endMessage(out);
            assertArrayEquals(message.toByteArray(), peer.inflate(out.readByteArray()), "pieces of " + piece);
        }
    }

    @Test
    void compressesWhatCanBe() {
        ByteString text = text(100_000, 0);
        int whole = deflate(deflater(true, 15), text).length() / 2;
        int small = deflate(deflater(true, 9), text).length() / 2;
        assertTrue(whole < text.size() / 4, "to " + whole);
        assertTrue(small < text.size() * 3 / 4, "to " + small);
        assertTrue(whole < small);
    }

    @Test
    void contextTakeoverPays() {
        MessageDeflater deflater = deflater(true, 15);
        ByteString text = text(5000, 0);
        int first = deflate(deflater, text).length();
        int second = deflate(deflater, text).length();
        assertTrue(second < first / 4, first + ", then " + second);
    }

    @Test
    void takesAllOfThePiece() {
        Buffer piece = new Buffer().writeUtf8("taken");
        Buffer out = new Buffer();
        MessageDeflater deflater = deflater(true, 15);
        deflater.deflate(piece, out);
        assertTrue(piece.exhausted());
        deflater.deflate(piece, out);
        deflater.endMessage(out);
        assertEquals("taken", new String(new StrictInflater(15, true).inflate(out.readByteArray()), UTF_8));
    }

    @Test
    void appendsBehindWhatIsThere() throws Exception {
        Buffer out = new Buffer().writeUtf8("before");
        MessageDeflater deflater = deflater(true, 15);
        deflater.deflate(new Buffer().writeUtf8("Hello"), out);
        deflater.endMessage(out);
        assertEquals("before", out.readUtf8(6));
        assertEquals("f248cdc9c90700", out.readByteString().hex());
    }

    @Test
    void closedIsClosed() {
        CountingZlib zlib = new CountingZlib();
        new MessageDeflater(zlib.newDeflater(), true, 15).close();
        assertEquals(0, zlib.open());
    }

    private MessageDeflater deflater(boolean contextTakeover, int windowBits) {
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), contextTakeover, windowBits);
        open.add(deflater);
        return deflater;
    }

    private static String deflate(MessageDeflater deflater, ByteString message) {
        Buffer out = new Buffer();
        deflater.deflate(new Buffer().write(message), out);
        deflater.endMessage(out);
        return out.readByteString().hex();
    }

    private static void assertRoundTrip(MessageDeflater deflater, StrictInflater peer, ByteString message) {
        byte[] deflated = ByteString.decodeHex(deflate(deflater, message)).toByteArray();
        assertArrayEquals(message.toByteArray(), peer.inflate(deflated), message.size() + " bytes");
    }

    /** What repeats itself, from near and from far. */
    static ByteString text(int size, int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        while (text.length() < size)
            text.append("{\"price\":").append(random.nextInt(500)).append(",\"name\":\"holdfast\"}");
        return ByteString.encodeUtf8(text.substring(0, size));
    }

    private static ByteString noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteString.of(bytes);
    }
}
