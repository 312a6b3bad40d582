package dev.holdfast.internal.protocols;

import dev.holdfast.internal.session.SessionProtocol;

/**
 * A writer of short texts in UTF-8, one after another, into a buffer that it keeps: a text that goes out need not exist as a
 * string. An unpaired surrogate becomes a question mark, as in {@link String#getBytes}. Not thread-safe.
 */
public final class TextWriter {
    /** The maximum bytes of a text. The buffer is kept, so a longer one is better made as a string. */
    public static final int MAX_BYTES = 4 * 1024;

    private static final int MIN_CAPACITY = 256;
    private static final int FIRST_NOT_ASCII = 0x80;
    private static final int FIRST_OF_THREE = 0x800;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final String HEX = "0123456789ABCDEF";

    private byte[] bytes = {};
    private int size;

    /**
     * Begins a text.
     *
     * @param capacity its bytes, at most {@link #MAX_BYTES}
     */
    public TextWriter begin(long capacity) {
        if (capacity > MAX_BYTES) throw new IllegalArgumentException("text of " + capacity + " bytes");
        if (bytes.length < capacity) {
            int doubled = Math.min(MAX_BYTES, Math.max(MIN_CAPACITY, 2 * bytes.length));
            bytes = new byte[Math.max(doubled, (int) capacity)];
        }
        size = 0;
        return this;
    }

    /** Writes a character of ASCII. */
    public TextWriter ascii(char c) {
        bytes[size++] = (byte) c;
        return this;
    }

    /** Writes a text. */
    public TextWriter text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < FIRST_NOT_ASCII) {
                bytes[size++] = (byte) c;
            } else {
                i = writeNotAscii(text, i);
            }
        }
        return this;
    }

    /** Writes a JSON string, with the escapes that {@link com.fasterxml.jackson.core.JsonGenerator} writes. */
    public TextWriter quoted(String text) {
        ascii('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= FIRST_NOT_ASCII) {
                i = writeNotAscii(text, i);
            } else if (isEscaped(c)) {
                escape(c);
            } else {
                bytes[size++] = (byte) c;
            }
        }
        return ascii('"');
    }

    /** Sends what has been written. */
    public void send(SessionProtocol.Wire wire) {
        wire.text(bytes, size);
    }

    /** Writes the code point at {@code at}, which is not ASCII, and returns the index of its last character. */
    private int writeNotAscii(String text, int at) {
        char c = text.charAt(at);
        if (c < FIRST_OF_THREE) {
            put(0xc0 | (c >> 6));
            put(continuation(c));
        } else if (!Character.isSurrogate(c)) {
            put(0xe0 | (c >> 12));
            put(continuation(c >> 6));
            put(continuation(c));
        } else if (at + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(at + 1))) {
            int codePoint = Character.toCodePoint(c, text.charAt(at + 1));
            put(0xf0 | (codePoint >> 18));
            put(continuation(codePoint >> 12));
            put(continuation(codePoint >> 6));
            put(continuation(codePoint));
            return at + 1;
        } else {
            put('?');
        }
        return at;
    }

    private static int continuation(int bits) {
        return 0x80 | (bits & 0x3f);
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

    private static boolean isEscaped(char c) {
        return c < FIRST_PRINTABLE || c == '"' || c == '\\';
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

    // ---- sizes ----

    /** Returns the bytes that {@link #quoted} writes. */
    public static long quotedBytes(String text) {
        long bytes = text.length() + 2L;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < FIRST_NOT_ASCII) {
                // All that is escaped is ASCII.
                if (isEscaped(c)) bytes += letterOf(c) == 'u' ? "u0000".length() : 1;
            } else if (c < FIRST_OF_THREE) {
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
