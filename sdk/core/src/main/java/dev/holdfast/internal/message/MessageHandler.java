package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import okio.ByteString;

/** Receives what a {@link MessageAssembler} makes of the frames, on the reader's thread. */
public interface MessageHandler {
    /**
     * Receives a text message, which may not have been checked: see {@link Utf8Text}.
     *
     * @throws ProtocolViolation if the text is not UTF-8
     */
    void onText(Utf8Text text) throws ProtocolViolation;

    void onBinary(ByteString bytes);

    void onPing(ByteString payload);

    void onPong(ByteString payload);

    /** Receives the peer's close frame. Nothing follows it (RFC 6455 section 5.5.1). */
    void onClose(CloseStatus status);
}
