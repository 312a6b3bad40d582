package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Searches bytes, eight at a time. All buffers are in little-endian order. */
public final class Words {
    private static final int FIRST_PRINTABLE = 0x20;

    private static final long ONES = 0x0101_0101_0101_0101L;

    /** The bits of a word that show bytes outside ASCII. */
    public static final long HIGH_BITS = ONES << (Byte.SIZE - 1);

    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final long SPACES = FIRST_PRINTABLE * ONES;

    private Words() {}

    /** Returns an array as words. */
    public static ByteBuffer of(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns the index of the first byte that is {@code sought}, {@code to} if there is none. */
    public static int indexOf(byte sought, ByteBuffer words, int from, int to) {
        long all = (sought & 0xffL) * ONES;
        int at = from;
        while (at <= to - 4 * Long.BYTES && !isInFour(all, words, at)) at += 4 * Long.BYTES;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long marks = zeros(words.getLong(at) ^ all);
            if (marks != 0) return at + first(marks);
        }
        while (at < to && words.get(at) != sought) at++;
        return at;
    }

    private static boolean isInFour(long all, ByteBuffer words, int at) {
        long marks = zeros(words.getLong(at) ^ all)
                | zeros(words.getLong(at + Long.BYTES) ^ all)
                | zeros(words.getLong(at + 2 * Long.BYTES) ^ all)
                | zeros(words.getLong(at + 3 * Long.BYTES) ^ all);
        return marks != 0;
    }

    /** Returns whether {@code words} has at index {@code at} the bytes that {@code others} has at index {@code from}. */
    public static boolean areEqual(ByteBuffer words, int at, ByteBuffer others, int from, int size) {
        int last = size - Long.BYTES;
        int i = 0;
        if (last < 0) {
            while (i < size && words.get(at + i) == others.get(from + i)) i++;
            return i == size;
        }
        while (i < last && words.getLong(at + i) == others.getLong(from + i)) i += Long.BYTES;
        // The last word overlaps the one before.
        return i >= last && words.getLong(at + last) == others.getLong(from + last);
    }

    /** Returns the index of the first byte that is not ASCII, {@code to} if there is none. */
    public static int endOfAscii(ByteBuffer words, int from, int to) {
        int i = from;
        while (i <= to - 4 * Long.BYTES && (fourWords(words, i) & HIGH_BITS) == 0) i += 4 * Long.BYTES;
        while (i <= to - Long.BYTES && (words.getLong(i) & HIGH_BITS) == 0) i += Long.BYTES;
        while (i < to && words.get(i) >= 0) i++;
        return i;
    }

    /** Returns the bitwise OR of four words. */
    private static long fourWords(ByteBuffer words, int at) {
        return words.getLong(at)
                | words.getLong(at + Long.BYTES)
                | words.getLong(at + 2 * Long.BYTES)
                | words.getLong(at + 3 * Long.BYTES);
    }

    /**
     * Returns the index of the first byte that is not an ordinary one of a JSON string: a quotation mark, a backslash, a control
     * character, or one with a bit of {@code others}. Returns {@code to} if there is none.
     *
     * @param others {@link #HIGH_BITS} to find bytes outside ASCII too, otherwise 0
     */
    public static int endOfOrdinary(ByteBuffer words, int from, int to, long others) {
        int at = from;
        // Fewer steps than the exact test. It also marks whatever is not ASCII, and a byte behind one that is special.
        while (at <= to - 4 * Long.BYTES
                && ((unusualInTwo(words, at) | unusualInTwo(words, at + 2 * Long.BYTES)) & HIGH_BITS) == 0) {
            at += 4 * Long.BYTES;
        }
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long word = words.getLong(at);
            long found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | ((word - SPACES) & ~word & HIGH_BITS);
            long marks = found | (word & others);
            if (marks != 0) return at + first(marks);
        }
        while (at < to && isOrdinary(words.get(at), others)) at++;
        return at;
    }

    /** Returns a word that has no high bit set only if all bytes of two words are ordinary and ASCII. */
    private static long unusualInTwo(ByteBuffer words, int at) {
        return unusual(words.getLong(at)) | unusual(words.getLong(at + Long.BYTES));
    }

    private static long unusual(long word) {
        return ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES) | (word - SPACES) | word;
    }

    private static boolean isOrdinary(byte b, long others) {
        if (b < 0) return others == 0;
        return b >= FIRST_PRINTABLE && b != '"' && b != '\\';
    }

    /** Returns marks: the first marked byte is the first that is zero. A borrow marks only bytes behind it. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGH_BITS;
    }

    private static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) / Byte.SIZE;
    }
}
