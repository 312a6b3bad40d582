package dev.holdfast.internal.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Measures what {@link String#getBytes} makes. */
class Utf8LengthTest {
    private static final String[] ALPHABETS = {
        "a\u007f\0",
        "\u0080a",
        "\u07ff\u0800a",
        "\u0141\u0120a",
        "\ud800a",
        "\udc00\ud800",
        "\ud83d\ude00",
        "a\ud83d\ude00é価"
    };

    private final Utf8Meter meter = new Utf8Meter();

    private static String text(Random random, int length) {
        String alphabet = ALPHABETS[random.nextInt(ALPHABETS.length)];
        int often = 1 + random.nextInt(300);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++)
            text.append(random.nextInt(often) == 0 ? alphabet.charAt(random.nextInt(alphabet.length())) : 'x');
        return text.toString();
    }

    private void assertMeasured(String text) {
        long expected = text.getBytes(StandardCharsets.UTF_8).length;
        assertEquals(expected, Utf8Length.of(text));
        assertEquals(expected, meter.lengthOf(text));
        assertEquals(text.chars().allMatch(c -> c < 0x80), meter.isAscii(text), text);
    }

    @Test
    void textsOfAllKinds() {
        Random random = new Random(5);
        for (int run = 0; run < 20_000; run++) assertMeasured(text(random, random.nextInt(80)));
        for (int run = 0; run < 2_000; run++)
            assertMeasured(text(random, random.nextInt(3 * Utf8Length.BLOCK_CHARACTERS)));
        for (int run = 0; run < 200; run++) assertMeasured(text(random, 4 * 1024 - 5 + random.nextInt(600)));
    }

    /** At the end of a block as everywhere else. */
    @Test
    void eachKindOfCharacterAtEachPlace() {
        int block = Utf8Length.BLOCK_CHARACTERS;
        for (int length : new int[] {1, 31, 32, block - 1, block, block + 1, 2 * block, 2 * block + 1}) {
            for (int at = 0; at <= length; at++) {
                String before = "x".repeat(at);
                String behind = "x".repeat(length - at);
                for (String alphabet : ALPHABETS) assertMeasured(before + alphabet + behind);
                assertMeasured(before + "\ud83d" + behind);
                assertMeasured("é".repeat(at) + "\ud83d\ude00" + behind);
            }
        }
    }

    /** A meter has one block: the others that measure at the same time use blocks of their own. */
    @Test
    void threadsMeasureAtTheSameTime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Callable<Void> measuring = () -> {
                Random random = new Random(7);
                for (int run = 0; run < 5_000; run++) assertMeasured(text(random, random.nextInt(600)));
                return null;
            };
            for (Future<Void> done : threads.invokeAll(Collections.nCopies(4, measuring))) done.get();
        } finally {
            threads.shutdown();
        }
    }
}
