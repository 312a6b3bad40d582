package dev.holdfast.internal.frame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Bytes that were read and not used yet, in one array, so that a header, or the payload of a short frame, is contiguous. The
 * array grows with the traffic and shrinks when there is little, so that an idle connection keeps little memory.
 *
 * <p>Blocks while the stream does. Not thread-safe.
 */
final class ReadBuffer {
    /** The maximum of contiguous bytes, and of bytes read at a time. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int MIN_BYTES = 256;
    /** The number of small reads in a row after which the array shrinks. */
    private static final int QUIET_READS = 16;

    private final InputStream in;
    private byte[] data = new byte[MIN_BYTES];
    private ByteBuffer words = Words.of(data);
    private int position;
    private int limit;

    /** The length that the array should have, judged by the last reads. */
    private int capacity = MIN_BYTES;

    private int quietReads;

    ReadBuffer(InputStream in) {
        this.in = in;
    }

    /** Returns the array; unused bytes begin at {@link #position}. They stay in place until more is read. */
    byte[] data() {
        return data;
    }

    /** Returns the array as little-endian words. */
    ByteBuffer words() {
        return words;
    }

    int position() {
        return position;
    }

    int available() {
        return limit - position;
    }

    /** Marks available bytes as used. */
    void skip(int byteCount) {
        position += byteCount;
    }

    int readByte() {
        return data[position++] & 0xff;
    }

    int readShort() {
        return (readByte() << 8) | readByte();
    }

    int readInt() {
        return (readShort() << 16) | readShort();
    }

    long readLong() {
        return ((readInt() & 0xffff_ffffL) << 32) | (readInt() & 0xffff_ffffL);
    }

    /** Reads until {@code byteCount} bytes are available, at most {@link #MAX_BYTES}. Returns false if the stream ended. */
    boolean require(int byteCount) throws IOException {
        while (available() < byteCount) {
            if (!readMore(byteCount)) return false;
        }
        return true;
    }

    /**
     * Reads at least one byte more.
     *
     * @param wanted the number of contiguous bytes for which to make room, including the available ones
     * @return false if the stream ended
     */
    boolean readMore(int wanted) throws IOException {
        return readMore(wanted, MAX_BYTES);
    }

    /** Reads as {@link #readMore(int)}, but at most {@code max} bytes. */
    boolean readMore(int wanted, int max) throws IOException {
        makeRoom(wanted);
        int room = data.length - limit;
        int read = in.read(data, limit, Math.min(room, max));
        if (read == -1) return false;
        limit += read;
        if (read == room) capacity = Math.min(MAX_BYTES, 4 * data.length);
        quietReads = read <= MIN_BYTES ? quietReads + 1 : 0;
        return true;
    }

    /** Reads available bytes; if there are none, reads from the stream directly. Returns -1 if the stream ended. */
    int read(byte[] into, int offset, int byteCount) throws IOException {
        int available = available();
        if (available == 0) return in.read(into, offset, byteCount);
        int count = Math.min(available, byteCount);
        System.arraycopy(data, position, into, offset, count);
        position += count;
        return count;
    }

    private void makeRoom(int wanted) {
        int kept = available();
        if (kept == 0 && quietReads >= QUIET_READS) capacity = MIN_BYTES;
        int length = Math.max(wanted, capacity);
        byte[] to = data.length < length || (kept == 0 && data.length > length) ? new byte[length] : data;
        System.arraycopy(data, position, to, 0, kept);
        if (data != to) words = Words.of(to);
        data = to;
        position = 0;
        limit = kept;
    }
}
