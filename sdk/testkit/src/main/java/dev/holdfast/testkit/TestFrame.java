package dev.holdfast.testkit;

import dev.holdfast.internal.message.CloseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import okio.ByteString;

/** A frame on a connection in memory: a message, a ping, a pong or a close frame. */
final class TestFrame {
    enum Kind {
        TEXT,
        BINARY,
        PING,
        PONG,
        CLOSE
    }

    private static final int MAX_SHOWN = 200;

    final Kind kind;
    private final Object content;
    final long bytes;

    private TestFrame(Kind kind, Object content, long bytes) {
        this.kind = kind;
        this.content = content;
        this.bytes = bytes;
    }

    static TestFrame text(String text) {
        return new TestFrame(Kind.TEXT, text, text.getBytes(StandardCharsets.UTF_8).length);
    }

    static TestFrame binary(ByteString bytes) {
        return new TestFrame(Kind.BINARY, bytes, bytes.size());
    }

    static TestFrame ping(ByteString payload) {
        return new TestFrame(Kind.PING, payload, payload.size());
    }

    static TestFrame pong(ByteString payload) {
        return new TestFrame(Kind.PONG, payload, payload.size());
    }

    static TestFrame close(CloseStatus status) {
        return new TestFrame(Kind.CLOSE, status, status.encode().size());
    }

    boolean isMessage() {
        return kind == Kind.TEXT || kind == Kind.BINARY;
    }

    String text() {
        return (String) content;
    }

    ByteString payload() {
        return (ByteString) content;
    }

    CloseStatus status() {
        return (CloseStatus) content;
    }

    @Override
    public String toString() {
        String shown = content instanceof ByteString ? payload().hex() : String.valueOf(content);
        if (shown.length() > MAX_SHOWN) shown = shown.substring(0, MAX_SHOWN) + "...";
        return kind.name().toLowerCase(Locale.ROOT) + " " + shown;
    }
}
