package dev.holdfast.internal.resume;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.internal.text.Printable;

/** A filter for text that must not reach a log with secrets in it ({@code docs/protocol.md}, section 8). */
public final class Redaction {
    private static final String HIDDEN = "***";

    private final String text;
    private final StringBuilder shown = new StringBuilder();

    private Redaction(String text) {
        this.text = text;
    }

    /**
     * Returns the text without the values of JSON members that may be secrets, and with an escape for each character
     * that would break its line. The text may be cut anywhere but at its beginning.
     */
    public static String redact(String text) {
        return new Redaction(text).redact();
    }

    /**
     * Returns the position at which a parser failed, as "line 1, column 17". The exception's own message quotes the
     * input, which may be a secret there.
     */
    public static String place(JsonProcessingException failure) {
        JsonLocation at = failure.getLocation();
        return at == null ? "an unknown place" : "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private String redact() {
        for (int at = 0; at < text.length(); ) {
            int end = text.charAt(at) == '"' ? endOfString(at) : at + 1;
            Printable.append(shown, text, at, end);
            int value = isSecret(at, end) ? valueOf(end) : -1;
            if (value >= 0) {
                shown.append(':').append(HIDDEN);
                end = endOfValue(value);
            }
            at = end;
        }
        return shown.toString();
    }

    /** Returns the index after the closing quotation mark, or the end of a text that is cut. */
    private int endOfString(int open) {
        int at = open + 1;
        while (at < text.length() && text.charAt(at) != '"') at += text.charAt(at) == '\\' ? 2 : 1;
        return Math.min(at + 1, text.length());
    }

    /**
     * Returns whether it is a whole string that may be the name of a secret. A string with an escape may be any name.
     */
    private boolean isSecret(int open, int end) {
        if (end - open < 2 || text.charAt(open) != '"') return false;
        String name = text.substring(open + 1, end - 1);
        return name.equals("key") || name.equals("auth") || name.equals("sid") || name.indexOf('\\') >= 0;
    }

    /** Returns the start of the value of the member whose name ended here, -1 if it was no name. */
    private int valueOf(int end) {
        int colon = skipSpace(end);
        return colon < text.length() && text.charAt(colon) == ':' ? skipSpace(colon + 1) : -1;
    }

    private int skipSpace(int from) {
        int at = from;
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        return at;
    }

    private int endOfValue(int from) {
        if (from == text.length()) return from;
        char first = text.charAt(from);
        if (first == '"') return endOfString(from);
        // No server of ours would write this, so its content is not analysed.
        if (first == '{' || first == '[') return text.length();
        int at = from;
        while (at < text.length() && ",}]".indexOf(text.charAt(at)) < 0) at++;
        return at;
    }
}
