package dev.holdfast.internal.frame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * What has come in and was not used yet, in one array, so that a header, or the payload of a short frame, is there in one
 * piece. The array grows with what comes, and shrinks again when little does: an idle connection keeps little.
 *
 * <p>Blocks while the stream does. Not thread-safe.
 */
final class ReadBuffer {
    /** As much as can be there in one piece, and as much as is read at a time. */
    static final int MAX_BYTES = 64 * 1024;

    private static final int MIN_BYTES = 256;
    /** So many small reads in a row, and the connection counts as a quiet one. */
    private static final int QUIET_READS = 16;

    private final InputStream in;
    private byte[] data = new byte[MIN_BYTES];
    private ByteBuffer words = Utf8Text.words(data);
    private int position;
    private int limit;

    /** What the array should be able to hold, by what the last reads brought. */
    private int capacity = MIN_BYTES;

    private int quietReads;

    ReadBuffer(InputStream in) {
        this.in = in;
    }

    /** The bytes that are there, from {@link #position} on. They stay until more is read. */
    byte[] data() {
        return data;
    }

    /** The same as words, the first byte of each the lowest. */
    ByteBuffer words() {
        return words;
    }

    int position() {
        return position;
    }

    int available() {
        return limit - position;
    }

    /** Marks bytes that are there as used. */
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

    /** Reads until so many bytes are there, {@link #MAX_BYTES} at most. Returns false if the stream ended before. */
    boolean require(int byteCount) throws IOException {
        while (available() < byteCount) {
            if (!readMore(byteCount)) return false;
        }
        return true;
    }

    /**
     * Reads what comes, at least one byte, behind what is there.
     *
     * @param wanted how many bytes are wanted in one piece, with those that are there
     * @return false if the stream ended
     */
    boolean readMore(int wanted) throws IOException {
        makeRoom(wanted);
        int room = data.length - limit;
        int read = in.read(data, limit, room);
        if (read == -1) return false;
        limit += read;
        if (read == room) capacity = Math.min(MAX_BYTES, 4 * data.length);
        quietReads = read <= MIN_BYTES ? quietReads + 1 : 0;
        return true;
    }

    /** Takes what is there, or else what comes, with no copy on the way. Returns -1 if the stream ended. */
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
        if (data != to) words = Utf8Text.words(to);
        data = to;
        position = 0;
        limit = kept;
    }
}
