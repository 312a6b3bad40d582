package dev.holdfast.internal.resume;

import java.util.Arrays;

/** A writer of JSON texts, one after another, into a buffer that it keeps. Not thread-safe. */
final class EnvelopeWriter {
    private static final int MIN_CHARACTERS = 64;
    /** A larger buffer, which one long message needed, is released. */
    private static final int MAX_KEPT = 4 * 1024;

    private static final int PIECE = 256;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int MAX_NUMBER = 20;
    private static final String HEX = "0123456789abcdef";

    private char[] characters = new char[0];
    private int size;

    /** Begins an envelope of that type, which needs no escapes. */
    EnvelopeWriter begin(String type) {
        return raw("{\"t\":\"").raw(type).raw("\"");
    }

    /** Writes the name of another member, which needs no escapes. */
    EnvelopeWriter name(String name) {
        return raw(",\"").raw(name).raw("\":");
    }

    EnvelopeWriter end() {
        return raw("}");
    }

    /** Writes finished JSON. */
    EnvelopeWriter raw(String json) {
        int length = json.length();
        ensureRoom(length);
        json.getChars(0, length, characters, size);
        size += length;
        return this;
    }

    EnvelopeWriter number(long number) {
        ensureRoom(MAX_NUMBER);
        int digits = 1;
        for (long rest = number; (rest /= 10) != 0; ) digits++;
        long rest = number;
        for (int i = size + digits - 1; i >= size; i--) {
            characters[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /** Writes {@code text} as a JSON string. */
    EnvelopeWriter string(String text) {
        int length = text.length();
        // With the quotes and the brace that ends the envelope: doubling a long text for the brace would cost more than
        // the text.
        ensureRoom(length + 3);
        raw("\"");
        for (int from = 0; from < length; ) {
            // The rest after an escape is copied once more: an array is fast to fill and to search.
            int to = Math.min(length, from + PIECE);
            ensureRoom(to - from);
            text.getChars(from, to, characters, size);
            int end = nextEscaped(size, size + to - from);
            from += end - size;
            size = end;
            if (from < to) escape(text.charAt(from++));
        }
        return raw("\"");
    }

    private int nextEscaped(int from, int to) {
        char[] in = characters;
        int at = from;
        while (at < to && !isEscaped(in[at])) at++;
        return at;
    }

    private static boolean isEscaped(char c) {
        return c < FIRST_PRINTABLE || c == '"' || c == '\\';
    }

    private void escape(char c) {
        switch (c) {
            case '\n':
                raw("\\n");
                break;
            case '\r':
                raw("\\r");
                break;
            case '\t':
                raw("\\t");
                break;
            case '"':
                raw("\\\"");
                break;
            case '\\':
                raw("\\\\");
                break;
            default:
                raw("\\u00");
                ensureRoom(2);
                characters[size++] = HEX.charAt(c >> 4);
                characters[size++] = HEX.charAt(c & 0xf);
        }
    }

    private void ensureRoom(int more) {
        int needed = size + more;
        if (needed <= characters.length) return;
        characters = Arrays.copyOf(characters, Math.max(needed, Math.max(MIN_CHARACTERS, 2 * characters.length)));
    }

    /** Returns the written text, and begins the next one. */
    String take() {
        String text = new String(characters, 0, size);
        size = 0;
        if (characters.length > MAX_KEPT) characters = new char[0];
        return text;
    }
}
