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

    private final Kind kind;
    private final Object value;

    private Payload(Kind kind, Object value) {
        this.kind = kind;
        this.value = value;
    }

    public static Payload text(String text) {
        return new Payload(Kind.TEXT, text);
    }

    /** What a JSON string says. */
    public static Payload jsonString(String text) {
        return new Payload(Kind.JSON_STRING, text);
    }

    /** One JSON value, as text. */
    public static Payload json(String json) {
        return new Payload(Kind.JSON, json);
    }

    public static Payload binary(ByteString bytes) {
        return new Payload(Kind.BINARY, bytes);
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
        return kind == Kind.BINARY ? bytes().size() : Utf8.size(text());
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
