package dev.holdfast.internal.frame;

import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Appends frames to a buffer, RFC 6455 section 5.2: header, payload and mask straight into the array that goes out. It
 * does no I/O: whoever owns the buffer decides when.
 *
 * <p>Not thread-safe.
 */
public final class FrameWriter {
    /** The longest payload of a control frame, section 5.5. */
    public static final int MAX_CONTROL_PAYLOAD = 125;

    /** The longest header, with a masking key. */
    public static final int MAX_HEADER_BYTES = 14;

    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int MASKED = 0x80;
    static final int LENGTH_16_BIT = 126;
    static final int LENGTH_64_BIT = 127;
    static final int MAX_16_BIT = 0xffff;

    private @Nullable MaskingKeys maskingKeys;
    private FrameBuffer out;
    /** Made for the first text. */
    private @Nullable Ascii ascii;

    private @Nullable FrameObserver observer;
    /** What the compressed message at hand begins with, for the observer. */
    private ByteString start = ByteString.EMPTY;

    /**
     * @param maskingKeys for a client, whose every frame is masked with a key of its own; null for a server, whose
     *     frames never are (section 5.1)
     */
    public FrameWriter(FrameBuffer out, @Nullable MaskingKeys maskingKeys) {
        this.out = out;
        this.maskingKeys = maskingKeys;
    }

    /** Has the frames from now on appended to another buffer, and masked with other keys. */
    public void into(FrameBuffer buffer, MaskingKeys keys) {
        out = buffer;
        maskingKeys = keys;
    }

    /** Appends a frame whose payload is {@code payload[offset, offset + byteCount)}. */
    public void writeFrame(boolean fin, int opcode, ByteString payload, int offset, int byteCount) {
        if (Opcode.isControl(opcode) && (!fin || byteCount > MAX_CONTROL_PAYLOAD)) {
            throw new IllegalArgumentException("control frame with fin " + fin + " and " + byteCount + " bytes");
        }
        int firstByte = (fin ? FIN : 0) | opcode;
        int key = writeHeader(firstByte, byteCount);
        int payloadStart = out.size();
        out.write(payload, offset, byteCount);
        finish(firstByte, payloadStart, key);
    }

    /**
     * Appends a data frame whose payload is the first {@code byteCount} bytes of {@code payload}, and takes them from it.
     *
     * @param rsv1 whether the message is compressed, RFC 7692 section 6; never on a continuation
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
     * @param utf8Length the bytes of {@code text} in UTF-8, which the caller knows already
     */
    public void writeText(String text, int utf8Length) {
        int start = out.size();
        if (utf8Length == text.length() && writeAscii(text)) return;
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, utf8Length);
        int payloadStart = out.size();
        out.writeUtf8(text);
        int written = out.size() - payloadStart;
        if (written != utf8Length) {
            out.truncate(start);
            throw new IllegalArgumentException("text has " + written + " bytes of UTF-8, not " + utf8Length);
        }
        finish(firstByte, payloadStart, key);
    }

    /** Appends a whole text message as one frame if it is ASCII. Otherwise appends nothing, and returns false. */
    public boolean writeAscii(String text) {
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

    /** Whether a text is ASCII. */
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

    /** Who is told of each frame from now on. */
    public void observe(@Nullable FrameObserver observer) {
        this.observer = observer;
    }

    /** A compressed message begins with {@code plain}, which none of its frames will show. */
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
        if (observer != null) tell(observer, firstByte, payloadStart);
        if (maskingKeys != null) out.mask(payloadStart, key);
    }

    private void tell(FrameObserver observer, int firstByte, int payloadStart) {
        int opcode = firstByte & FrameReader.OPCODE;
        boolean rsv1 = (firstByte & RSV1) != 0;
        ByteString shown = ByteString.EMPTY;
        if (rsv1) {
            shown = start;
            start = ByteString.EMPTY;
        } else if (opcode != Opcode.CONTINUATION) {
            int most = Opcode.isControl(opcode) ? MAX_CONTROL_PAYLOAD : observer.startBytes();
            shown = out.copy(payloadStart, most);
        }
        observer.onFrame(true, (firstByte & FIN) != 0, rsv1, opcode, out.size() - payloadStart, shown);
    }
}
