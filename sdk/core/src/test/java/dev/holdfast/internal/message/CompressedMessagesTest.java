package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.FrameBuffer;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.FrameWriter;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link MessageAssembler} with compressed messages, RFC 7692 section 6.2. */
class CompressedMessagesTest {
    private static final String HELLO = "c1 07 f2 48 cd c9 c9 07 00";

    private final CountingZlib zlib = new CountingZlib();
    private final PermessageDeflate deflate = new PermessageDeflate(zlib, 0, true, true, 15);
    private final EventLog events = new EventLog();
    private final List<MessageAssembler> open = new ArrayList<>();

    @AfterEach
    void close() {
        for (MessageAssembler assembler : open) assembler.close();
        assertEquals(0, zlib.open());
    }

    @Test
    void oneFrame() throws IOException {
        readAll(100, HELLO + "c2 07 f2 48 cd c9 c9 07 00" + "c1 01 00" + "c2 01 00");
        assertEquals(List.of("text Hello", "binary 48656c6c6f", "text ", "binary "), events.taken());
    }

    @Test
    void fragmentsWithControlFramesBetweenThem() throws IOException {
        readAll(100, "41 03 f2 48 cd" + "89 01 70" + "00 00" + "80 04 c9 c9 07 00");
        assertEquals(List.of("ping 70", "text Hello"), events.taken());
    }

    @Test
    void plainBetweenCompressed() throws IOException {
        readAll(100, HELLO + "81 02 68 69" + "c1 05 f2 00 11 00 00" + "01 01 68" + "80 01 69" + HELLO);
        assertEquals(List.of("text Hello", "text hi", "text Hello", "text hi", "text Hello"), events.taken());
        assertEquals(1, zlib.made());
    }

