package dev.holdfast.benchmarks.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A reader of a stream's frames at the lowest cost: it reads headers, and of a payload only what the caller requests.
 *
 * <p>Not thread-safe.
 */
public final class FrameInput {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int HEADER_BYTES = 14;

    private final InputStream in;
    private final byte[] data = new byte[BUFFER_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(data);
    private int position;
    private int limit;

    private int opcode;
    private boolean fin;
    private long length;
    private int maskingKey;
    /** Payload bytes of the current frame that have not been skipped. */
    private long remaining;

    public FrameInput(InputStream in) {
        this.in = in;
    }

    /** Skips the rest of the current frame and goes to the next. Returns false at the end of the stream. */
    public boolean next() throws IOException {
        skipPayload();
        if (!buffered(2)) {
            if (position == limit) return false;
            throw new EOFException("stream ended inside a header");
        }
        int first = data[position];
        int second = data[position + 1];
        opcode = first & 0x0f;
        fin = first < 0;
        boolean masked = second < 0;
        int shortLength = second & 0x7f;
        int header = 2 + (shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8) + (masked ? 4 : 0);
        if (!buffered(header)) throw new EOFException("stream ended inside a header");
        length = shortLength < 126
                ? shortLength
                : shortLength == 126 ? buffer.getShort(position + 2) & 0xffff : buffer.getLong(position + 2);
        maskingKey = masked ? buffer.getInt(position + header - 4) : 0;
        position += header;
        remaining = length;
        return true;
    }

    /** Returns whether the next frame has not arrived yet, which is a good moment to flush. */
    public boolean isDrained() {
        return limit - position <= remaining;
    }

    public int opcode() {
        return opcode;
    }

    /** Returns whether the frame is the last of its message. */
    public boolean fin() {
        return fin;
    }

    public long length() {
        return length;
    }

    /** Returns one byte of the payload, unmasked. The payload must be short or the index small. */
    public int payloadAt(int index) throws IOException {
        if (!buffered(index + 1)) throw new EOFException("stream ended inside a payload");
        return (data[position + index] ^ (maskingKey >>> (24 - 8 * (index & 3)))) & 0xff;
    }

    /** Returns the whole payload of a short frame, unmasked. */
    public byte[] payload() throws IOException {
        if (length > BUFFER_BYTES - HEADER_BYTES) throw new IOException("a payload of " + length + " bytes");
        byte[] payload = new byte[(int) length];
        for (int i = payload.length - 1; i >= 0; i--) payload[i] = (byte) payloadAt(i);
        return payload;
    }

    /** Returns the whole payload of a short frame as text. */
    public String text() throws IOException {
        return new String(payload(), StandardCharsets.UTF_8);
    }

    private void skipPayload() throws IOException {
        while (remaining > 0) {
            if (position == limit && !fill()) throw new EOFException("stream ended inside a payload");
            int skipped = (int) Math.min(remaining, limit - position);
            position += skipped;
            remaining -= skipped;
        }
    }

    private boolean buffered(int bytes) throws IOException {
        while (limit - position < bytes) {
            if (!fill()) return false;
        }
        return true;
    }

    private boolean fill() throws IOException {
        if (position == limit) {
            position = 0;
            limit = 0;
        } else if (limit == data.length) {
            System.arraycopy(data, position, data, 0, limit - position);
            limit -= position;
            position = 0;
        }
        int read = in.read(data, limit, data.length - limit);
        if (read == -1) return false;
        limit += read;
        return true;
    }
}
