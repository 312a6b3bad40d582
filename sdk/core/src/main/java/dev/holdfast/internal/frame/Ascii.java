package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Knows text that is ASCII and nothing else, and encodes it. It goes through an array of characters and as Latin-1, both
 * of which the platform does many characters at a time; whether it was ASCII shows in the bytes.
 *
 * <p>Not thread-safe.
 */
final class Ascii {
    private static final int BLOCK_CHARACTERS = 512;
    private static final int FIRST_NOT_ASCII = 0x80;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    /** As long as a text was, up to a whole block. */
    private char[] block = {};

    private CharBuffer characters = CharBuffer.wrap(block);
    private final CharsetEncoder latin1 = StandardCharsets.ISO_8859_1.newEncoder();

    /** Puts {@code text} into {@code bytes}, up to the block that has other characters. Returns whether none has. */
    boolean encode(String text, ByteBuffer bytes) {
        int length = text.length();
        ensureBlock(length);
        for (int from = 0; from < length; from += BLOCK_CHARACTERS) {
            int count = Math.min(BLOCK_CHARACTERS, length - from);
            text.getChars(from, from + count, block, 0);
            characters.clear();
            characters.limit(count);
            int start = bytes.position();
            if (latin1.encode(characters, bytes, true).isError()) return false;
            if (end(bytes, start, bytes.position()) < bytes.position()) return false;
        }
        return true;
    }

    /** Says whether {@code text} is ASCII. */
    boolean is(String text) {
        int length = text.length();
        ensureBlock(length);
        for (int from = 0; from < length; from += BLOCK_CHARACTERS) {
            int count = Math.min(BLOCK_CHARACTERS, length - from);
            text.getChars(from, from + count, block, 0);
            if (bits(count) >= FIRST_NOT_ASCII) return false;
        }
        return true;
    }

    private void ensureBlock(int length) {
        int needed = Math.min(length, BLOCK_CHARACTERS);
        if (block.length >= needed) return;
        block = new char[Math.min(BLOCK_CHARACTERS, Math.max(needed, 2 * block.length))];
        characters = CharBuffer.wrap(block);
    }

    /** Those that any of the characters has, put together four abreast. */
    private int bits(int count) {
        int first = 0;
        int second = 0;
        int third = 0;
        int fourth = 0;
        int i = 0;
        for (; i <= count - 4; i += 4) {
            first |= block[i];
            second |= block[i + 1];
            third |= block[i + 2];
            fourth |= block[i + 3];
        }
        for (; i < count; i++) first |= block[i];
        return first | second | third | fourth;
    }

    /** Where the first byte is that is not ASCII; {@code to} if there is none. */
    static int end(ByteBuffer bytes, int from, int to) {
        int i = from;
        while (i <= to - 4 * Long.BYTES && (fourWords(bytes, i) & HIGH_BITS) == 0) i += 4 * Long.BYTES;
        while (i <= to - Long.BYTES && (bytes.getLong(i) & HIGH_BITS) == 0) i += Long.BYTES;
        while (i < to && bytes.get(i) >= 0) i++;
        return i;
    }

    /** The bits of four words in one. */
    private static long fourWords(ByteBuffer bytes, int at) {
        return bytes.getLong(at)
                | bytes.getLong(at + Long.BYTES)
                | bytes.getLong(at + 2 * Long.BYTES)
                | bytes.getLong(at + 3 * Long.BYTES);
    }
}
