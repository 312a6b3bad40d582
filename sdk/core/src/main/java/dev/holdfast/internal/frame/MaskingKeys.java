package dev.holdfast.internal.frame;

import java.util.Random;

/**
 * Draws masking keys (RFC 6455 sections 5.3 and 10.3). They are drawn in bulk, because four bytes from a {@link
 * java.security.SecureRandom} cost almost as much as a kilobyte.
 *
 * <p>Not thread-safe.
 */
public final class MaskingKeys {
    private static final int FEW_BYTES = 16;
    private static final int BULK_BYTES = 128;
    private static final int MAX_POOL_BYTES = 64 * BULK_BYTES;

    private final Random source;
    private final int firstBytes;
    /** Allocated for the first key: an idle connection may never need one. */
    private byte[] pool = {};

    private int next;
    /** Whether the pool was used up between two refills. It then grows. */
    private boolean exhausted;

    /** @param source cryptographic: keys must not be predictable */
    public MaskingKeys(Random source) {
        this(source, BULK_BYTES);
    }

    private MaskingKeys(Random source, int firstBytes) {
        this.source = source;
        this.firstBytes = firstBytes;
    }

    /** Returns keys that are drawn four at a time: they take little memory, and suit a caller that seldom needs one. */
    public static MaskingKeys few(Random source) {
        return new MaskingKeys(source, FEW_BYTES);
    }

    int next() {
        if (next == pool.length) {
            exhausted = pool.length > 0;
            if (!exhausted) pool = new byte[firstBytes];
            draw();
        }
        int key = ((pool[next] & 0xff) << 24)
                | ((pool[next + 1] & 0xff) << 16)
                | ((pool[next + 2] & 0xff) << 8)
                | (pool[next + 3] & 0xff);
        next += Integer.BYTES;
        return key;
    }

    /** Draws keys now if more than half of them are used, so that the thread that needs the next key need not. */
    public void refill() {
        if (exhausted) pool = new byte[Math.min(MAX_POOL_BYTES, 2 * pool.length)];
        if (exhausted || next > pool.length / 2) draw();
        exhausted = false;
    }

    private void draw() {
        source.nextBytes(pool);
        next = 0;
    }
}
