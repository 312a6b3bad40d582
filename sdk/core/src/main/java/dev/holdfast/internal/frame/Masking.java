package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;

/**
 * Masks payloads (RFC 6455 section 5.3), a word at a time. Masking twice restores the payload.
 *
 * <p>A key is an int whose highest byte masks the first byte of the payload.
 */
final class Masking {
    private Masking() {}

    /**
     * Masks {@code data[from, to)} in place. Returns the key, rotated so that it masks the next byte.
     *
     * @param words {@link Words#of} of the data, kept beside it: the JIT does not always remove a new one. Its position does not
     *     matter
     */
    static int apply(byte[] data, ByteBuffer words, int from, int to, int key) {
        int i = from;
        if (to - from >= Long.BYTES) {
            // C2 and ART compile each access to one load or store. Four words are loaded before any is stored, because
            // neither compiler moves a load ahead of a store.
            long turnedKey = Integer.reverseBytes(key) & 0xffff_ffffL;
            long wideKey = (turnedKey << Integer.SIZE) | turnedKey;
            for (int end = to - 4 * Long.BYTES; i <= end; i += 4 * Long.BYTES) {
                long first = words.getLong(i) ^ wideKey;
                long second = words.getLong(i + Long.BYTES) ^ wideKey;
                long third = words.getLong(i + 2 * Long.BYTES) ^ wideKey;
                long fourth = words.getLong(i + 3 * Long.BYTES) ^ wideKey;
                words.putLong(i, first);
                words.putLong(i + Long.BYTES, second);
                words.putLong(i + 2 * Long.BYTES, third);
                words.putLong(i + 3 * Long.BYTES, fourth);
            }
            for (int end = to - Long.BYTES; i <= end; i += Long.BYTES) words.putLong(i, words.getLong(i) ^ wideKey);
        }
        int turned = key;
        for (; i < to; i++) {
            data[i] ^= (byte) (turned >>> 24);
            turned = Integer.rotateLeft(turned, 8);
        }
        return turned;
    }
}
