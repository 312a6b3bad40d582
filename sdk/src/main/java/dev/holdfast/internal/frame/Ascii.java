package dev.holdfast.internal.frame;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Encodes text that is ASCII and nothing else. It goes through an array of characters and as Latin-1, both of which the
 * platform does many characters at a time; whether it was ASCII shows in the bytes.
 *
 * <p>Not thread-safe.
 */
final class Ascii {
    private static final int BLOCK_CHARACTERS = 512;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private final char[] block = new char[BLOCK_CHARACTERS];
    private final CharBuffer characters = CharBuffer.wrap(block);
    private final CharsetEncoder latin1 = StandardCharsets.ISO_8859_1.newEncoder();

    /** Puts {@code text} into {@code bytes}, up to the block that has other characters. Returns whether none has. */
    boolean encode(String text, ByteBuffer bytes) {
        int length = text.length();
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
