package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import okio.ByteString;

/** What a {@link MessageAssembler} makes of the frames, called on the thread that reads. */
public interface MessageHandler {
    /**
     * A text message, which may have to be {@link Utf8Text#check}ed.
     *
     * @throws ProtocolViolation if it is not UTF-8
     */
    void onText(Utf8Text text) throws ProtocolViolation;

    void onBinary(ByteString bytes);

    void onPing(ByteString payload);

    void onPong(ByteString payload);

    /** The peer's close frame. Nothing comes after it, section 5.5.1. */
    void onClose(CloseStatus status);
}
