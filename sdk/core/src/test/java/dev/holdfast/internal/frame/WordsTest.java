package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** Finds what a search byte by byte finds. */
class WordsTest {
    /** Bytes beside each other that a word could confuse, and ordinary ones. */
    private static final int[] BYTES = {
        0, 1, 0x1f, 0x20, 0x21, '"', '#', '[', '\\', ']', 0x7f, 0x80, 0x81, 0xa0, 0xa2, 0xdc, 0xff, 'a', 'b', 'c'
    };

    private final Random random = new Random(1);

    private static int search(byte[] bytes, int from, int to, IntPredicate isFound) {
        int at = from;
        while (at < to && !isFound.test(bytes[at])) at++;
        return at;
    }

    private static boolean isSpecial(int b) {
        return (b >= 0 && b < 0x20) || b == '"' || b == '\\';
    }

    @Test
    void everySearchFindsTheFirst() {
        for (int run = 0; run < 20_000; run++) {
            byte[] bytes = new byte[random.nextInt(run % 4 == 0 ? 200 : 60)];
            int often = run % 4 == 0 ? 100 : 9;
            // Few kinds of bytes, so that what is sought is not always near the start.
            int kinds = 1 + random.nextInt(4);
            for (int i = 0; i < bytes.length; i++) {
                int kind = random.nextInt(often) == 0 ? random.nextInt(BYTES.length) : BYTES.length - kinds;
                bytes[i] = (byte) BYTES[kind];
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            ByteBuffer words = Words.of(bytes);
            byte sought = (byte) BYTES[random.nextInt(BYTES.length)];
            assertEquals(search(bytes, from, to, b -> b == sought), Words.indexOf(sought, words, from, to));
            byte[] others = Arrays.copyOfRange(bytes, from, to);
            if (others.length > 0 && random.nextBoolean()) others[random.nextInt(others.length)] ^= 1;
            boolean equal = Arrays.equals(bytes, from, to, others, 0, others.length);
            byte[] longer = new byte[others.length + 3];
            System.arraycopy(others, 0, longer, 2, others.length);
            assertEquals(equal, Words.areEqual(words, from, Words.of(longer), 2, others.length));
            assertEquals(search(bytes, from, to, b -> b < 0), Words.endOfAscii(words, from, to));
            assertEquals(search(bytes, from, to, WordsTest::isSpecial), Words.endOfOrdinary(words, from, to, 0));
            assertEquals(
                    search(bytes, from, to, b -> b < 0 || isSpecial(b)),
                    Words.endOfOrdinary(words, from, to, Words.HIGH_BITS));
        }
    }
}
