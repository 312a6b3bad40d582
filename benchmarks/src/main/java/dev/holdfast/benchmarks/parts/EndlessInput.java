package dev.holdfast.benchmarks.parts;

import java.io.InputStream;

/** An endless input stream that repeats the same bytes. */
final class EndlessInput extends InputStream {
    private final byte[] bytes;
    private int position;

    EndlessInput(byte... bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() {
        throw new UnsupportedOperationException("byte by byte");
    }

    @Override
    public int read(byte[] into, int offset, int byteCount) {
        for (int left = byteCount; left > 0; ) {
            int length = Math.min(left, bytes.length - position);
            System.arraycopy(bytes, position, into, offset + byteCount - left, length);
            left -= length;
            position = (position + length) % bytes.length;
        }
        return byteCount;
    }
}
