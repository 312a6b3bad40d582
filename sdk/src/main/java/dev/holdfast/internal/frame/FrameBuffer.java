package dev.holdfast.internal.frame;

import java.io.IOException;
import java.io.OutputStream;
import okio.Buffer;
import okio.ByteString;

/**
 * Frames on their way out, one behind the other in one array, so that they can go out in one piece. The array is used
 * again and again.
 *
 * <p>Not thread-safe.
 */
public final class FrameBuffer {
    private static final byte[] NONE = {};
    private static final char[] NO_CHARACTERS = {};
    private static final int LEAST_BYTES = 512;
    private static final int CHARACTERS = 512;

    private byte[] data = NONE;
    private int size;
    /** Where characters are on their way into {@code data}. */
    private char[] characters = NO_CHARACTERS;

    public int size() {
        return size;
    }

    /** The memory it holds, whatever is in it. */
    public int capacity() {
        return data.length;
    }

    /** Writes all of it in one piece, and is empty. */
    public void writeTo(OutputStream out) throws IOException {
        if (size == 0) return;
        int all = size;
        size = 0;
        out.write(data, 0, all);
    }

    public void clear() {
        size = 0;
    }

    /** Gives the memory back, and what is in it. */
    public void release() {
        size = 0;
        data = NONE;
        characters = NO_CHARACTERS;
    }

    /** Forgets what is there from {@code size} on. */
    void truncate(int size) {
        this.size = size;
    }

    /** Makes room behind what is there, so that the next so many bytes need no more. */
    void ensureRoom(int byteCount) {
        int needed = Math.addExact(size, byteCount);
        if (needed <= data.length) return;
        byte[] larger = new byte[(int) Math.max(needed, Math.max(LEAST_BYTES, Math.min(2L * data.length, 1 << 30)))];
        System.arraycopy(data, 0, larger, 0, size);
        data = larger;
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

    /** Takes the bytes from {@code from}. */
    void write(Buffer from, int byteCount) {
        for (int end = size + byteCount; size < end; ) size += from.read(data, size, end - size);
    }

    /** Writes text up to the first characters that are not ASCII. Returns whether there are none. */
    boolean writeAscii(String text) {
        int length = text.length();
        if (characters.length < Math.min(length, CHARACTERS)) characters = new char[CHARACTERS];
        // Out of the string in blocks, because a compiler makes a quick loop of what is an array.
        char[] block = characters;
        for (int from = 0; from < length; from += CHARACTERS) {
            int count = Math.min(CHARACTERS, length - from);
            text.getChars(from, from + count, block, 0);
            int bits = 0;
            for (int i = 0; i < count; i++) {
                char c = block[i];
                bits |= c;
                data[size + i] = (byte) c;
            }
            if (bits >= 0x80) return false;
            size += count;
        }
        return true;
    }

    /** Writes text of any kind; a surrogate without its other half becomes a question mark. */
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
        Masking.apply(data, from, size, key);
    }

    /** A copy of at most so many bytes. */
    ByteString copy(int from, int most) {
        return ByteString.of(data, from, Math.min(most, size - from));
    }
}
