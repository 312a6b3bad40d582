package dev.holdfast.internal.frame;

import okio.Utf8;

/** How long a text is in UTF-8. */
public final class Utf8Length {
    private Utf8Length() {}

    /** The bytes of {@code text} in UTF-8, a surrogate without its other half counted as a question mark. */
    public static long of(String text) {
        int length = text.length();
        int ascii = 0;
        // A loop so plain that compilers leave out what need not be checked each time.
        while (ascii < length && text.charAt(ascii) < 0x80) ascii++;
        return ascii == length ? length : ascii + Utf8.size(text, ascii);
    }
}
