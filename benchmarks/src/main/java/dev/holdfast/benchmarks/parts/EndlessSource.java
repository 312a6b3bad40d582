package dev.holdfast.benchmarks.parts;

import okio.Buffer;
import okio.Source;
import okio.Timeout;

/** The same bytes again and again, copied a few kilobytes at a time as off a socket. */
final class EndlessSource implements Source {
    private static final int SEGMENT_BYTES = 8192;

    private final byte[] bytes;
    private int position;

    EndlessSource(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public long read(Buffer sink, long byteCount) {
        int wanted = (int) Math.min(byteCount, SEGMENT_BYTES);
        for (int left = wanted; left > 0; ) {
            int length = Math.min(left, bytes.length - position);
            sink.write(bytes, position, length);
            left -= length;
            position = (position + length) % bytes.length;
        }
        return wanted;
    }

    @Override
    public Timeout timeout() {
        return Timeout.NONE;
    }

    @Override
    public void close() {}
}
