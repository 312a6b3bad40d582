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
 * Makes messages of frames: joins fragments with control frames between them (RFC 6455 section 5.4), decompresses (RFC
 * 7692 section 6.2), checks text at its first bad byte (section 8.1), and refuses a message that is too big as soon as
 * that shows: on a frame's header, or in the midst of decompressing.
 *
 * <p>Blocks while the source does. Not thread-safe.
 */
public final class MessageAssembler implements Closeable {
    private static final int NO_MESSAGE = -1;

    /** So much is decompressed before a piece is told, so that a small message makes one. */
    private static final int PIECE_BYTES = 8 * 1024;

    private final FrameReader frames;
    private final long maxMessageBytes;
    private final @Nullable PermessageDeflate deflate;
    private final MessageHandler handler;
    private final @Nullable PieceHandler pieces;

    /** The message at hand, or what of it has not been told. */
    private final Buffer message = new Buffer();

    private final Buffer compressed = new Buffer();
    private final Buffer control = new Buffer();
    private final Utf8Text text = new Utf8Text();
    private final Utf8Validator utf8 = text.validator();

    private @Nullable FrameObserver observer;

    /** Made when the first compressed message comes. */
    private @Nullable MessageInflater inflater;

    /** The opcode of the message whose fragments are coming in, or {@link #NO_MESSAGE}. */
    private int messageOpcode = NO_MESSAGE;

    private boolean messageCompressed;
    private boolean closed;

    /**
     * An assembler for one connection's messages.
     *
     * @param frames which allow RSV1 where compression was agreed
     * @param deflate what was agreed on compression, null if nothing was
     * @param maxMessageBytes payload bytes, decompressed, of the largest message taken; a larger one fails with 1009
     * @param pieces who takes messages in pieces, which have no limit; null where they are to be whole
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

    /** Who is told of each frame from now on, before what it completes is. */
    public void observe(@Nullable FrameObserver observer) {
        this.observer = observer;
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
        // An idle connection has no more than these. The memory that a text stood in may have been given back.
        text.clear();
        while (frames.remaining() > 0) frames.readPayload(control);
        if (observer != null) tell(observer, control.snapshot());
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
            if (observer != null) tell(observer, start(observer));
        }
        if (frames.fin()) endMessage();
    }

    /** What the message begins with, if this is its first frame. */
    private ByteString start(FrameObserver observer) {
        if (frames.opcode() == Opcode.CONTINUATION || pieces != null) return ByteString.EMPTY;
        return FrameObserver.copy(message, 0, observer.startBytes());
    }

    private void tell(FrameObserver observer, ByteString start) {
        observer.onFrame(false, frames.fin(), frames.rsv1(), frames.opcode(), frames.length(), start);
    }

    /** Whether the message is one frame that can be had in one piece, and nobody wants to look at it first. */
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
            if (frames.remaining() > 0 || !frames.fin()) tellPiece();
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
            if (message.size() >= PIECE_BYTES) tellPiece();
            start = message.size();
        }
    }

    private MessageInflater inflater() {
        MessageInflater known = inflater;
        if (known != null) return known;
        if (deflate == null) throw new IllegalStateException("compressed message without an agreement");
        MessageInflater made = deflate.newInflater();
        inflater = made;
        return made;
    }

    private void checkText(long start) throws ProtocolViolation {
        if (messageOpcode == Opcode.TEXT && !utf8.check(message, start)) throw FrameReader.notUtf8();
    }

    /** Where pieces are wanted, tells what there is of a message that goes on, but for an unfinished code point. */
    private void tellPiece() throws IOException {
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
            if (pieces == null) tellText();
            else pieces.onTextPiece(message.readUtf8(), true);
        } else {
            ByteString rest = message.readByteString();
            if (pieces == null) handler.onBinary(rest);
            else pieces.onBinaryPiece(rest, true);
        }
    }

    private void tellText() throws IOException {
        text.setChecked(message.readByteArray());
        handler.onText(text);
        text.clear();
    }

    /** Gives native memory back. Nothing may be read after it. */
    @Override
    public void close() {
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
