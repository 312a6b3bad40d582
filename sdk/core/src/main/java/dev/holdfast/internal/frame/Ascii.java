package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Detects and encodes ASCII text. It copies characters to an array and encodes them as Latin-1, because platforms do both
 * with vector instructions; the encoded bytes then show whether the text was ASCII.
 *
 * <p>Not thread-safe.
 */
final class Ascii {
    private static final int BLOCK_CHARACTERS = 512;
    private static final int FIRST_NOT_ASCII = 0x80;

    /** As long as the longest text so far, at most {@link #BLOCK_CHARACTERS}. */
    private char[] block = {};

    private CharBuffer characters = CharBuffer.wrap(block);
    private final CharsetEncoder latin1 = StandardCharsets.ISO_8859_1.newEncoder();

    /** Appends {@code text} to {@code bytes} if it is ASCII. Otherwise returns false, and may have appended some of it. */
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
            if (Words.endOfAscii(bytes, start, bytes.position()) < bytes.position()) return false;
        }
        return true;
    }

    /** Returns whether {@code text} is ASCII. */
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

    /** Returns the bitwise OR of the characters. Four accumulators, since each OR waits for the one before. */
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
}
