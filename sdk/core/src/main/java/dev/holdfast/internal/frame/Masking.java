package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The masking of RFC 6455 section 5.3, by words. It is its own inverse.
 *
 * <p>A key is held as an int whose highest byte masks the first byte of the payload.
 */
final class Masking {
    private Masking() {}

    /** Masks {@code data[from, to)} in place and returns the key turned so that it goes on with the byte after. */
    static int apply(byte[] data, int from, int to, int key) {
        int i = from;
        if (to - from >= Long.BYTES) {
            // C2 and ART both make one load and one store of each of these. Four are loaded before any is stored, since
            // neither would load past a store.
            ByteBuffer words = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
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
