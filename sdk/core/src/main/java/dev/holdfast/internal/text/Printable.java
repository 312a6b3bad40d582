package dev.holdfast.internal.text;

/**
 * Makes text that a server, a proxy or an exception supplied safe for a log line, a terminal and an error message. A
 * character that could end the line, move the cursor or reorder the text is replaced by an escape such as {@code \u001b}.
 */
public final class Printable {
    /** The maximum length of a value inside a message. A log line stays readable, and a server can't fill the log. */
    public static final int MAX_VALUE = 300;

    /** The maximum length of a message, which may quote several values. */
    public static final int MAX_MESSAGE = 900;

    private static final String CUT = "…";

    private Printable() {}

    /** Returns one value, escaped, in at most {@link #MAX_VALUE} characters and an ellipsis. */
    public static String value(String text) {
        return of(text, MAX_VALUE);
    }

    /** Returns a message, escaped, in at most {@link #MAX_MESSAGE} characters and an ellipsis. */
    public static String message(String text) {
        return of(text, MAX_MESSAGE);
    }

    private static String of(String text, int max) {
        if (text.length() <= max && isClean(text)) return text;
        StringBuilder shown = new StringBuilder();
        for (int at = 0; at < text.length(); ) {
            int next = at + Character.charCount(text.codePointAt(at));
            int before = shown.length();
            append(shown, text, at, next);
            if (shown.length() > max) {
                shown.setLength(before);
                return shown.append(CUT).toString();
            }
            at = next;
        }
        return shown.toString();
    }

    /** Appends a part of a text, escaped, in any length. */
    public static void append(StringBuilder into, String text, int from, int to) {
        for (int at = from; at < to; ) {
            int codePoint = text.codePointAt(at);
            int next = Math.min(to, at + Character.charCount(codePoint));
            if (isClean(codePoint)) {
                into.append(text, at, next);
            } else {
                for (; at < next; at++) into.append(String.format("\\u%04x", (int) text.charAt(at)));
            }
            at = next;
        }
    }

    private static boolean isClean(String text) {
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            if (!isClean(codePoint)) return false;
            at += Character.charCount(codePoint);
        }
        return true;
    }

    private static boolean isClean(int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.CONTROL:
            // Includes bidirectional controls and zero-width characters.
            case Character.FORMAT:
            case Character.LINE_SEPARATOR:
            case Character.PARAGRAPH_SEPARATOR:
            case Character.SURROGATE:
                return false;
            default:
                return true;
        }
    }
}
