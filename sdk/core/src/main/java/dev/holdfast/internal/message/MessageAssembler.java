package dev.holdfast.internal.message;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.frame.FrameReader;
import dev.holdfast.internal.frame.Opcode;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.frame.Utf8Validator;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Assembles messages from frames: joins fragments, between which control frames may come (RFC 6455 section 5.4), decompresses
 * (RFC 7692 section 6.2), and checks text (RFC 6455 section 8.1). Text fails at its first bad byte. A message that is too big
 * fails at the frame header that shows it, or during decompression.
 *
 * <p>Blocks while the stream does. Not thread-safe.
 */
public final class MessageAssembler implements Closeable {
    private static final int NO_MESSAGE = -1;

    /** The minimum of decompressed bytes in a piece, so that a small message is one piece. */
    private static final int PIECE_BYTES = 8 * 1024;

    private final FrameReader frames;
    private final long maxMessageBytes;
    private final @Nullable PermessageDeflate deflate;
    private final MessageHandler handler;
    private final @Nullable PieceHandler pieces;

    /** The current message, or the part of it that has not been reported. */
    private final Buffer message = new Buffer();

    private final Buffer compressed = new Buffer();
    private final Buffer control = new Buffer();
    private final Utf8Text text = new Utf8Text();
    private final Utf8Validator utf8 = text.validator();

    private @Nullable FrameObserver observer;

    /** Created for the first compressed message. */
    private @Nullable MessageInflater inflater;

    /** The opcode of the current message, {@link #NO_MESSAGE} between two messages. */
    private int messageOpcode = NO_MESSAGE;

    private boolean messageCompressed;
    private boolean closed;

    /**
     * Creates an assembler for one connection.
     *
     * @param frames must allow RSV1 if compression was negotiated
     * @param deflate the compression that was negotiated, null for none
     * @param maxMessageBytes the maximum length of a message, decompressed, in bytes; a longer one fails with 1009
     * @param pieces receives messages in pieces, without a maximum length; null if {@code handler} receives them whole
     */
    public MessageAssembler(
            FrameReader frames,
            @Nullable PermessageDeflate deflate,
            long maxMessageBytes,
            MessageHandler handler,
            @Nullable PieceHandler pieces) {
        this.frames = frames;
        this.deflate = deflate;
        this.maxMessageBytes = pieces == null ? maxMessageBytes : Long.MAX_VALUE;
        this.handler = handler;
        this.pieces = pieces;
    }

    /** Sets the observer of the frames from now on, null for none. It is called before a message that the frame completes is reported. */
    public void observe(@Nullable FrameObserver observer) {
        this.observer = observer;
    }

    /**
     * Reads one frame, and calls the handler if it completes a message or is a control frame.
     *
     * @return false if there is no more to read: a close frame came, or the stream ended between two messages
     * @throws ProtocolViolation if the peer violated the protocol
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
        // An idle connection gets only control frames. The text must not keep an array that the reader has released.
        text.clear();
        while (frames.remaining() > 0) frames.readPayload(control);
        if (observer != null) notify(observer, control.snapshot());
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
            messageCompressed = frames.rsv1();
            if (isWhole()) {
                readWhole();
                return;
            }
            utf8.begin();
        }
        try {
            if (messageCompressed) {
                readCompressed();
            } else {
                readPlain();
            }
        } finally {
            if (observer != null) notify(observer, start(observer));
        }
        if (frames.fin()) endMessage();
    }

    /** Returns the start of the message if this is its first frame. */
    private ByteString start(FrameObserver observer) {
        if (frames.opcode() == Opcode.CONTINUATION || pieces != null) return ByteString.EMPTY;
        return FrameObserver.copy(message, 0, observer.startBytes());
    }

    private void notify(FrameObserver observer, ByteString start) {
        observer.onFrame(false, frames.fin(), frames.rsv1(), frames.opcode(), frames.length(), start);
    }

    /** Returns whether the message is one frame that can be read in one piece, without decompression or an observer. */
    private boolean isWhole() {
        return frames.fin() && frames.isShort() && !messageCompressed && pieces == null && observer == null;
    }

    private void readWhole() throws IOException {
        if (frames.length() > maxMessageBytes) throw tooBig();
        messageOpcode = NO_MESSAGE;
        if (frames.opcode() == Opcode.TEXT) {
            frames.readText(text);
            handler.onText(text);
        } else {
            text.clear();
            handler.onBinary(frames.readBytes());
        }
    }

    private void readPlain() throws IOException {
        if (frames.length() > maxMessageBytes - message.size()) throw tooBig();
        while (frames.remaining() > 0) {
            long start = message.size();
            frames.readPayload(message);
            checkText(start);
            if (frames.remaining() > 0 || !frames.fin()) reportPiece();
        }
    }

    private void readCompressed() throws IOException {
        MessageInflater inflater = inflater();
        while (frames.remaining() > 0) {
            frames.readPayload(compressed);
            inflate(inflater);
        }
        if (frames.fin()) {
            inflater.endMessage();
            inflate(inflater);
        }
    }

    private void inflate(MessageInflater inflater) throws IOException {
        long start = message.size();
        while (inflater.inflate(compressed, message)) {
            if (message.size() > maxMessageBytes) throw tooBig();
            checkText(start);
            if (message.size() >= PIECE_BYTES) reportPiece();
            start = message.size();
        }
    }

    private MessageInflater inflater() {
        MessageInflater known = inflater;
        if (known != null) return known;
        if (deflate == null) throw new IllegalStateException("compression was not negotiated");
        MessageInflater made = deflate.newInflater();
        inflater = made;
        return made;
    }

    private void checkText(long start) throws ProtocolViolation {
        if (messageOpcode == Opcode.TEXT && !utf8.check(message, start)) throw FrameReader.notUtf8();
    }

    /** Reports what has come of an unfinished message, except for an unfinished code point. Does nothing without a piece handler. */
    private void reportPiece() throws IOException {
        if (pieces == null) return;
        long whole = message.size();
        if (messageOpcode == Opcode.TEXT) {
            if (!utf8.isComplete()) whole = startOfLastCodePoint();
            if (whole > 0) pieces.onTextPiece(message.readUtf8(whole), false);
        } else {
            pieces.onBinaryPiece(message.readByteString(), false);
        }
    }

    private long startOfLastCodePoint() {
        long at = message.size() - 1;
        while ((message.getByte(at) & 0xc0) == 0x80) at--;
        return at;
    }

    private void endMessage() throws IOException {
        boolean isText = messageOpcode == Opcode.TEXT;
        messageOpcode = NO_MESSAGE;
        if (isText) {
            if (!utf8.isComplete()) throw FrameReader.notUtf8();
            if (pieces == null) reportText();
            else pieces.onTextPiece(message.readUtf8(), true);
        } else {
            ByteString rest = message.readByteString();
            if (pieces == null) handler.onBinary(rest);
            else pieces.onBinaryPiece(rest, true);
        }
    }

    private void reportText() throws IOException {
        text.setChecked(message.readByteArray());
        handler.onText(text);
        text.clear();
    }

    /** Releases native memory and the text. Nothing may be read afterwards. */
    @Override
    public void close() {
        text.clear();
        if (inflater != null) inflater.close();
    }

    private ProtocolViolation tooBig() {
        return new ProtocolViolation(
                ProtocolViolation.MESSAGE_TOO_BIG, "message over the limit of " + maxMessageBytes + " bytes");
    }

    private static ProtocolViolation violation(String message) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, message);
    }
}
