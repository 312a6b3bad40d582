package dev.holdfast.internal.transport;

import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A message that the writer encodes: text, text as UTF-8, bytes or a stream. */
final class OutgoingMessage {
    final @Nullable String text;
    final @Nullable ByteString utf8;
    final @Nullable ByteString bytes;
    final @Nullable OutgoingStream stream;
    /** The payload's length in bytes; 0 for a stream, whose pieces are counted when they come. */
    final long length;

    private OutgoingMessage(
            @Nullable String text,
            @Nullable ByteString utf8,
            @Nullable ByteString bytes,
            @Nullable OutgoingStream stream,
            long length) {
        this.text = text;
        this.utf8 = utf8;
        this.bytes = bytes;
        this.stream = stream;
        this.length = length;
    }

    static OutgoingMessage text(String text, long utf8Length) {
        return new OutgoingMessage(text, null, null, null, utf8Length);
    }

    static OutgoingMessage text(ByteString utf8) {
        return new OutgoingMessage(null, utf8, null, null, utf8.size());
    }

    static OutgoingMessage binary(ByteString bytes) {
        return new OutgoingMessage(null, null, bytes, null, bytes.size());
    }

    static OutgoingMessage stream(OutgoingStream stream) {
        return new OutgoingMessage(null, null, null, stream, 0);
    }
}
