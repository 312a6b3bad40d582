package dev.holdfast.internal.frame;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import okio.Buffer;
import okio.ByteString;

/**
 * Reads frames from a stream (RFC 6455 section 5.2): first a header, then its payload, in pieces or, if it is short, whole. A
 * header that is not legal fails before its payload is read.
 *
 * <p>Blocks while the stream does. Not thread-safe.
 */
public final class FrameReader {
    private static final int RSV = 0x70;
    static final int OPCODE = 0x0f;
    private static final int MIN_HEADER_BYTES = 2;
    /** The longest header without a masking key. */
    private static final int MAX_UNMASKED_HEADER_BYTES = FrameWriter.MAX_HEADER_BYTES - Integer.BYTES;

    /** The maximum payload that {@link #readBytes} reads. */
    private static final int MAX_SHORT_BYTES = 4 * 1024 * 1024;

    /** The memory, in bytes, that is allocated for a payload before any of it has come. */
    private static final int MAX_TRUSTED_BYTES = ReadBuffer.MAX_BYTES;

    /** A longer payload is allocated in full when one part in this many has come. */
    private static final int PROOF_SHARE = 4;

    private final ReadBuffer in;
    private final Payload payload = new Payload();
    /** The start of a payload that has not been allocated in full. */
    private final Buffer proof = new Buffer();

    private final boolean masked;
    private final boolean rsv1Allowed;

    private boolean fin;
    private boolean rsv1;
    private int opcode;
    private long length;
    private long remaining;
    private int maskingKey;
    /** The length of the last payload, if it was long: the peer is trusted to send another one of this length. */
    private int trusted = MAX_TRUSTED_BYTES;

    /** Whether the last payload was long. The next one may be as well. */
    private boolean afterLong;

    /**
     * Creates a reader.
     *
     * @param masked whether the peer must mask its frames: a client must, a server must not (RFC 6455 section 5.1)
     * @param rsv1Allowed whether the first frame of a message may have RSV1 set, as with compression (RFC 7692 section 6)
     */
    public FrameReader(InputStream in, boolean masked, boolean rsv1Allowed) {
        this.in = new ReadBuffer(in);
        this.masked = masked;
        this.rsv1Allowed = rsv1Allowed;
    }

