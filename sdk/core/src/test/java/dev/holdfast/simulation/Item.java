package dev.holdfast.simulation;

import dev.holdfast.internal.message.CloseStatus;
import okio.ByteString;

/** A unit of transfer over a simulated connection. */
final class Item {
    enum Kind {
        TEXT,
        BINARY,
        PING,
        PONG,
        CLOSE
    }

    final Kind kind;
    final Object content;
    final long size;

    private Item(Kind kind, Object content, long size) {
        this.kind = kind;
        this.content = content;
        this.size = size + 6;
    }

    static Item text(String text) {
        return new Item(Kind.TEXT, text, text.length());
    }

    static Item binary(ByteString bytes) {
        return new Item(Kind.BINARY, bytes, bytes.size());
    }

    static Item ping(ByteString payload) {
        return new Item(Kind.PING, payload, payload.size());
    }

    static Item pong(ByteString payload) {
        return new Item(Kind.PONG, payload, payload.size());
    }

    static Item close(CloseStatus status) {
        return new Item(Kind.CLOSE, status, 2);
    }

    boolean isMessage() {
        return kind == Kind.TEXT || kind == Kind.BINARY;
    }

    /** Whether it carries messages of the application in a resumable session. */
    boolean isApplicationMessage() {
        return kind == Kind.BINARY || (kind == Kind.TEXT && text().contains("\"t\":\"msg\""));
    }

    String text() {
        return (String) content;
    }

    ByteString bytes() {
        return (ByteString) content;
    }

    CloseStatus status() {
        return (CloseStatus) content;
    }

    @Override
    public String toString() {
        return kind + " " + (kind == Kind.BINARY ? bytes().hex() : String.valueOf(content));
    }
}
