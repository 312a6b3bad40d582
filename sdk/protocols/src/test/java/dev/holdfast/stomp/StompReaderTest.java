package dev.holdfast.stomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Words;
import java.nio.charset.StandardCharsets;
import okio.ByteString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StompReaderTest {
    private final StompReader reader = new StompReader(new StompProtocol(Stomp.builder("ws://localhost/")), 1);

    private void readText(byte[] bytes) throws ProtocolViolation {
        Utf8Text text = new Utf8Text();
        text.set(bytes, Words.of(bytes), 0, bytes.length);
        assertNotNull(reader.readText(text));
    }

    /** RFC 6455 section 8.1: wherever the byte stands, and also if it is illegal in STOMP. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u00e9",
                "NOTHING\u00e9\n",
                "MESSAGE\na\u00e9",
                "MESSAGE\na\u00e9:b\n\n\0",
                "MESSAGE\na\u00e9\n",
                "MESSAGE\n\nbody \u00e9\0",
                "MESSAGE\n\nbody \u00e9",
                "MESSAGE\ncontent-length:3\n\n\u00e9",
                "MESSAGE\ncontent-length:3\n\na\u00e9b\0",
                "MESSAGE\na:b\n\n\0\n\nMESSAGE\na:b\u00e9"
            })
    void aTextThatIsNotUtf8EndsTheConnection(String latin1) {
        byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals(
                1007,
                assertThrows(ProtocolViolation.class, () -> readText(bytes)).closeCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ERROR\n\nwhat\0", "NOTHING\n"})
    void alsoBehindTheLastFrame(String last) throws Exception {
        readText(last.getBytes(StandardCharsets.US_ASCII));
        assertThrows(ProtocolViolation.class, () -> readText(new byte[] {(byte) 0xff}));
        assertNotNull(reader.readBinary(ByteString.of((byte) 0xff)));
    }

    /** The rest of a line may begin inside the characters that came before. */
    @ParameterizedTest
    @ValueSource(strings = {"MESSAGE\na:\u00e9", "MESSAGE\n\n\u00e9"})
    void aCodePointIsNotSplit(String head) throws Exception {
        ByteString utf8 = ByteString.encodeUtf8(head);
        assertNotNull(reader.readBinary(utf8.substring(0, utf8.size() - 1)));
        assertThrows(ProtocolViolation.class, () -> readText(new byte[] {utf8.getByte(utf8.size() - 1), '\n'}));
    }
}
