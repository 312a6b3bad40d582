package dev.holdfast.internal.message;

import okio.ByteString;

/** What a {@link MessageAssembler} makes of the frames, called on the thread that reads. */
public interface MessageHandler {
    /** Of {@code utf8Length} bytes in UTF-8. */
    void onText(String text, long utf8Length);

    void onBinary(ByteString bytes);

    void onPing(ByteString payload);

    void onPong(ByteString payload);

    /** The peer's close frame. Nothing comes after it, section 5.5.1. */
    void onClose(CloseStatus status);
}
