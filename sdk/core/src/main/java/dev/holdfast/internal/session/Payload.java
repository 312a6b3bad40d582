package dev.holdfast.internal.session;

import dev.holdfast.internal.frame.Utf8Length;
import java.util.function.Consumer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The content of an application message: text, a JSON value, bytes, a {@link Packet}, or what a protocol has read. The machine never
 * interprets it. Immutable.
 */
public final class Payload {
    /** The form of a payload. */
    public enum Kind {
        TEXT,
        /** Text that was encoded as a JSON string. */
        JSON_STRING,
        JSON,
        BINARY,
        /** A text with attachments, in a protocol's own form. */
        PACKET,
        /** A message that a protocol has read, in a form that only this protocol knows. It is never sent. */
        READ
    }

    public static final long UNKNOWN_SIZE = -1;

    private final Kind kind;
    private final Object value;
    /** The bytes in UTF-8; negative if they are unknown or exceed an int. */
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
     * Returns a text payload whose bytes may have been counted.
     *
     * @param utf8Length the bytes of {@code text} in UTF-8, {@link #UNKNOWN_SIZE} if they have not been counted
     */
    public static Payload text(String text, long utf8Length) {
        return new Payload(Kind.TEXT, text, utf8Length);
    }

    /** Returns the payload of a JSON string's content. */
    public static Payload jsonString(String text) {
        return jsonString(text, UNKNOWN_SIZE);
    }

    /** Returns the same as {@link #jsonString(String)}, with the bytes as in {@link #text(String, long)}. */
    public static Payload jsonString(String text, long utf8Length) {
        return new Payload(Kind.JSON_STRING, text, utf8Length);
    }

    /** Returns the payload of one JSON value, as text. */
    public static Payload json(String json) {
        return json(json, UNKNOWN_SIZE);
    }

    /** Returns the same as {@link #json(String)}, with the bytes as in {@link #text(String, long)}. */
    public static Payload json(String json, long utf8Length) {
        return new Payload(Kind.JSON, json, utf8Length);
    }

    public static Payload binary(ByteString bytes) {
        return new Payload(Kind.BINARY, bytes, bytes.size());
    }

    public static Payload packet(Packet packet) {
        return new Payload(Kind.PACKET, packet, packet.bytes());
    }

    /**
     * Returns the payload of what a protocol has read, or has to report.
     *
     * @param bytes the bytes of what was read
     */
    public static Payload read(Object content, long bytes) {
        return new Payload(Kind.READ, content, Math.min(bytes, Integer.MAX_VALUE));
    }

    /** Returns the payload of a protocol's own callback, which the client runs in its place among the messages. */
    public static Payload callback(Runnable callback) {
        return read(callback, 0);
    }

    /**
     * Returns the payload of a protocol's own callback, as {@link #callback(Runnable)} does.
     *
     * @param callback takes what is to run when the application has handled the message
     */
    public static Payload callback(Consumer<Runnable> callback) {
        return read(callback, 0);
    }

    public Kind kind() {
        return kind;
    }

    /** Returns whether the form and the content are equal. */
    public boolean sameAs(@Nullable Payload other) {
        return other != null && kind == other.kind && value.equals(other.value);
    }

    /** Returns the bytes as the application counts them: UTF-8 for text. */
    public long size() {
        if (size >= 0) return size;
        return kind == Kind.PACKET ? ((Packet) value).bytes() : Utf8Length.of(text());
    }

    /** Returns whether {@link #size()} costs nothing; otherwise it measures the text each time. */
    public boolean isMeasured() {
        return size >= 0 || kind == Kind.PACKET;
    }

    /** Returns the text, or the JSON as text. */
    public String text() {
        if (kind == Kind.BINARY) throw new IllegalStateException("binary message has no text");
        if (kind == Kind.READ) return "";
        return kind == Kind.PACKET ? ((Packet) value).text() : (String) value;
    }

    /** Returns the packet, null if it is another kind of payload. */
    public @Nullable Packet packet() {
        return kind == Kind.PACKET ? (Packet) value : null;
    }

    /** Returns what a protocol has read, null if it is another kind of payload. */
    public @Nullable Object content() {
        return kind == Kind.READ ? value : null;
    }

    /**
     * Returns what the application sent: a store keeps it, and a protocol can make the packet anew. Null for a packet that a
     * protocol has made by itself.
     */
    public @Nullable Payload original() {
        return kind == Kind.PACKET ? ((Packet) value).original() : this;
    }

    /** Returns whether it has an {@link #original}. */
    public boolean hasOriginal() {
        return kind != Kind.PACKET || ((Packet) value).hasOriginal();
    }

    /** Returns the number of WebSocket messages that it makes. */
    public int parts() {
        return kind == Kind.PACKET ? ((Packet) value).parts() : 1;
    }

    /** Returns whether the server acknowledges it by an id of its own. */
    public boolean isAcknowledgedById() {
        return ackId() != 0;
    }

    /** Returns the id by which the server acknowledges it, 0 if it does not. */
    long ackId() {
        return kind == Kind.PACKET ? ((Packet) value).ackId() : 0;
    }

    /** Returns whether it is a reply, see {@link Packet#asReply}. */
    public boolean isReply() {
        return kind == Kind.PACKET && ((Packet) value).isReply();
    }

    /** Returns whether it is still of use, see {@link Packet#validWhile}. */
    boolean isValid() {
        return kind != Kind.PACKET || ((Packet) value).isValid();
    }

    /** Returns the bytes of a binary message. */
    public ByteString bytes() {
        if (kind != Kind.BINARY) throw new IllegalStateException("text message has no bytes");
        return (ByteString) value;
    }
}
