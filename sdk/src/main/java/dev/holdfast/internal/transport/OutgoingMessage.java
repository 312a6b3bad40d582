package dev.holdfast.internal.transport;

import okio.ByteString;
import org.jspecify.annotations.Nullable;

/** A message on its way to the socket: text or bytes. */
final class OutgoingMessage {
    /** Null for a binary message. */
    final @Nullable String text;
    /** Null for a text message. */
    final @Nullable ByteString bytes;
    /** The payload's bytes. */
    final long length;

    OutgoingMessage(String text, long utf8Length) {
        this.text = text;
        this.bytes = null;
        this.length = utf8Length;
    }

    OutgoingMessage(ByteString bytes) {
        this.text = null;
        this.bytes = bytes;
        this.length = bytes.size();
    }
}
