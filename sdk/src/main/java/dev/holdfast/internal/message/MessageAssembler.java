package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Validator;
import java.io.EOFException;
import java.io.IOException;
import okio.Buffer;

/**
 * Makes messages of frames: joins fragments with control frames between them (RFC 6455 section 5.4), checks text at its
 * first bad byte (section 8.1), and refuses a message that is too big on the header that makes it so.
 *
 * <p>Blocks while the source does. Not thread-safe.
 */
public final class MessageAssembler {
    private static final int NO_MESSAGE = -1;

    private final FrameReader frames;
    private final long maxMessageBytes;
    private final MessageHandler handler;

    private final Buffer message = new Buffer();
    private final Buffer control = new Buffer();
    private final Utf8Validator utf8 = new Utf8Validator();

    /** The opcode of the message whose fragments are coming in, or {@link #NO_MESSAGE}. */
    private int messageOpcode = NO_MESSAGE;

    private boolean closed;

    /** @param maxMessageBytes payload bytes of the largest message taken; a larger one fails with 1009 */
    public MessageAssembler(FrameReader frames, long maxMessageBytes, MessageHandler handler) {
        this.frames = frames;
        this.maxMessageBytes = maxMessageBytes;
        this.handler = handler;
    }

    /**
     * Reads one frame and tells the handler what it completes.
     *
     * @return false where there is no more to read: a close frame came, or the stream ended between two messages
     * @throws ProtocolViolation if the peer broke the protocol
     * @throws EOFException if the stream ended inside a frame or a message
     */
    public boolean readFrame() throws IOException {
        if (closed) return false;
        if (!frames.readHeader()) {
            if (messageOpcode != NO_MESSAGE) throw new EOFException("stream ended between two fragments of a message");
            return false;
        }
        if (Opcode.isControl(frames.opcode())) {
            readControl();
        } else {
            readData();
        }
        return !closed;
    }

    private void readControl() throws IOException {
        while (frames.remaining() > 0) frames.readPayload(control);
        switch (frames.opcode()) {
            case Opcode.PING:
                handler.onPing(control.readByteString());
                break;
            case Opcode.PONG:
                handler.onPong(control.readByteString());
                break;
            default:
                closed = true;
                handler.onClose(CloseStatus.parse(control));
        }
    }

    private void readData() throws IOException {
        if (frames.opcode() == Opcode.CONTINUATION) {
            if (messageOpcode == NO_MESSAGE) throw violation("continuation frame with nothing to continue");
        } else {
            if (messageOpcode != NO_MESSAGE) throw violation("new message before the last one ended");
            messageOpcode = frames.opcode();
        }
        if (frames.length() > maxMessageBytes - message.size()) {
            throw new ProtocolViolation(
                    ProtocolViolation.MESSAGE_TOO_BIG, "message over the limit of " + maxMessageBytes + " bytes");
        }
        boolean text = messageOpcode == Opcode.TEXT;
        while (frames.remaining() > 0) {
            long start = message.size();
            frames.readPayload(message);
            if (text && !utf8.check(message, start)) throw notUtf8();
        }
        if (frames.fin()) finish(text);
    }

    private void finish(boolean text) throws IOException {
        messageOpcode = NO_MESSAGE;
        if (text) {
            if (!utf8.isComplete()) throw notUtf8();
            handler.onText(message.readUtf8());
        } else {
            handler.onBinary(message.readByteString());
        }
    }

    private static ProtocolViolation violation(String message) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, message);
    }

    private static ProtocolViolation notUtf8() {
        return new ProtocolViolation(ProtocolViolation.INVALID_PAYLOAD, "text message is not UTF-8");
    }
}
