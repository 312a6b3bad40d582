package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;

/**
 * The masking of RFC 6455 section 5.3, eight bytes at a time. It is its own inverse.
 *
 * <p>A key is held as an int whose highest byte masks the first byte of the payload.
 */
final class Masking {
    private Masking() {}

    /** Masks {@code data[from, to)} in place and returns the key turned so that it goes on with the byte after. */
    static int apply(byte[] data, int from, int to, int key) {
        int i = from;
        if (to - from >= Long.BYTES) {
            // Big-endian, as the key is. C2 and ART both make one load and one store of each of these.
            ByteBuffer words = ByteBuffer.wrap(data);
            long wideKey = ((key & 0xffff_ffffL) << 32) | (key & 0xffff_ffffL);
            for (int end = to - 2 * Long.BYTES; i <= end; i += 2 * Long.BYTES) {
                words.putLong(i, words.getLong(i) ^ wideKey);
                words.putLong(i + Long.BYTES, words.getLong(i + Long.BYTES) ^ wideKey);
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
