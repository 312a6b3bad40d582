package dev.holdfast.sample.connect;

import java.util.HexFormat;

/**
 * Text of a peer, made safe for a terminal: control characters could move the cursor, retitle the window or write what
 * looks like another line (CWE-150).
 */
final class Visible {
    private static final int DELETE = 0x7f;
    private static final int LAST_C1 = 0x9f;

    /** The pictures of the control characters 0 to 31 begin here. */
    private static final int PICTURES = 0x2400;

    private static final char DELETE_PICTURE = '\u2421';

    private Visible() {}

    /** Returns the text with each control character as a picture, and later lines indented. */
    static String of(String text) {
        int first = 0;
        while (first < text.length() && !isHarmful(text.charAt(first))) first++;
        if (first == text.length()) return text;
        StringBuilder visible = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            append(visible, text, i);
        }
        return visible.toString();
    }

    /** Returns the beginning of a text that is quoted in a note, made safe. */
    static String brief(String text, int max) {
        if (text.length() <= max) return of(text);
        int end = Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : max;
        return of(text.substring(0, end)) + "\u2026 (" + text.length() + " characters)";
    }

    private static void append(StringBuilder visible, String text, int i) {
        char c = text.charAt(i);
        if (c == '\n') {
            visible.append("\n  ");
        } else if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
            return;
        } else if (!isHarmful(c)) {
            visible.append(c);
        } else if (c < ' ') {
            visible.append((char) (PICTURES + c));
        } else if (c == DELETE) {
            visible.append(DELETE_PICTURE);
        } else {
            visible.append("\\u").append(HexFormat.of().toHexDigits(c));
        }
    }

    private static boolean isHarmful(char c) {
        return (c < ' ' && c != '\t') || (c >= DELETE && c <= LAST_C1) || isDirection(c);
    }

    /** Returns whether a character changes the direction of those after it, so that they read as another text. */
    private static boolean isDirection(char c) {
        return (c >= '\u202a' && c <= '\u202e') || (c >= '\u2066' && c <= '\u2069');
    }
}
