package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8TextTest {
    private static final int SIXTY_FOUR_KIB = 64 * 1024;

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "price", "цена", "価格", "🙂", "what \ufffd replaced", "\ufffd", "é", "\u0080", "\u0000"})
    void isTheSameWhetherItWasCheckedBeforeOrNot(String expected) throws ProtocolViolation {
        assertEquals(expected, Texts.text(expected).string());

        Utf8Text checked = Texts.text(expected);
        checked.check();
        assertEquals(expected, checked.string());
        assertEquals(expected, checked.string(checked.from(), checked.size()));

        Utf8Text twice = Texts.text(expected);
        twice.string();
        assertEquals(expected, twice.string());
    }

    /** Each bad byte is one replacement character, so that the length alone says nothing. */
    @ParameterizedTest
    @ValueSource(ints = {0x80, 0xc0, 0xc1, 0xe2, 0xf5, 0xff})
    void refusesABadByteAmongAscii(int bad) {
        byte[] utf8 = "a price of 100".getBytes(StandardCharsets.US_ASCII);
        utf8[7] = (byte) bad;
        assertThrows(ProtocolViolation.class, () -> Texts.text(utf8).string());
        assertThrows(ProtocolViolation.class, () -> Texts.text(utf8).check());
    }

    @Test
    void refusesWhatEndsInsideACodePoint() {
        byte[] utf8 = {'a', (byte) 0xe2, (byte) 0x82};
        assertThrows(ProtocolViolation.class, () -> Texts.text(utf8).string());
        assertThrows(ProtocolViolation.class, () -> Texts.text(utf8).check());
    }

    @Test
    void agreesWithTheJdkOnWhatIsUtf8() throws ProtocolViolation {
        Random random = new Random(20);
        for (int i = 0; i < SIXTY_FOUR_KIB; i++) {
            byte[] utf8 = new byte[random.nextInt(6)];
            random.nextBytes(utf8);
            if (Texts.isUtf8(utf8)) {
                assertEquals(
                        new String(utf8, StandardCharsets.UTF_8),
                        Texts.text(utf8).string());
            } else {
                assertThrows(ProtocolViolation.class, () -> Texts.text(utf8).string());
            }
        }
    }
}
