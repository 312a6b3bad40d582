package dev.holdfast.internal.frame;

import java.util.Random;

/**
 * Masking keys that the application can't predict, RFC 6455 sections 5.3 and 10.3: give it a {@link
 * java.security.SecureRandom}. Drawn in bulk, because a draw of four bytes costs almost as much as one of a kilobyte.
 *
 * <p>Not thread-safe.
 */
public final class MaskingKeys {
    private static final int MIN_POOL_BYTES = 128;
    private static final int MAX_POOL_BYTES = 64 * MIN_POOL_BYTES;

    private final Random source;
    /** Made for the first key, since an idle connection may never want one. */
    private byte[] pool = {};

    private int next;
    /** Whether the pool was too small for the keys between two refills. */
    private boolean exhausted;

    public MaskingKeys(Random source) {
        this.source = source;
    }

    int next() {
        if (next == pool.length) {
            exhausted = pool.length > 0;
            if (!exhausted) pool = new byte[MIN_POOL_BYTES];
            draw();
        }
        int key = ((pool[next] & 0xff) << 24)
                | ((pool[next + 1] & 0xff) << 16)
                | ((pool[next + 2] & 0xff) << 8)
                | (pool[next + 3] & 0xff);
        next += Integer.BYTES;
        return key;
    }

    /** Draws keys now, if many are used up, so that whoever wants the next need not. */
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
