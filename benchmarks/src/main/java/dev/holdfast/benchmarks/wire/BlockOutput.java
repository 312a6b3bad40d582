package dev.holdfast.benchmarks.wire;

import java.io.IOException;
import java.io.OutputStream;

/**
 * An output that collects bytes into writes of 64 KiB.
 *
 * <p>Not thread-safe.
 */
public final class BlockOutput {
    /** The size of one write. */
    public static final int BLOCK_BYTES = 64 * 1024;

    private final OutputStream out;
    private final byte[] block = new byte[BLOCK_BYTES];
    private int size;

    public BlockOutput(OutputStream out) {
        this.out = out;
    }

    /** Appends bytes, and writes each block that is full. */
    public void write(byte[] bytes) throws IOException {
        if (bytes.length > BLOCK_BYTES - size) flush();
        if (bytes.length >= BLOCK_BYTES) {
            out.write(bytes);
        } else {
            System.arraycopy(bytes, 0, block, size, bytes.length);
            size += bytes.length;
        }
    }

    /** Writes the collected bytes. */
    public void flush() throws IOException {
        if (size == 0) return;
        out.write(block, 0, size);
        size = 0;
    }
}
