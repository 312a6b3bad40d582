package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.Words;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A writer of texts in UTF-8, one after another, into a buffer that it keeps: a text that goes out need not exist as a string.
 * An unpaired surrogate becomes a question mark, as in {@link String#getBytes}. Not thread-safe.
 *
 * <p>Texts are copied in pieces and encoded as Latin-1, which platforms do with vector instructions. A search, eight bytes at a
 * time, then finds the first byte that must be escaped or is not ASCII. From there on the piece is written one character
 * after the other.
 */
public final class TextWriter {
    private static final int MIN_BYTES = 64;
    /**
     * A larger buffer, which a long text needed, is left to the garbage collector after the text: the next long text uses it again
     * if it is still there, and an idle session keeps none.
     */
    public static final int MAX_KEPT = 4 * 1024;

    private static final int PIECE = 256;
    /** A shorter text is written faster one character after the other. */
    private static final int MIN_ENCODED = 16;

    /** The most bytes that one character becomes: an escape such as {@code \u0001}. */
    private static final int MAX_CHARACTER_BYTES = 6;

    private static final int FIRST_PRINTABLE = 0x20;
    private static final int FIRST_NOT_ASCII = 0x80;
    private static final int MAX_NUMBER = 20;
    private static final String HEX = "0123456789ABCDEF";
    private static final char[] NO_CHARACTERS = {};
    private static final CharBuffer NO_BUFFER = CharBuffer.wrap(NO_CHARACTERS);

    private static final class Space {
        final byte[] bytes;
        /** The same bytes, in little-endian order. */
        final ByteBuffer words;

        Space(int capacity) {
            this.bytes = new byte[capacity];
            this.words = Words.of(bytes);
        }
    }

    /** The buffer for short texts. */
    private Space small = new Space(0);
    /** The newest buffer of more than {@link #MAX_KEPT} bytes. */
    private @Nullable WeakReference<Space> large;

    // Those of one of the two buffers.
    private byte[] bytes = small.bytes;
    private ByteBuffer words = small.words;

    private int size;

    /** As long as the longest text so far, at most {@link #PIECE}. */
    private char[] piece = NO_CHARACTERS;

    private CharBuffer characters = NO_BUFFER;
    /** Made for the first text. */
    private @Nullable CharsetEncoder latin1;

    /** Begins a text, and forgets one that was begun and not sent. */
    public TextWriter begin() {
        size = 0;
        use(small);
        return this;
    }

    /** Writes a text that is ASCII. Unlike {@link #text(String)}, makes no room for what follows. */
    public TextWriter raw(String text) {
        int length = text.length();
        ensureRoom(length);
        copy(text, 0, length);
        size += length;
        return this;
    }

    @SuppressWarnings("deprecation") // It drops the upper half of each character, which is 0 in ASCII.
    private void copy(String text, int from, int to) {
        text.getBytes(from, to, bytes, size);
    }

    public TextWriter number(long number) {
        ensureRoom(MAX_NUMBER);
        int digits = 1;
        for (long rest = number; (rest /= 10) != 0; ) digits++;
        long rest = number;
        for (int i = size + digits - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /** Writes a text as it is. */
    public TextWriter text(String text) {
        return text(text, false);
    }

    /**
     * Writes a text as it is.
     *
     * @param ascii whether it is known to be ASCII
     */
    public TextWriter text(String text, boolean ascii) {
        // One more byte for what follows: otherwise the buffer of a long text would be doubled for a closing brace.
        ensureRoom(text.length() + 1);
        if (ascii) return raw(text);
        write(text, false);
        return this;
    }

    /** Writes a JSON string, with the escapes that {@link com.fasterxml.jackson.core.JsonGenerator} writes. */
    public TextWriter quoted(String text) {
        return quoted(text, false);
    }

    /**
     * Writes a JSON string, as {@link #quoted(String)}.
     *
     * @param ascii whether {@code text} is known to be ASCII
     */
    public TextWriter quoted(String text, boolean ascii) {
        ensureRoom(text.length() + 3);
        bytes[size++] = '"';
        if (ascii) {
            quoteAscii(text);
        } else {
            write(text, true);
        }
        return raw("\"");
    }

    private void quoteAscii(String text) {
        int length = text.length();
        for (int from = 0; from < length; from += PIECE) {
            int to = Math.min(from + PIECE, length);
            ensureRoom(to - from);
            copy(text, from, to);
            int copied = Words.endOfOrdinary(words, size, size + to - from, 0) - size;
            size += copied;
            if (copied == to - from) continue;
            ensurePiece(length);
            text.getChars(from + copied, to, piece, 0);
            writePiece(0, to - from - copied, true);
        }
    }

    private void write(String text, boolean escaping) {
        int length = text.length();
        ensurePiece(length);
        for (int from = 0; from < length; ) {
            int count = Math.min(PIECE, length - from);
            text.getChars(from, from + count, piece, 0);
            // A surrogate pair stays whole.
            if (from + count < length && Character.isHighSurrogate(piece[count - 1])) count--;
            int copied = length < MIN_ENCODED ? 0 : copyPiece(count, escaping);
            if (copied < count) writePiece(copied, count, escaping);
            from += count;
        }
    }

    private void ensurePiece(int length) {
        int needed = Math.min(length, PIECE);
        if (piece.length >= needed) return;
        piece = new char[Math.min(PIECE, Math.max(needed, 2 * piece.length))];
        characters = CharBuffer.wrap(piece);
    }

    /** Writes characters of the piece until one is not ASCII or must be escaped. Returns how many. */
    private int copyPiece(int count, boolean escaping) {
        ensureRoom(count);
        characters.clear();
        characters.limit(count);
        words.clear();
        words.position(size);
        // It stops at a character outside Latin-1. What it has written is right up to there.
        latin1().encode(characters, words, true);
        int end = escaping
                ? Words.endOfOrdinary(words, size, words.position(), Words.HIGH_BITS)
                : Words.endOfAscii(words, size, words.position());
        int copied = end - size;
        size = end;
        return copied;
    }

    private CharsetEncoder latin1() {
        CharsetEncoder known = latin1;
        if (known != null) return known;
        CharsetEncoder made = StandardCharsets.ISO_8859_1.newEncoder();
        latin1 = made;
        return made;
    }

    private static boolean isEscaped(char c) {
        return c < FIRST_PRINTABLE || c == '"' || c == '\\';
    }

    /** Writes {@code piece[from, to)} as UTF-8, one character after the other. */
    private void writePiece(int from, int to, boolean escaping) {
        ensureRoom(MAX_CHARACTER_BYTES * (to - from));
        for (int i = from; i < to; i++) {
            char c = piece[i];
            if (c < FIRST_NOT_ASCII) {
                if (escaping && isEscaped(c)) escape(c);
                else put(c);
            } else if (c < 0x800) {
                put(0xc0 | (c >> 6));
                put(0x80 | (c & 0x3f));
            } else if (!Character.isSurrogate(c)) {
                put(0xe0 | (c >> 12));
                put(0x80 | ((c >> 6) & 0x3f));
                put(0x80 | (c & 0x3f));
            } else if (i + 1 < to && Character.isSurrogatePair(c, piece[i + 1])) {
                int codePoint = Character.toCodePoint(c, piece[++i]);
                put(0xf0 | (codePoint >> 18));
                put(0x80 | ((codePoint >> 12) & 0x3f));
                put(0x80 | ((codePoint >> 6) & 0x3f));
                put(0x80 | (codePoint & 0x3f));
            } else {
                put('?');
            }
        }
    }

    private void put(int b) {
        bytes[size++] = (byte) b;
    }

    private void escape(char c) {
        put('\\');
        char letter = letterOf(c);
        put(letter);
        if (letter != 'u') return;
        put('0');
        put('0');
        put(HEX.charAt(c >> 4));
        put(HEX.charAt(c & 0xf));
    }

    /** Returns what follows the backslash of an escaped character, {@code u} if that is its number. */
    private static char letterOf(char c) {
        switch (c) {
            case '\b':
                return 'b';
            case '\t':
                return 't';
            case '\n':
                return 'n';
            case '\f':
                return 'f';
            case '\r':
                return 'r';
            case '"':
            case '\\':
                return c;
            default:
                return 'u';
        }
    }

    private void ensureRoom(int more) {
        int needed = Math.addExact(size, more);
        if (needed <= bytes.length) return;
        int most = needed <= MAX_KEPT ? MAX_KEPT : 1 << 30;
        int length = (int) Math.max(needed, Math.max(MIN_BYTES, Math.min(2L * bytes.length, most)));
        Space larger = length > MAX_KEPT ? large(needed, length) : small(length);
        System.arraycopy(bytes, 0, larger.bytes, 0, size);
        use(larger);
    }

    private Space small(int length) {
        small = new Space(length);
        return small;
    }

    /** Returns the last large buffer if it has the bytes that are needed, otherwise one of {@code length} bytes. */
    private Space large(int needed, int length) {
        Space last = large == null ? null : large.get();
        if (last != null && last.bytes.length >= needed) return last;
        Space made = new Space(length);
        large = new WeakReference<>(made);
        return made;
    }

    private void use(Space space) {
        bytes = space.bytes;
        words = space.words;
    }

    /** Sends what has been written, and begins the next text. */
    public void send(SessionProtocol.Wire wire) {
        int all = size;
        size = 0;
        try {
            wire.text(bytes, all);
        } finally {
            use(small);
        }
    }

    // ---- sizes ----

    /** Returns the bytes that {@link #quoted} writes. */
    public static long quotedBytes(String text) {
        long bytes = text.length() + 2L;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < FIRST_NOT_ASCII) {
                // All that is escaped is ASCII.
                if (isEscaped(c)) bytes += letterOf(c) == 'u' ? "u0000".length() : 1;
            } else if (c < 0x800) {
                bytes++;
            } else if (!Character.isSurrogate(c)) {
                bytes += 2;
            } else if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                // Two characters, and four bytes.
                bytes += 2;
                i++;
            }
        }
        return bytes;
    }
}
