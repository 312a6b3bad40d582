package dev.holdfast.internal.frame;

import java.nio.charset.StandardCharsets;

/** Texts as a connection tells of them. */
public final class Texts {
    private static final int BEFORE = 3;

    private Texts() {}

    /** Not checked, in the midst of an array. */
    public static Utf8Text text(String text) {
        return text(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same for what may not be UTF-8. */
    public static Utf8Text text(byte[] utf8) {
        byte[] array = new byte[BEFORE + utf8.length + 1];
        System.arraycopy(utf8, 0, array, BEFORE, utf8.length);
        Utf8Text made = new Utf8Text();
        made.set(array, Utf8Text.words(array), BEFORE, utf8.length);
        return made;
    }
}
