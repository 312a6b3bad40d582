package dev.holdfast.internal.frame;

import okio.Utf8;

/**
 * Measures texts in UTF-8, long ones in blocks of characters that it copies to an array: a loop of {@link String#charAt} takes up
 * to ten times as long if the process has ever seen a string that is not Latin-1. A {@link Utf8Meter} measures all so.
 */
public final class Utf8Length {
    static final int BLOCK_CHARACTERS = 256;
    /** A block of its own would be a good part of the memory that a shorter text takes. */
    private static final int MIN_FOR_BLOCK = 4 * 1024;

    private static final int FIRST_NOT_ASCII = 0x80;

    private Utf8Length() {}

    /** Returns the length of {@code text} in UTF-8, in bytes. An unpaired surrogate counts as a question mark. */
    public static long of(String text) {
        int length = text.length();
        if (length > MIN_FOR_BLOCK) return of(text, new char[BLOCK_CHARACTERS]);
        int ascii = 0;
        while (ascii < length && text.charAt(ascii) < FIRST_NOT_ASCII) ascii++;
        return ascii == length ? length : ascii + Utf8.size(text, ascii);
    }

    /** Returns the same as {@link #of(String)}. Writes into {@code block}, which has room for a surrogate pair, or for the text. */
    static long of(String text, char[] block) {
        int length = text.length();
        long bytes = 0;
        for (int from = 0; from < length; ) {
            int count = Math.min(block.length, length - from);
            text.getChars(from, from + count, block, 0);
            if (bits(block, count) < FIRST_NOT_ASCII) {
                bytes += count;
            } else {
                // A surrogate pair stays whole.
                if (from + count < length && Character.isHighSurrogate(block[count - 1])) count--;
                bytes += bytes(block, count);
            }
            from += count;
        }
        return bytes;
    }

    /** Returns whether {@code text} is ASCII. Writes into {@code block}, which is not empty. */
    static boolean isAscii(String text, char[] block) {
        int length = text.length();
        for (int from = 0; from < length; ) {
            int count = Math.min(block.length, length - from);
            text.getChars(from, from + count, block, 0);
            if (bits(block, count) >= FIRST_NOT_ASCII) return false;
            from += count;
        }
        return true;
    }

    /** Returns the bitwise OR of the characters. In pairs, since each OR waits for its operands. */
    static int bits(char[] block, int count) {
        int bits = 0;
        int i = 0;
        for (; i <= count - 8; i += 8) {
            int first = (block[i] | block[i + 1]) | (block[i + 2] | block[i + 3]);
            int second = (block[i + 4] | block[i + 5]) | (block[i + 6] | block[i + 7]);
            bits |= first | second;
        }
        for (; i < count; i++) bits |= block[i];
        return bits;
    }

    private static int bytes(char[] block, int count) {
        int bytes = count;
        for (int i = 0; i < count; i++) {
            char c = block[i];
            if (c < FIRST_NOT_ASCII) continue;
            if (c < 0x800) {
                bytes++;
            } else if (!Character.isSurrogate(c)) {
                bytes += 2;
            } else if (i + 1 < count && Character.isSurrogatePair(c, block[i + 1])) {
                // Four, and each of the two counts as one already.
                bytes += 2;
                i++;
            }
        }
        return bytes;
    }
}
