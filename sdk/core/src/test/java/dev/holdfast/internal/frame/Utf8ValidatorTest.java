package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("slow")
class Utf8ValidatorTest {
    /** The good bytes before the first bad one, as Unicode table 3-7 says. */
    @ParameterizedTest
    @CsvSource({
        "cebae1bdb9cf83cebcceb5eda080656469746564, 12",
        "80, 0",
        "bf, 0",
        "c0af, 0",
        "c1bf, 0",
        "c27f, 1",
        "c2c0, 1",
        "e080af, 1",
        "e09fbf, 1",
        "ed9fbf, 3",
        "eda080, 1",
        "ee8080, 3",
        "efbfbf, 3",
        "e28228, 2",
        "f08080af, 1",
        "f08fbfbf, 1",
        "f0908080, 4",
        "f48fbfbf, 4",
        "f4908080, 1",
        "f5808080, 0",
        "fe, 0",
        "ff, 0",
        "6161616161616161616161616161ff, 14",
    })
    void stopsAtTheFirstBadByte(String hex, int goodBytes) {
        byte[] bytes = ByteString.decodeHex(hex).toByteArray();
        ByteBuffer words = ByteBuffer.wrap(bytes);
        Utf8Validator byteByByte = new Utf8Validator();
        int good = 0;
        while (good < bytes.length && byteByByte.check(bytes, words, good, good + 1)) good++;
        assertEquals(goodBytes, good);
        assertEquals(goodBytes == bytes.length, new Utf8Validator().check(bytes, words, 0, bytes.length));
    }

    @Test
    void isCompleteBetweenCodePointsOnly() {
        Utf8Validator utf8 = new Utf8Validator();
        byte[] bytes = "€".getBytes(StandardCharsets.UTF_8);
        ByteBuffer words = ByteBuffer.wrap(bytes);
        assertTrue(utf8.isComplete());
        assertTrue(utf8.check(bytes, words, 0, 2));
        assertFalse(utf8.isComplete());
        assertTrue(utf8.check(bytes, words, 2, 3));
        assertTrue(utf8.isComplete());
    }

    @Test
    void goesOnAcrossSegmentsAndCalls() {
        Buffer text = new Buffer().writeUtf8("a".repeat(8191)).writeUtf8("€".repeat(8192));
        Utf8Validator utf8 = new Utf8Validator();
        assertTrue(utf8.check(text, 0));
        assertTrue(utf8.isComplete());
        long before = text.size();
        text.writeByte(0xe2);
        assertTrue(utf8.check(text, before));
        text.writeByte(0x28);
        assertFalse(utf8.check(text, before + 1));
    }

    /** Agrees with the JDK's decoder on random bytes made mostly of what is nearly right. */
    @Test
    void agreesWithTheJdk() {
        Random random = new Random(6455);
        int[] likely = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xf0, 0xf4};
        int valid = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) likely[random.nextInt(likely.length)];
            ByteBuffer words = ByteBuffer.wrap(bytes);
            Utf8Validator utf8 = new Utf8Validator();
            int cut = random.nextInt(bytes.length + 1);
            boolean ours = utf8.check(bytes, words, 0, cut)
                    && utf8.check(bytes, words, cut, bytes.length)
                    && utf8.isComplete();
            assertEquals(Texts.isUtf8(bytes), ours, () -> ByteString.of(bytes).hex());
            if (ours) valid++;
        }
        assertTrue(valid > 1000, "only " + valid + " valid texts");
    }
}
