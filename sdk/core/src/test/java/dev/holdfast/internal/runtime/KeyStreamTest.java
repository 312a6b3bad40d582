package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class KeyStreamTest {
    private static final int BYTES = 1 << 20;

    /** Gives 0, 1, 2 and so on, and counts how often it is asked. */
    private static final class Seeds extends Random {
        private static final long serialVersionUID = 1;

        int asked;

        @Override
        public void nextBytes(byte[] bytes) {
            asked++;
            for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i + asked);
        }
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        // What was in the array must not show.
        Arrays.fill(bytes, (byte) 0x55);
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void isTheKeyStreamOfAesInCounterMode() throws Exception {
        byte[] seed = bytes(new Seeds(), 32);
        Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(seed, 0, 16, "AES"), new IvParameterSpec(seed, 16, 16));
        byte[] expected = cipher.doFinal(new byte[1000]);

        KeyStream stream = new KeyStream(new Seeds());
        byte[] pieces = new byte[1000];
        for (int from = 0, size = 1; from < pieces.length; from += size, size = Math.min(size + 7, 1000 - from)) {
            System.arraycopy(bytes(stream, size), 0, pieces, from, size);
        }
        assertArrayEquals(expected, pieces);
    }

    @Test
    void takesAnotherKeyInTime() {
        Seeds seeds = new Seeds();
        KeyStream stream = new KeyStream(seeds);
        assertEquals(0, seeds.asked);
        byte[] all = bytes(stream, KeyStream.BYTES_PER_KEY + 100);
        assertEquals(2, seeds.asked);
        bytes(stream, KeyStream.BYTES_PER_KEY - 100);
        assertEquals(2, seeds.asked);
        bytes(stream, 1);
        assertEquals(3, seeds.asked);
        byte[] end = Arrays.copyOfRange(all, KeyStream.BYTES_PER_KEY, all.length);
        assertFalse(Arrays.equals(Arrays.copyOf(all, end.length), end));
        assertFalse(Arrays.equals(new byte[end.length], end));
    }

    @Test
    void withoutTheCipherTheBytesAreThoseOfTheSource() {
        assertArrayEquals(bytes(new Seeds(), 100), bytes(new KeyStream(new Seeds(), "none"), 100));
    }

    @Test
    void everyByteComesAboutAsOften() {
        byte[] bytes = bytes(new KeyStream(new SecureRandom()), BYTES);
        int[] counts = new int[256];
        for (byte b : bytes) counts[b & 0xff]++;
        double expected = BYTES / 256.0;
        double chiSquare = IntStream.of(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        // 255 degrees of freedom: outside of this once in more than a billion times.
        assertTrue(chiSquare > 130 && chiSquare < 420, "chi square " + chiSquare);
    }

    @Test
    void everyBitIsSetHalfOfTheTime() {
        byte[] bytes = bytes(new KeyStream(new SecureRandom()), BYTES);
        for (int bit = 0; bit < 8; bit++) {
            int set = 0;
            for (byte b : bytes) set += (b >> bit) & 1;
            // More than six standard deviations, each of 512.
            assertTrue(Math.abs(set - BYTES / 2) < 3_300, "bit " + bit + " was set " + set + " times");
        }
    }

    @Test
    void keysForManyThreadsDiffer() throws Exception {
        KeyStream shared = new KeyStream(new SecureRandom());
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Set<Long> all = ConcurrentHashMap.newKeySet();
        int draws = 1_000;
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                futures.add(threads.submit(() -> {
                    for (int draw = 0; draw < draws; draw++) {
                        LongBuffer words = ByteBuffer.wrap(bytes(shared, 128)).asLongBuffer();
                        while (words.hasRemaining()) all.add(words.get());
                    }
                }));
            }
            for (Future<?> future : futures) future.get();
        } finally {
            threads.shutdown();
        }
        assertEquals(4 * draws * 16, all.size());
    }

    @Test
    void numbersUseTheStreamToo() {
        KeyStream stream = new KeyStream(new SecureRandom());
        Set<Integer> ints = new HashSet<>();
        for (int i = 0; i < 1000; i++) ints.add(stream.nextInt());
        assertTrue(ints.size() > 990);
        assertEquals(
                64,
                IntStream.range(0, 2_000)
                        .map(i -> stream.nextInt(64))
                        .distinct()
                        .count());
    }
}
