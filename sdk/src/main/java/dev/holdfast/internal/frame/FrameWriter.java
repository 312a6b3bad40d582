package dev.holdfast.internal.frame;

import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Appends frames to a buffer, RFC 6455 section 5.2. It does no I/O: whoever owns the buffer decides when it goes out.
 *
 * <p>Not thread-safe.
 */
public final class FrameWriter {
    /** The longest payload of a control frame, section 5.5. */
    public static final int MAX_CONTROL_PAYLOAD = 125;

    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int MASKED = 0x80;
    static final int LENGTH_16_BIT = 126;
    static final int LENGTH_64_BIT = 127;
    static final int MAX_16_BIT = 0xffff;

    private final Buffer out;
    private final @Nullable MaskingKeys maskingKeys;
    private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

    private @Nullable FrameObserver observer;
    /** What the compressed message at hand begins with, for the observer. */
    private ByteString start = ByteString.EMPTY;

    /**
     * @param maskingKeys for a client, whose every frame is masked with a key of its own; null for a server, whose
     *     frames never are (section 5.1)
     */
    public FrameWriter(Buffer out, @Nullable MaskingKeys maskingKeys) {
        this.out = out;
        this.maskingKeys = maskingKeys;
    }

    /** Appends a frame whose payload is {@code payload[offset, offset + byteCount)}. */
    public void writeFrame(boolean fin, int opcode, ByteString payload, int offset, int byteCount) {
        if (Opcode.isControl(opcode) && (!fin || byteCount > MAX_CONTROL_PAYLOAD)) {
            throw new IllegalArgumentException("control frame with fin " + fin + " and " + byteCount + " bytes");
        }
        int firstByte = (fin ? FIN : 0) | opcode;
        int key = writeHeader(firstByte, byteCount);
        long payloadStart = out.size();
        out.write(payload, offset, byteCount);
        finish(firstByte, payloadStart, key);
    }

    /**
     * Appends a data frame whose payload is the first {@code byteCount} bytes of {@code payload}, and takes them from it.
     *
     * @param rsv1 whether the message is compressed, RFC 7692 section 6; never on a continuation
     */
    public void writeFrame(boolean fin, boolean rsv1, int opcode, Buffer payload, long byteCount) {
        int firstByte = (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode;
        int key = writeHeader(firstByte, byteCount);
        long payloadStart = out.size();
        out.write(payload, byteCount);
        finish(firstByte, payloadStart, key);
    }

    /**
     * Appends a whole text message as one frame.
     *
     * @param utf8Length the bytes of {@code text} in UTF-8, which the caller knows already
     */
    public void writeText(String text, long utf8Length) {
        int firstByte = FIN | Opcode.TEXT;
        int key = writeHeader(firstByte, utf8Length);
        long payloadStart = out.size();
        out.writeUtf8(text);
        if (out.size() - payloadStart != utf8Length) {
            throw new IllegalArgumentException(
                    "text has " + (out.size() - payloadStart) + " bytes of UTF-8, not " + utf8Length);
        }
        finish(firstByte, payloadStart, key);
    }

    /** Who is told of each frame from now on. */
    public void observe(@Nullable FrameObserver observer) {
        this.observer = observer;
    }

    /** A compressed message begins with {@code plain}, which none of its frames will show. */
    public void beginCompressed(Buffer plain) {
        if (observer != null && start.size() == 0) start = FrameObserver.copy(plain, 0, observer.startBytes());
    }

    private int writeHeader(int firstByte, long length) {
        int maskBit = maskingKeys != null ? MASKED : 0;
        out.writeByte(firstByte);
        if (length < LENGTH_16_BIT) {
            out.writeByte(maskBit | (int) length);
        } else if (length <= MAX_16_BIT) {
            out.writeByte(maskBit | LENGTH_16_BIT);
            out.writeShort((int) length);
        } else {
            out.writeByte(maskBit | LENGTH_64_BIT);
            out.writeLong(length);
        }
        if (maskingKeys == null) return 0;
        int key = maskingKeys.next();
        out.writeInt(key);
        return key;
    }

    private void finish(int firstByte, long payloadStart, int key) {
        if (observer != null) tell(observer, firstByte, payloadStart);
        if (maskingKeys != null) Masking.apply(out, payloadStart, key, cursor);
    }

    private void tell(FrameObserver observer, int firstByte, long payloadStart) {
        int opcode = firstByte & FrameReader.OPCODE;
        boolean rsv1 = (firstByte & RSV1) != 0;
        ByteString shown = ByteString.EMPTY;
        if (rsv1) {
            shown = start;
            start = ByteString.EMPTY;
        } else if (opcode != Opcode.CONTINUATION) {
            int most = Opcode.isControl(opcode) ? MAX_CONTROL_PAYLOAD : observer.startBytes();
            shown = FrameObserver.copy(out, payloadStart, most);
        }
        observer.onFrame(true, (firstByte & FIN) != 0, rsv1, opcode, out.size() - payloadStart, shown);
    }
}
