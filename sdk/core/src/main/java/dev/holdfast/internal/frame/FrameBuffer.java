package dev.holdfast.internal.frame;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import okio.Buffer;
import okio.ByteString;

/**
 * Outgoing frames, one behind the other in one array, so that one write sends them all. The array is reused.
 *
 * <p>Not thread-safe.
 */
public final class FrameBuffer {
    private static final byte[] NONE = {};
    /** Wraps {@link #NONE}. Nobody moves its position: what is written has room first. */
    private static final ByteBuffer NO_BYTES = Words.of(NONE);

    private static final int MIN_BYTES = 128;

    private byte[] data = NONE;
    private int size;
    /** Wraps {@link #data}. */
    private ByteBuffer bytes = NO_BYTES;

    public int size() {
        return size;
    }

    /** Returns the length of the array in bytes. */
    public int capacity() {
        return data.length;
    }

    /** Writes the content with one call, and becomes empty. */
    public void writeTo(OutputStream out) throws IOException {
        if (size == 0) return;
        int all = size;
        size = 0;
        out.write(data, 0, all);
    }

    public void clear() {
        size = 0;
    }

    /** Drops the content and the array. */
    public void release() {
        size = 0;
        data = NONE;
        bytes = NO_BYTES;
    }

    /** Drops the bytes from index {@code size} on. */
    void truncate(int size) {
        this.size = size;
    }

    /** Makes room for {@code byteCount} more bytes. The methods that write need it. */
    void ensureRoom(int byteCount) {
        int needed = Math.addExact(size, byteCount);
        if (needed <= data.length) return;
        byte[] larger = new byte[(int) Math.max(needed, Math.max(MIN_BYTES, Math.min(2L * data.length, 1 << 30)))];
        System.arraycopy(data, 0, larger, 0, size);
        data = larger;
        bytes = Words.of(larger);
    }

    void writeByte(int b) {
        data[size++] = (byte) b;
    }

    void writeShort(int s) {
        writeByte(s >>> 8);
        writeByte(s);
    }

    void writeInt(int i) {
        writeShort(i >>> 16);
        writeShort(i);
    }

    void writeLong(long l) {
        writeInt((int) (l >>> 32));
        writeInt((int) l);
    }

    void write(ByteString bytes, int offset, int byteCount) {
        bytes.copyInto(offset, data, size, byteCount);
        size += byteCount;
    }

    /** Appends the first {@code byteCount} bytes of an array. */
    void write(byte[] from, int byteCount) {
        System.arraycopy(from, 0, data, size, byteCount);
        size += byteCount;
    }

    /** Moves bytes from the start of {@code from} to the end of this buffer. */
    void write(Buffer from, int byteCount) {
        for (int end = size + byteCount; size < end; ) size += from.read(data, size, end - size);
    }

    /** Appends a text that is ASCII. */
    @SuppressWarnings("deprecation") // It drops the upper half of each character, which is 0 in ASCII.
    void writeAscii(String text) {
        int length = text.length();
        text.getBytes(0, length, data, size);
        size += length;
    }

    /** Appends a text if it is ASCII. Otherwise appends nothing and returns false. */
    boolean write(String text, Ascii ascii) {
        bytes.clear();
        bytes.position(size);
        if (!ascii.encode(text, bytes)) return false;
        size = bytes.position();
        return true;
    }

    /** Appends a text as UTF-8. An unpaired surrogate becomes a question mark. */
    void writeUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                writeByte(c);
            } else if (c < 0x800) {
                writeByte(0xc0 | (c >> 6));
                writeByte(0x80 | (c & 0x3f));
            } else if (!Character.isSurrogate(c)) {
                writeByte(0xe0 | (c >> 12));
                writeByte(0x80 | ((c >> 6) & 0x3f));
                writeByte(0x80 | (c & 0x3f));
            } else if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                int codePoint = Character.toCodePoint(c, text.charAt(++i));
                writeByte(0xf0 | (codePoint >> 18));
                writeByte(0x80 | ((codePoint >> 12) & 0x3f));
                writeByte(0x80 | ((codePoint >> 6) & 0x3f));
                writeByte(0x80 | (codePoint & 0x3f));
            } else {
                writeByte('?');
            }
        }
    }

    void mask(int from, int key) {
        Masking.apply(data, bytes, from, size, key);
    }

    /** Returns a copy of at most {@code max} bytes. */
    ByteString copy(int from, int max) {
        return ByteString.of(data, from, Math.min(max, size - from));
    }
}
