package dev.holdfast;

import dev.holdfast.internal.CheckReturnValue;
import java.util.Objects;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** The content of a message as a {@link PayloadCodec} writes and reads it: text, JSON or bytes. Immutable. */
@CheckReturnValue
public final class EncodedPayload {
    /** The forms of a payload. More constants may be added; keep a default branch. */
    public enum Kind {
        /** Text, which goes out as a text message. */
        TEXT,
        /**
         * One JSON value as text. In a resumable session it stands in the envelope as it is, where {@link #TEXT} stands as a
         * JSON string. In any other session it is the same as {@link #TEXT}.
         */
        JSON,
        /** Bytes, which go out as a binary message. */
        BINARY
    }

    private final Kind kind;
    private final Object value;

    private EncodedPayload(Kind kind, Object value) {
        this.kind = kind;
        this.value = value;
    }

    /**
     * {@return a payload of text}
     *
     * @param text the text; may be empty
     */
    public static EncodedPayload text(String text) {
        return new EncodedPayload(Kind.TEXT, Objects.requireNonNull(text, "text"));
    }

    /**
     * {@return a payload of one JSON value}
     *
     * @param json the value as text. It must be valid JSON: it is not checked, and a resumable session's server rejects an
     *     envelope that is not JSON
     */
    public static EncodedPayload json(String json) {
        return new EncodedPayload(Kind.JSON, Objects.requireNonNull(json, "json"));
    }

    /**
     * {@return a payload of bytes}
     *
     * @param bytes the bytes; may be empty
     */
    public static EncodedPayload binary(ByteString bytes) {
        return new EncodedPayload(Kind.BINARY, Objects.requireNonNull(bytes, "bytes"));
    }

    /** {@return the form of the payload} */
    public Kind kind() {
        return kind;
    }

    /**
     * {@return the text, or the JSON value as text}
     *
     * @throws IllegalStateException if the payload is binary
     */
    public String text() {
        if (kind == Kind.BINARY) throw new IllegalStateException("a binary message has no text");
        return (String) value;
    }

    /**
     * {@return the bytes}
     *
     * @throws IllegalStateException if the payload is not binary
     */
    public ByteString bytes() {
        if (kind != Kind.BINARY) throw new IllegalStateException("a text message has no bytes");
        return (ByteString) value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EncodedPayload
                && ((EncodedPayload) other).kind == kind
                && ((EncodedPayload) other).value.equals(value);
    }

    @Override
    public int hashCode() {
        return 31 * kind.hashCode() + value.hashCode();
    }

    /** Returns the form and the size, but not the content. */
    @Override
    public String toString() {
        return kind == Kind.BINARY
                ? kind + " of " + bytes().size() + " bytes"
                : kind + " of " + text().length() + " characters";
    }
}