    /**
     * Reads the next header. The payload of the previous frame must have been read.
     *
     * @return false if the stream ended between two frames
     * @throws ProtocolViolation if the header is not legal
     * @throws EOFException if the stream ended inside the header
     */
    public boolean readHeader() throws IOException {
        if (remaining != 0)
            throw new IllegalStateException("the payload must be read first: " + remaining + " bytes remain");
        if (in.available() < MIN_HEADER_BYTES) {
            // A longer read would bring a part of another long payload, and that part would be copied twice.
            int most = afterLong ? MAX_UNMASKED_HEADER_BYTES : ReadBuffer.MAX_BYTES;
            if (in.available() == 0 && !in.readMore(1, most)) return false;
            require(MIN_HEADER_BYTES);
        }
        afterLong = false;
        int first = in.readByte();
        int second = in.readByte();

        fin = (first & FrameWriter.FIN) != 0;
        opcode = first & OPCODE;
        rsv1 = (first & RSV) != 0;
        if (rsv1 && ((first & RSV) != FrameWriter.RSV1 || !mayBeMarked())) {
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
        if (length >= FrameWriter.LENGTH_16_BIT) readExtendedLength();
        if (masked) {
            require(Integer.BYTES);
            maskingKey = in.readInt();
        }
        remaining = length;
        return true;
    }

    private boolean mayBeMarked() {
        return rsv1Allowed && opcode != Opcode.CONTINUATION && !Opcode.isControl(opcode);
    }

    private void readExtendedLength() throws IOException {
        if (length == FrameWriter.LENGTH_16_BIT) {
            require(Short.BYTES);
            length = in.readShort();
            if (length < FrameWriter.LENGTH_16_BIT) throw violation("length " + length + " in 16 bits");
        } else {
            require(Long.BYTES);
            length = in.readLong();
            if (length < 0) throw violation("length with its highest bit set");
            if (length <= FrameWriter.MAX_16_BIT) throw violation("length " + length + " in 64 bits");
        }
    }

    /** Returns whether the frame is the last of its message. */
    public boolean fin() {
        return fin;
    }

    /** Returns the first reserved bit: whether the frame is the first of a compressed message (RFC 7692 section 6). */
    public boolean rsv1() {
        return rsv1;
    }

    public int opcode() {
        return opcode;
    }

    /** Returns the payload's length in bytes, as in the header. */
    public long length() {
        return length;
    }

    /** Returns the number of payload bytes that have not been read. */
    public long remaining() {
        return remaining;
    }

    /**
     * Appends the next piece of the payload, unmasked, to {@code sink}: what has arrived, at least one byte.
     *
     * @throws EOFException if the stream ended inside the payload
     */
    public void readPayload(Buffer sink) throws IOException {
        if (in.available() == 0) readMore(1);
        int count = (int) Math.min(in.available(), remaining);
        int from = in.position();
        if (masked) maskingKey = Masking.apply(in.data(), in.words(), from, from + count, maskingKey);
        sink.write(in.data(), from, count);
        in.skip(count);
        remaining -= count;
    }

    /** Returns whether {@link #readText}, for a text, or otherwise {@link #readBytes} may read the payload. */
    public boolean isShort() {
        return length <= (opcode == Opcode.TEXT ? ReadBuffer.MAX_BYTES : MAX_SHORT_BYTES) && !masked;
    }

    /**
     * Reads a short payload without copying it: {@code text} is valid until the next call of this reader. It is checked only
     * if it has to be waited for; it is then checked while it comes in.
     *
     * @throws ProtocolViolation at the first bad byte of a text that comes in pieces
     * @throws EOFException if the stream ended inside the payload
     */
    public void readText(Utf8Text text) throws IOException {
        int whole = (int) length;
        if (in.available() >= whole) {
            text.set(in.data(), in.words(), in.position(), whole);
        } else {
            awaitText(whole, text.validator());
            text.setChecked(in.data(), in.words(), in.position(), whole);
        }
        in.skip(whole);
        remaining = 0;
    }

    private void awaitText(int whole, Utf8Validator utf8) throws IOException {
        utf8.begin();
        int checked = 0;
        while (true) {
            int there = Math.min(in.available(), whole);
            int from = in.position();
            if (!utf8.check(in.data(), in.words(), from + checked, from + there)) throw notUtf8();
            checked = there;
            if (checked == whole) return;
            readMore(whole);
        }
    }

    /**
     * Reads a short payload. Allocates at most 64 KiB, four times what has come of it, or the length of the long payload before, so
     * that a header alone, which costs a server nothing, does not make a client allocate megabytes. Payloads up to 64 KiB,
     * three quarters of a longer one, and all of one that is not longer than the long one before are read without a copy.
     *
     * @throws EOFException if the stream ended inside the payload
     */
    public ByteString readBytes() throws IOException {
        if (length > trusted) {
            while (proof.size() < length / PROOF_SHARE) readPayload(proof);
        }
        ByteString bytes = ByteString.read(payload, (int) length);
        remaining = 0;
        afterLong = length > MAX_TRUSTED_BYTES;
        if (afterLong) trusted = (int) length;
        return bytes;
    }

    /** The rest of the current payload. */
    private final class Payload extends InputStream {
        @Override
        public int read() {
            throw new UnsupportedOperationException("reading single bytes is not supported");
        }

        @Override
        public int read(byte[] into, int offset, int byteCount) throws IOException {
            if (!proof.exhausted()) return proof.read(into, offset, byteCount);
            int read = in.read(into, offset, byteCount);
            if (read == -1) throw cutShort();
            remaining -= read;
            return read;
        }
    }

    private void readMore(int wanted) throws IOException {
        if (!in.readMore(wanted)) throw cutShort();
    }

    private EOFException cutShort() {
        return cutShort((length - remaining + in.available()) + " of " + length + " bytes of payload");
    }

    private void require(int byteCount) throws IOException {
        if (!in.require(byteCount)) throw cutShort("part of a frame header");
    }

    /** Returns the failure of a text message that is not UTF-8 (RFC 6455 section 8.1). */
    public static ProtocolViolation notUtf8() {
        return new ProtocolViolation(ProtocolViolation.INVALID_PAYLOAD, "text message is not UTF-8");
    }

    private static ProtocolViolation violation(String message) {
        return new ProtocolViolation(ProtocolViolation.PROTOCOL_ERROR, message);
    }

    private static EOFException cutShort(String after) {
        return new EOFException("stream ended after " + after);
    }
}