    /** Each message is a stream of its own, which must not refer to the one before. */
    @Test
    void serverWithoutContextTakeover() throws IOException {
        PermessageDeflate forgetful = new PermessageDeflate(zlib, 0, true, false, 15);
        readAll(assembler(forgetful, 100, new Buffer().write(hex(HELLO + HELLO)), false));
        assertEquals(List.of("text Hello", "text Hello"), events.taken());

        MessageAssembler referring =
                assembler(forgetful, 100, new Buffer().write(hex(HELLO + "c1 05 f2 00 11 00 00")), false);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> readAll(referring));
        assertEquals(1007, violation.closeCode());
        assertEquals(List.of("text Hello"), events.taken());
    }

    @Test
    void plainMessagesNeedNoInflater() throws IOException {
        readAll(100, "81 02 68 69");
        assertEquals(0, zlib.made());
    }

    @Test
    void codePointCutBetweenFragmentsAndBlocks() throws IOException {
        FrameBuffer frames = new FrameBuffer();
        MessageEncoder encoder = new MessageEncoder(new FrameWriter(frames, null), 1, deflate);
        ByteString text = ByteString.encodeUtf8("a\u00e9\u20ac\ud83d\ude00");
        encoder.text(text.utf8(), text.size());
        while (encoder.hasMore()) encoder.encodeNext();
        encoder.close();
        readAll(100, Wire.take(frames));
        assertEquals(List.of("text a\u00e9\u20ac\ud83d\ude00"), events.taken());
    }

    /** As their sender compresses messages without a payload to nothing at all. */
    @Test
    void messagesWithoutPayloadDoNotDisturbThoseBehindThem() throws IOException {
        String binary = "c2 07 f2 48 cd c9 c9 07 00";
        String referring = "c2 05 f2 00 11 00 00";
        readAll(100, "c1 00" + "c2 00" + binary + "c2 00" + referring + "42 00" + "80 00" + referring);
        assertEquals(
                List.of(
                        "text ",
                        "binary ",
                        "binary 48656c6c6f",
                        "binary ",
                        "binary 48656c6c6f",
                        "binary ",
                        "binary 48656c6c6f"),
                events.taken());
    }

    /** Each begins with a zero byte, which a stream out of step takes for half of a length. */
    @Test
    void storedMessagesBehindOneWithoutPayload() throws IOException {
        ByteString stored = hex("00 28 00 d7 ff");
        Buffer wire = new Buffer().write(hex("c2 00"));
        for (int i = 0; i < 4; i++) {
            wire.write(hex("c2 2e")).write(stored).write(new byte[40]).writeByte(0);
        }
        readAll(100, wire);
        String forty = "binary " + "00".repeat(40);
        assertEquals(List.of("binary ", forty, forty, forty, forty), events.taken());
    }

    @Test
    void lastFragmentMayBeEmpty() throws IOException {
        readAll(100, "41 07 f2 48 cd c9 c9 07 00" + "80 00" + "41 00" + "80 05 f2 00 11 00 00");
        assertEquals(List.of("text Hello", "text Hello"), events.taken());
    }

    @Test
    void bytesBehindAFinalBlock() throws IOException {
        String trailed = "c1 09 f3 48 cd c9 c9 07 00" + "ff ff";
        String fragments = "41 07 f3 48 cd c9 c9 07 00" + "00 01 ff" + "00 02 f2 48" + "80 00";
        readAll(5, "c1 07 f3 48 cd c9 c9 07 00" + trailed + fragments + HELLO + "c1 05 f2 00 11 00 00");
        assertEquals(List.of("text Hello", "text Hello", "text Hello", "text Hello", "text Hello"), events.taken());
    }

    @Test
    void bytesBehindAFinalBlockWithoutContextTakeover() throws IOException {
        PermessageDeflate forgetful = new PermessageDeflate(zlib, 0, true, false, 15);
        Buffer wire = new Buffer().write(hex("c1 09 f3 48 cd c9 c9 07 00 ff ff" + HELLO + HELLO));
        readAll(assembler(forgetful, 100, wire, false));
        assertEquals(List.of("text Hello", "text Hello", "text Hello"), events.taken());
    }

    /** 61 e2 stored behind a final block is no text, but the message may not have it at all. */
    @Test
    void textBehindAFinalBlockIsCheckedIfItBelongsToTheMessage() throws IOException {
        String rest = "f3 48 cd c9 c9 07 00" + "00 02 00 fd ff 61 e2";
        assertViolation(1007, "not UTF-8", 100, "c1 0f" + rest + "00");
        readAll(100, "c1 0f" + rest + "07" + "41 0e" + rest + "00 01 07" + "80 00" + HELLO);
        assertEquals(List.of("text Hello", "text Hello", "text Hello"), events.taken());
        readAll(assembler(1, new Buffer().write(hex("41 0e" + rest + "00 01 07" + "80 00" + HELLO)), true));
        assertEquals(List.of("last text Hello", "last text Hello"), events.taken());
    }

    @Test
    void moreBlocksBehindAFinalBlock() throws IOException {
        String twice = "f3 48 cd c9 c9 07 00" + "f2 48 cd c9 c9 07 00";
        readAll(100, "c1 0e" + twice + "41 09 f3 48 cd c9 c9 07 00 f2 48" + "80 05 cd c9 c9 07 00");
        assertEquals(List.of("text HelloHello", "text HelloHello"), events.taken());
        assertViolation(1009, "over the limit of 9 bytes", 9, "c1 0e" + twice);
        readAll(assembler(1, new Buffer().write(hex("c1 0e" + twice)), true));
        assertEquals(List.of("last text HelloHello"), events.taken());
    }

    // ---- what is refused ----

    @Test
    void messageThatEndsInsideABlock() {
        assertViolation(1007, "ends inside a block", 100, "c1 04 f2 48 cd c9");
        assertViolation(1007, "ends inside a block", 100, "41 03 f2 48 cd" + "80 00");
        assertViolation(1007, "ends inside a block", 100, "c2 08 00 05 00 fa ff 48 65 6c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "41 03 f2 48 cd" + "40 04 c9 c9 07 00", // on a continuation
                "41 03 f2 48 cd" + "c0 04 c9 c9 07 00",
                "c9 00", // on a ping
                "ca 00",
                "c8 00",
                "e1 00", // RSV2 beside it
                "d1 00", // RSV3 beside it
                "a1 00",
                "91 00",
            })
    void reservedBitsWhereTheyMeanNothing(String frames) {
        assertViolation(1002, "reserved bits", 100, frames);
    }

    @Test
    void withoutAnAgreementRsv1MeansNothing() {
        Buffer wire = new Buffer().write(hex(HELLO));
        MessageAssembler assembler =
                new MessageAssembler(new FrameReader(wire.inputStream(), false, false), null, 100, events, null);
        assertEquals(
                1002,
                assertThrows(ProtocolViolation.class, assembler::readFrame).closeCode());
    }

    @Test
    void notDeflate() {
        assertViolation(1007, "cannot be inflated", 100, "c2 03 ff ff ff");
    }

    @Test
    void notUtf8() {
        // 61 ff 61 stored, and e2 82 which is not complete.
        assertViolation(1007, "not UTF-8", 100, "c1 09 00 03 00 fc ff 61 ff 61 00");
        assertViolation(1007, "not UTF-8", 100, "c1 08 00 02 00 fd ff e2 82 00");
        assertViolation(1007, "not UTF-8", 100, "41 07 00 03 00 fc ff 61 ff");
    }

    @Test
    void theLimitIsForWhatComesOut() throws IOException {
        readAll(5, HELLO);
        assertEquals(List.of("text Hello"), events.taken());
        assertViolation(1009, "over the limit of 4 bytes", 4, HELLO);
        // What goes in may be more.
        readAll(5, "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00");
        assertEquals(List.of("text Hello"), events.taken());
        assertViolation(
                1009,
                "over the limit of 9 bytes",
                9,
                "41 0b f2 48 cd c9 c9 07 00 00 00 ff ff" + "80 05 f2 00 11 00 00");
    }

    /** 1 GiB of zeros in a megabyte is stopped when the limit is passed, not when it is all there. */
    @Test
    void bomb() throws IOException {
        Buffer block = new Buffer();
        MessageDeflater deflater = new MessageDeflater(new Zlib().newDeflater(), false, 15);
        deflater.deflate(new Buffer().write(new byte[1 << 20]), block);
        deflater.endMessage(block);
        deflater.close();
        block.write(hex("00 00 ff ff"));
        ByteString mebibyte = block.readByteString();
        Buffer bomb = new Buffer();
        for (int i = 0; i < 1024; i++) bomb.write(mebibyte);
        FrameBuffer frames = new FrameBuffer();
        new FrameWriter(frames, null).writeFrame(true, true, 2, bomb, (int) bomb.size());
        Buffer wire = Wire.take(frames);
        long sent = wire.size();
        MessageAssembler assembler =
                new MessageAssembler(new FrameReader(wire.inputStream(), false, true), deflate, 16 << 20, events, null);
        open.add(assembler);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, assembler::readFrame);
        assertEquals(1009, violation.closeCode());
        assertTrue(sent - wire.size() < 64 * 1024, (sent - wire.size()) + " bytes of it were read");
        assertEquals(List.of(), events.taken());
    }

    // ---- in pieces ----

    @Test
    void smallMessagesAreOnePieceAndItsEnd() throws IOException {
        Buffer wire = new Buffer().write(hex(HELLO + "81 02 68 69" + "81 00" + "82 01 ff"));
        readAll(assembler(1, wire, true));
        assertEquals(List.of("last text Hello", "last text hi", "last text ", "last binary ff"), events.taken());
    }

    @Test
    void fragmentsAreTakenAsTheyCome() throws IOException {
        readAll(assembler(1, new Buffer().write(hex("02 02 00 01" + "00 00" + "00 01 02" + "80 01 ff")), true));
        assertEquals(List.of("binary 0001", "binary 02", "last binary ff"), events.taken());
        readAll(assembler(1, new Buffer().write(hex("01 02 68 69" + "00 00" + "80 00")), true));
        assertEquals(List.of("text hi", "last text "), events.taken());
    }

    @Test
    void nothingIsToldOfACodePointUntilItIsWhole() throws IOException {
        readAll(assembler(1, new Buffer().write(hex("01 01 e2" + "00 01 82" + "00 02 ac c3" + "80 01 a9")), true));
        assertEquals(List.of("text \u20ac", "last text \u00e9"), events.taken());
    }

    @Test
    void largeMessagesHaveNoLimitInPieces() throws IOException {
        for (boolean compressed : new boolean[] {true, false}) {
            FrameBuffer frames = new FrameBuffer();
            MessageEncoder encoder =
                    new MessageEncoder(new FrameWriter(frames, null), 1000, compressed ? deflate : null);
            String text = "\u20ac".repeat(50_000);
            encoder.text(text, 150_000);
            while (encoder.hasMore()) encoder.encodeNext();
            encoder.close();
            readAll(assembler(1, Wire.take(frames), true));
            List<String> pieces = events.taken();
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < pieces.size(); i++) {
                String head = i == pieces.size() - 1 ? "last text " : "text ";
                assertTrue(pieces.get(i).startsWith(head), pieces.get(i));
                String piece = pieces.get(i).substring(head.length());
                assertTrue(piece.length() < 10_000);
                assertTrue(i == pieces.size() - 1 || !piece.isEmpty(), "an empty piece that is not the last");
                all.append(piece);
            }
            assertEquals(text, all.toString());
            assertTrue(pieces.size() > 10);
        }
    }

    /** Wherever a frame ends, a piece ends at the code point before. */
    @Test
    void piecesNeverEndInsideACodePoint() throws IOException {
        ByteString text = ByteString.encodeUtf8("a\u00e9\u20ac\ud83d\ude00z");
        for (int cut = 0; cut <= text.size(); cut++) {
            FrameBuffer frames = new FrameBuffer();
            FrameWriter writer = new FrameWriter(frames, null);
            writer.writeFrame(false, 1, text, 0, cut);
            writer.writeFrame(true, 0, text, cut, text.size() - cut);
            readAll(assembler(1, Wire.take(frames), true));
            StringBuilder all = new StringBuilder();
            for (String event : events.taken()) {
                String piece = event.substring(event.indexOf("text ") + 5);
                assertEquals(piece, ByteString.encodeUtf8(piece).utf8(), "whole code points");
                assertEquals(-1, piece.indexOf('\ufffd'));
                all.append(piece);
            }
            assertEquals(text.utf8(), all.toString(), "cut at " + cut);
        }
    }

    @Test
    void badTextInPieces() {
        Buffer wire = new Buffer().write(hex("01 02 61 e2" + "80 01 61"));
        MessageAssembler assembler = assembler(1, wire, true);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> readAll(assembler));
        assertEquals(1007, violation.closeCode());
        assertEquals(List.of("text a"), events.taken());
        Buffer cutShort = new Buffer().write(hex("81 02 61 e2"));
        assertThrows(ProtocolViolation.class, () -> readAll(assembler(1, cutShort, true)));
        assertEquals(List.of(), events.taken());
    }

    private void readAll(long maxMessageBytes, String frames) throws IOException {
        readAll(maxMessageBytes, new Buffer().write(hex(frames)));
    }

    private void readAll(long maxMessageBytes, Buffer wire) throws IOException {
        readAll(assembler(maxMessageBytes, wire, false));
    }

    private static void readAll(MessageAssembler assembler) throws IOException {
        boolean more = true;
        while (more) more = assembler.readFrame();
    }

    private MessageAssembler assembler(long maxMessageBytes, Buffer wire, boolean inPieces) {
        return assembler(deflate, maxMessageBytes, wire, inPieces);
    }

    private MessageAssembler assembler(PermessageDeflate agreed, long maxMessageBytes, Buffer wire, boolean inPieces) {
        MessageAssembler assembler = new MessageAssembler(
                new FrameReader(wire.inputStream(), false, true),
                agreed,
                maxMessageBytes,
                events,
                inPieces ? events : null);
        open.add(assembler);
        return assembler;
    }

    private void assertViolation(int closeCode, String message, long maxMessageBytes, String frames) {
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> readAll(maxMessageBytes, frames));
        assertEquals(closeCode, violation.closeCode());
        assertTrue(violation.getMessage().contains(message), violation.getMessage());
        events.taken();
    }

    private static ByteString hex(String spaced) {
        return ByteString.decodeHex(spaced.replace(" ", ""));
    }
}
