package dev.holdfast.internal.frame;

import java.io.EOFException;
import java.io.IOException;
import okio.Buffer;
import okio.BufferedSource;

/**
 * Reads frames off a source, RFC 6455 section 5.2: first a header, then its payload in as many pieces as the caller
 * likes. Whatever a header alone can prove wrong is refused before a byte of its payload is buffered.
 *
 * <p>Blocks while the source does. Not thread-safe.
 */
public final class FrameReader {
    private static final int RSV = 0x70;
    static final int OPCODE = 0x0f;

    private final BufferedSource source;
    private final boolean masked;
    private final boolean rsv1Allowed;
    private final Buffer.UnsafeCursor cursor = new Buffer.UnsafeCursor();

    private boolean fin;
    private boolean rsv1;
    private int opcode;
    private long length;
    private long remaining;
    private int maskingKey;

    /**
     * A reader that buffers nothing but in {@code source}.
     *
     * @param masked whether the peer must mask: a client must, a server must not (section 5.1)
     * @param rsv1Allowed whether an extension gives RSV1 a meaning on the first frame of a message, as RFC 7692 section 6
     *     does
     */
    public FrameReader(BufferedSource source, boolean masked, boolean rsv1Allowed) {
        this.source = source;
        this.masked = masked;
        this.rsv1Allowed = rsv1Allowed;
    }

    /**
     * Reads the next header. The payload of the frame before must have been read.
     *
     * @return false where the stream ended cleanly between two frames
     * @throws ProtocolViolation if the header is not legal
     * @throws EOFException if the stream ended inside the header
     */
    public boolean readHeader() throws IOException {
        if (remaining != 0) throw new IllegalStateException(remaining + " bytes of payload not read");
        if (!source.request(1)) return false;
        require(2);
        Buffer buffered = source.getBuffer();
        int first = buffered.readByte() & 0xff;
        int second = buffered.readByte() & 0xff;

        fin = (first & FrameWriter.FIN) != 0;
        opcode = first & OPCODE;
        rsv1 = (first & FrameWriter.RSV1) != 0;
        boolean mayBeMarked = rsv1Allowed && opcode != Opcode.CONTINUATION && !Opcode.isControl(opcode);
        if ((first & RSV) != (rsv1 && mayBeMarked ? FrameWriter.RSV1 : 0)) {
            throw violation("reserved bits set without an extension that uses them");
        }
        if (Opcode.isReserved(opcode)) throw violation("reserved opcode " + opcode);
        boolean maskBit = (second & FrameWriter.MASKED) != 0;
        if (maskBit != masked) {
            throw violation(masked ? "frame from a client is not masked" : "frame from a server is masked");
        }
        length = second & ~FrameWriter.MASKED;
        if (Opcode.isControl(opcode)) {
            if (!fin) throw violation("fragmented control frame");
            if (length > FrameWriter.MAX_CONTROL_PAYLOAD) throw violation("control frame over 125 bytes");
        }
        readExtendedLength(buffered);
        if (masked) {
            require(Integer.BYTES);
            maskingKey = buffered.readInt();
        }
        remaining = length;
        return true;
    }

    private void readExtendedLength(Buffer buffered) throws IOException {
        if (length == FrameWriter.LENGTH_16_BIT) {
            require(Short.BYTES);
            length = buffered.readShort() & 0xffff;
            if (length < FrameWriter.LENGTH_16_BIT) throw violation("length " + length + " in 16 bits");
        } else if (length == FrameWriter.LENGTH_64_BIT) {
            require(Long.BYTES);
            length = buffered.readLong();
            if (length < 0) throw violation("length with its highest bit set");
            if (length <= FrameWriter.MAX_16_BIT) throw violation("length " + length + " in 64 bits");
        }
    }

    /** Whether the frame is the last of its message. */
    public boolean fin() {
        return fin;
    }

    /** The first reserved bit: the message is compressed, RFC 7692 section 6. */
    public boolean rsv1() {
        return rsv1;
    }

    public int opcode() {
        return opcode;
    }

    /** The payload's bytes as the header says. */
    public long length() {
        return length;
    }

    /** The payload's bytes not read yet. */
    public long remaining() {
        return remaining;
    }

    /**
     * Moves the next piece of the payload, unmasked, to the end of {@code sink}: what has arrived, at least one byte.
     *
     * @throws EOFException if the stream ended inside the payload
     */
    public void readPayload(Buffer sink) throws IOException {
        long start = sink.size();
        long read = source.read(sink, remaining);
        if (read == -1) throw cutShort((length - remaining) + " of " + length + " bytes of payload");
        remaining -= read;
        if (masked) {
            Masking.apply(sink, start, maskingKey, cursor);
            maskingKey = Integer.rotateLeft(maskingKey, (int) (read & 3) * Byte.SIZE);
        }
    }

    private void require(long byteCount) throws IOException {
        if (!source.request(byteCount)) throw cutShort("part of a frame header");
    }

    private static ProtocolViolation violation(String message) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, message);
    }

    private static EOFException cutShort(String after) {
        return new EOFException("stream ended after " + after);
    }
}
