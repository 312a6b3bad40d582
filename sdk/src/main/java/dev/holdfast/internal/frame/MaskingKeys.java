package dev.holdfast.internal.frame;

import java.util.Random;

/**
 * Masking keys that the application can't predict, RFC 6455 sections 5.3 and 10.3: give it a {@link
 * java.security.SecureRandom}. Drawn in bulk, because a draw of four bytes costs almost as much as one of a kilobyte.
 *
 * <p>Not thread-safe.
 */
public final class MaskingKeys {
    private static final int POOL_BYTES = 1024;

    private final Random source;
    /** Made for the first key, since an idle connection may never want one. */
    private byte[] pool = {};

    private int next;

    public MaskingKeys(Random source) {
        this.source = source;
    }

    int next() {
        if (next == pool.length) {
            if (pool.length == 0) pool = new byte[POOL_BYTES];
            source.nextBytes(pool);
            next = 0;
        }
        int key = ((pool[next] & 0xff) << 24)
                | ((pool[next + 1] & 0xff) << 16)
                | ((pool[next + 2] & 0xff) << 8)
                | (pool[next + 3] & 0xff);
        next += Integer.BYTES;
        return key;
    }
}
