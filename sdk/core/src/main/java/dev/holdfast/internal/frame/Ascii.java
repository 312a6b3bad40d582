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
        ensureBlock(text.length());
        return Utf8Length.isAscii(text, block);
    }

    private void ensureBlock(int length) {
        int needed = Math.min(length, BLOCK_CHARACTERS);
        if (block.length >= needed) return;
        block = new char[Math.min(BLOCK_CHARACTERS, Math.max(needed, 2 * block.length))];
        characters = CharBuffer.wrap(block);
    }
}
