package dev.holdfast.internal.session;

import okio.ByteString;
import okio.Utf8;
import org.jspecify.annotations.Nullable;

/** What an application message carries: text, a JSON value, or bytes. The machine never looks inside. Immutable. */
public final class Payload {
    /** The ways to carry. */
    public enum Kind {
        TEXT,
        /** Text that came as a JSON string. */
        JSON_STRING,
        JSON,
        BINARY
    }

    public static final long UNKNOWN_SIZE = -1;

    private static final char FIRST_NOT_ASCII = 0x80;

    private final Kind kind;
    private final Object value;
    /** Negative where it is not known, or too much for an int. */
    private final int size;

    private Payload(Kind kind, Object value, long size) {
        this.kind = kind;
        this.value = value;
        this.size = (int) size == size ? (int) size : (int) UNKNOWN_SIZE;
    }

    public static Payload text(String text) {
        return text(text, UNKNOWN_SIZE);
    }

    /**
     * Text whose bytes may have been counted.
     *
     * @param utf8Length the bytes of {@code text} in UTF-8, {@link #UNKNOWN_SIZE} where they have not been counted
     */
    public static Payload text(String text, long utf8Length) {
        return new Payload(Kind.TEXT, text, utf8Length);
    }

    /** What a JSON string says. */
    public static Payload jsonString(String text) {
        return jsonString(text, UNKNOWN_SIZE);
    }

    /** The same as with {@link #text(String, long)}. */
    public static Payload jsonString(String text, long utf8Length) {
        return new Payload(Kind.JSON_STRING, text, utf8Length);
    }

    /** One JSON value, as text. */
    public static Payload json(String json) {
        return json(json, UNKNOWN_SIZE);
    }

    /** The same as with {@link #text(String, long)}. */
    public static Payload json(String json, long utf8Length) {
        return new Payload(Kind.JSON, json, utf8Length);
    }

    public static Payload binary(ByteString bytes) {
        return new Payload(Kind.BINARY, bytes, bytes.size());
    }

    public Kind kind() {
        return kind;
    }

    /** Whether it says the same. */
    public boolean sameAs(@Nullable Payload other) {
        return other != null && kind == other.kind && value.equals(other.value);
    }

    /** The bytes as the application counts them: of text in UTF-8. */
    public long size() {
        return size >= 0 ? size : utf8Length(text());
    }

    private static long utf8Length(String text) {
        int length = text.length();
        int ascii = 0;
        // Most text is nothing else, and so plain a loop is quick.
        while (ascii < length && text.charAt(ascii) < FIRST_NOT_ASCII) ascii++;
        return ascii == length ? length : ascii + Utf8.size(text, ascii);
    }

    /** The text, or the JSON as text. */
    public String text() {
        if (kind == Kind.BINARY) throw new IllegalStateException("binary message has no text");
        return (String) value;
    }

    /** The bytes of a binary message. */
    public ByteString bytes() {
        if (kind != Kind.BINARY) throw new IllegalStateException("text message has no bytes");
        return (ByteString) value;
    }
}
