package dev.holdfast.benchmarks.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An input stream that reads no faster than a limit. Time spent waiting for bytes cannot be made up. */
final class ThrottledInput extends FilterInputStream {
    private static final int MAX_BYTES = 16 * 1024;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long bytesPerSecond;
    private long mayReadAt = System.nanoTime();

    ThrottledInput(InputStream in, long bytesPerSecond) {
        super(in);
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        for (long early; (early = mayReadAt - System.nanoTime()) > 0; ) LockSupport.parkNanos(early);
        int read = in.read(bytes, offset, Math.min(length, MAX_BYTES));
        mayReadAt = Math.max(mayReadAt, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(1))
                + read * NANOS_PER_SECOND / bytesPerSecond;
        return read;
    }
}
