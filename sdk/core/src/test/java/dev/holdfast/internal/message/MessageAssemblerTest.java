package dev.holdfast.internal.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okio.Buffer;
import okio.ByteString;
import okio.ForwardingSource;
import okio.Okio;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageAssemblerTest {
    private final Buffer wire = new Buffer();
    private final List<String> events = new ArrayList<>();
    private final MessageAssembler assembler = assembler(wire, 100);

    @Test
    void wholeMessages() throws IOException {
        readAll("81 05 48 65 6c 6c 6f" + "82 02 00 ff" + "81 00" + "82 00");
        assertEquals(List.of("text Hello", "binary 00ff", "text ", "binary "), events);
    }

    @Test
    void controlFramesBetweenFragments() throws IOException {
        readAll("01 03 48 65 6c" + "89 01 70" + "00 00" + "8a 01 71" + "80 02 6c 6f");
        assertEquals(List.of("ping 70", "pong 71", "text Hello"), events);
    }

    @Test
    void codePointCutBetweenFragments() throws IOException {
        readAll("01 01 e2" + "00 01 82" + "80 01 ac");
        assertEquals(List.of("text €"), events);
    }

    @Test
    void continuationWithNothingToContinue() {
        assertViolation(1002, "continuation frame with nothing to continue", "80 01 61");
        assertViolation(1002, "continuation frame with nothing to continue", "00 01 61");
    }

    @Test
    void newMessageInsideAMessage() {
        assertViolation(1002, "new message before the last one ended", "01 01 61" + "81 01 62");
    }

    @Test
    void textThatIsNotUtf8() {
        assertViolation(1007, "not UTF-8", "81 01 ff");
        assertViolation(1007, "not UTF-8", "81 02 e2 82");
        assertViolation(1007, "not UTF-8", "01 01 e2" + "80 01 28");
    }

    @Test
    void failsAtTheFirstBadByteWithoutWaitingForTheRest() {
        // 5 of 100 bytes have come; the peer waits. The source would block, here it fails the test.
        Buffer sent = new Buffer().write(hex("81 64 61 61 61 ff 61"));
        MessageAssembler waiting = new MessageAssembler(
                new FrameReader(
                        Okio.buffer(new ForwardingSource(sent) {
                                    @Override
                                    public long read(Buffer sink, long byteCount) throws IOException {
                                        if (sent.exhausted()) throw new AssertionError("waits for more");
                                        return super.read(sink, byteCount);
                                    }
                                })
                                .inputStream(),
                        false,
                        false),
                null,
                100,
                new Recorder(),
                null);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, waiting::readFrame);
        assertEquals(1007, violation.closeCode());
    }

    @Test
    void tooBigIsRefusedOnTheHeader() throws IOException {
        // 101 bytes are promised, none has come.
        assertViolation(1009, "over the limit of 100 bytes", "82 65");
        // The second fragment makes it too big.
        assertViolation(1009, "over the limit of 100 bytes", "02 32" + "00".repeat(50) + "80 33");
        readAll("82 64" + "00".repeat(100));
        assertEquals(List.of("binary " + "00".repeat(100)), events);
    }

    @Test
    void promiseOfTwoToThe63IsRefusedOnTheHeader() {
        assertViolation(1009, "over the limit", "82 7f 7f ff ff ff ff ff ff ff");
        assertViolation(1009, "over the limit", "02 01 00" + "80 7f 7f ff ff ff ff ff ff ff");
    }

    @Test
    void closeFrames() throws IOException {
        readAll("88 00");
        assertEquals(List.of("close 1005"), events);
        assertEquals(1005, closed("88 00").code());
        assertEquals("bye", closed("88 05 03 e8 62 79 65").reason());
        assertEquals("1000 bye", closed("88 05 03 e8 62 79 65").toString());
        assertEquals(4999, closed("88 02 13 87").code());
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void legalCloseCodes(int code) throws IOException {
        assertEquals(code, closed("88 02" + String.format("%04x", code)).code());
        assertEquals(code, CloseStatus.of(code, "").code());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535})
    void illegalCloseCodes(int code) {
        assertViolation(1002, "close code " + code, "88 02" + String.format("%04x", code));
        assertThrows(IllegalArgumentException.class, () -> CloseStatus.of(code, ""));
    }

    @Test
    void malformedClosePayloads() {
        assertViolation(1002, "half a status code", "88 01 03");
        assertViolation(1007, "close reason is not UTF-8", "88 03 03 e8 ff");
        assertViolation(1007, "close reason is not UTF-8", "88 04 03 e8 e2 82");
    }

    @Test
    void nothingIsReadAfterAClose() throws IOException {
        readAll("88 02 03 e8" + "81 01 61");
        assertEquals(List.of("close 1000"), events);
    }

    @Test
    void whatAClosePayloadSaysIsWrittenAgain() throws IOException {
        assertEquals(hex("03 e8 62 79 65"), closed("88 05 03 e8 62 79 65").encode());
        assertEquals(hex("13 87"), CloseStatus.of(4999, "").encode());
        assertEquals(ByteString.EMPTY, closed("88 00").encode());
    }

    @Test
    void anEndWithoutACloseFrameHasACodeOfItsOwn() {
        assertEquals(1006, CloseStatus.abnormal().code());
        assertEquals("", CloseStatus.abnormal().reason());
    }

    @Test
    void closeReasonHasABound() {
        assertEquals(125, CloseStatus.of(1000, "r".repeat(123)).encode().size());
        assertThrows(IllegalArgumentException.class, () -> CloseStatus.of(1000, "é".repeat(62)));
    }

    @ParameterizedTest
    @CsvSource({"01 01 61, between two fragments", "81 02 61, 1 of 2 bytes", "81, part of a frame header"})
    void streamEndsTooSoon(String frames, String message) {
        EOFException e = assertThrows(EOFException.class, () -> readAll(frames));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    private void readAll(String frames) throws IOException {
        wire.write(hex(frames));
        boolean more = true;
        while (more) more = assembler.readFrame();
        assertFalse(assembler.readFrame());
    }

    private CloseStatus closed(String frame) throws IOException {
        List<CloseStatus> closes = new ArrayList<>();
        MessageAssembler one = new MessageAssembler(
                new FrameReader(new Buffer().write(hex(frame)).inputStream(), false, false),
                null,
                100,
                new Recorder() {
                    @Override
                    public void onClose(CloseStatus status) {
                        closes.add(status);
                    }
                },
                null);
        assertFalse(one.readFrame());
        return closes.get(0);
    }

    private void assertViolation(int closeCode, String message, String frames) {
        MessageAssembler one = assembler(new Buffer().write(hex(frames)), 100);
        ProtocolViolation violation = assertThrows(ProtocolViolation.class, () -> {
            while (one.readFrame()) {}
        });
        assertEquals(closeCode, violation.closeCode());
        assertTrue(violation.getMessage().contains(message), violation.getMessage());
    }

    private MessageAssembler assembler(Buffer source, long maxMessageBytes) {
        return new MessageAssembler(
                new FrameReader(source.inputStream(), false, false), null, maxMessageBytes, new Recorder(), null);
    }

    private static ByteString hex(String spaced) {
        return ByteString.decodeHex(spaced.replace(" ", ""));
    }

    private class Recorder implements MessageHandler {
        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            events.add("text " + text.string());
        }

        @Override
        public void onBinary(ByteString bytes) {
            events.add("binary " + bytes.hex());
        }

        @Override
        public void onPing(ByteString payload) {
            events.add("ping " + payload.hex());
        }

        @Override
        public void onPong(ByteString payload) {
            events.add("pong " + payload.hex());
        }

        @Override
        public void onClose(CloseStatus status) {
            events.add("close " + status);
        }
    }
}
