package dev.holdfast.internal.frame;

import okio.Utf8;

/** Measures texts in UTF-8. */
public final class Utf8Length {
    private Utf8Length() {}

    /** Returns the length of {@code text} in UTF-8, in bytes. An unpaired surrogate counts as a question mark. */
    public static long of(String text) {
        int length = text.length();
        int ascii = 0;
        // Simple enough for compilers to eliminate the bounds checks.
        while (ascii < length && text.charAt(ascii) < 0x80) ascii++;
        return ascii == length ? length : ascii + Utf8.size(text, ascii);
    }
}
