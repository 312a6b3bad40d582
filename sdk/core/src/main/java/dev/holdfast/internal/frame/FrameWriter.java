package dev.holdfast.internal.frame;

import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Appends frames (RFC 6455 section 5.2) to a buffer: header, payload and mask straight into the array that is sent. It does
 * no I/O; the owner of the buffer sends it.
 *
 * <p>Not thread-safe.
 */
public final class FrameWriter {
    /** The maximum payload of a control frame, in bytes (RFC 6455 section 5.5). */
    public static final int MAX_CONTROL_PAYLOAD = 125;

    /** The length of the longest header, with a masking key. */
    public static final int MAX_HEADER_BYTES = 14;

    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int MASKED = 0x80;
    static final int LENGTH_16_BIT = 126;
    static final int LENGTH_64_BIT = 127;
    static final int MAX_16_BIT = 0xffff;

    private @Nullable MaskingKeys maskingKeys;
    private FrameBuffer out;
    /** Created for the first text. */
    private @Nullable Ascii ascii;

    private @Nullable FrameObserver observer;
    /** The start of the current compressed message, for the observer. */
    private ByteString start = ByteString.EMPTY;

    /**
     * @param maskingKeys one for each frame of a client; null for a server, which must not mask (RFC 6455 section 5.1)
     */
    public FrameWriter(FrameBuffer out, @Nullable MaskingKeys maskingKeys) {
        this.out = out;
        this.maskingKeys = maskingKeys;
    }

    /** Switches to another buffer and other masking keys. */
    public void into(FrameBuffer buffer, @Nullable MaskingKeys keys) {
        out = buffer;
        maskingKeys = keys;
    }

    /**
     * Appends a frame whose payload is {@code payload[offset, offset + byteCount)}.
     *
     * @throws IllegalArgumentException if a control frame is fragmented or has over 125 bytes
     */
    public void writeFrame(boolean fin, int opcode, ByteString payload, int offset, int byteCount) {
        if (Opcode.isControl(opcode) && (!fin || byteCount > MAX_CONTROL_PAYLOAD)) {
            throw new IllegalArgumentException("a control frame must have FIN set and at most " + MAX_CONTROL_PAYLOAD
                    + " bytes, but had FIN " + fin + " and " + byteCount + " bytes");
        }
        int firstByte = (fin ? FIN : 0) | opcode;
        int key = writeHeader(firstByte, byteCount);
        int payloadStart = out.size();
        out.write(payload, offset, byteCount);
        finish(firstByte, payloadStart, key);
    }

    /**
     * Appends a data frame, and moves the first {@code byteCount} bytes of {@code payload} into it.
     *
     * @param rsv1 whether the message is compressed (RFC 7692 section 6); false for a continuation
     */
    public void writeFrame(boolean fin, boolean rsv1, int opcode, Buffer payload, int byteCount) {
        int firstByte = (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode;
        int key = writeHeader(firstByte, byteCount);
        int payloadStart = out.size();
        out.write(payload, byteCount);
        finish(firstByte, payloadStart, key);
    }

    /**
     * Appends a whole text message as one frame.
     *
     * @param utf8Length the length of {@code text} in UTF-8, in bytes
     * @throws IllegalArgumentException if that is not its length; nothing has been appended then
     */
    public void writeText(String text, int utf8Length) {
        int start = out.size();
        if (utf8Length == text.length() && writeIfAscii(text)) return;
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, utf8Length);
        int payloadStart = out.size();
        out.writeUtf8(text);
        int written = out.size() - payloadStart;
        if (written != utf8Length) {
            out.truncate(start);
            throw new IllegalArgumentException(
                    "utf8Length must be " + written + ", the length of the text, but was " + utf8Length);
        }
        finish(firstByte, payloadStart, key);
    }

    /** Appends a whole text message, whose UTF-8 is the first {@code size} bytes of an array, as one frame. */
    public void writeText(byte[] utf8, int size) {
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, size);
        int payloadStart = out.size();
        out.write(utf8, size);
        finish(firstByte, payloadStart, key);
    }

    /** Appends a whole text message that is ASCII as one frame. */
    public void writeAscii(String text) {
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, text.length());
        int payloadStart = out.size();
        out.writeAscii(text);
        finish(firstByte, payloadStart, key);
    }

    /** Appends a whole text message as one frame if it is ASCII. Otherwise appends nothing and returns false. */
    public boolean writeIfAscii(String text) {
        int start = out.size();
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, text.length());
        int payloadStart = out.size();
        if (!out.write(text, ascii())) {
            out.truncate(start);
            return false;
        }
        finish(firstByte, payloadStart, key);
        return true;
    }

    /** Returns whether a text is ASCII. */
    public boolean isAscii(String text) {
        return ascii().is(text);
    }

    private Ascii ascii() {
        Ascii known = ascii;
        if (known != null) return known;
        Ascii made = new Ascii();
        ascii = made;
        return made;
    }

    /** Sets the observer of the frames from now on, null for none. */
    public void observe(@Nullable FrameObserver observer) {
        this.observer = observer;
    }

    /** Keeps the start of a message that is about to be compressed, for the observer. */
    public void beginCompressed(Buffer plain) {
        if (observer != null && start.size() == 0) start = FrameObserver.copy(plain, 0, observer.startBytes());
    }

    private int writeHeader(int firstByte, int length) {
        out.ensureRoom(MAX_HEADER_BYTES + length);
        int maskBit = maskingKeys != null ? MASKED : 0;
        out.writeByte(firstByte);
        if (length < LENGTH_16_BIT) {
            out.writeByte(maskBit | length);
        } else if (length <= MAX_16_BIT) {
            out.writeByte(maskBit | LENGTH_16_BIT);
            out.writeShort(length);
        } else {
            out.writeByte(maskBit | LENGTH_64_BIT);
            out.writeLong(length);
        }
        if (maskingKeys == null) return 0;
        int key = maskingKeys.next();
        out.writeInt(key);
        return key;
    }

    private void finish(int firstByte, int payloadStart, int key) {
        if (observer != null) notify(observer, firstByte, payloadStart);
        if (maskingKeys != null) out.mask(payloadStart, key);
    }

    private void notify(FrameObserver observer, int firstByte, int payloadStart) {
        int opcode = firstByte & FrameReader.OPCODE;
        boolean rsv1 = (firstByte & RSV1) != 0;
        ByteString shown = ByteString.EMPTY;
        if (rsv1) {
            shown = start;
            start = ByteString.EMPTY;
        } else if (opcode != Opcode.CONTINUATION) {
            int max = Opcode.isControl(opcode) ? MAX_CONTROL_PAYLOAD : observer.startBytes();
            shown = out.copy(payloadStart, max);
        }
        observer.onFrame(true, (firstByte & FIN) != 0, rsv1, opcode, out.size() - payloadStart, shown);
    }
}
