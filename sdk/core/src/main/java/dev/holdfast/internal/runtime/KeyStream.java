package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A cryptographic source of random bytes for masking keys (RFC 6455 sections 5.3 and 10.3), and faster in bulk than {@link
 * java.security.SecureRandom}: the key stream of AES in counter mode (NIST SP 800-38A section 6.5). Its key and its counter come from
 * another source, and are replaced after {@link #BYTES_PER_KEY} bytes. Where the platform has no such cipher, the bytes are
 * those of the other source.
 *
 * <p>Thread-safe. It does nothing before the first bytes are asked for.
 */
final class KeyStream extends Random {
    private static final long serialVersionUID = 1;

    static final int BYTES_PER_KEY = 1024 * 1024;

    private static final String CIPHER = "AES/CTR/NoPadding";
    private static final int KEY_BYTES = 16;
    private static final int BLOCK_BYTES = 16;

    private final transient Random seeds;
    private final String transformation;
    private final transient ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private transient @Nullable Cipher cipher;
    /** The bytes that the current key may still give. */
    @GuardedBy("lock")
    private int left;

    @GuardedBy("lock")
    private boolean unavailable;

    /** @param seeds cryptographic */
    KeyStream(Random seeds) {
        this(seeds, CIPHER);
    }

    KeyStream(Random seeds, String transformation) {
        super(0);
        this.seeds = seeds;
        this.transformation = transformation;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        lock.lock();
        try {
            for (int from = 0; from < bytes.length && !unavailable; ) from += fill(bytes, from);
            if (!unavailable) return;
        } finally {
            lock.unlock();
        }
        seeds.nextBytes(bytes);
    }

    /** Fills as many bytes as the current key may give, and returns their number. */
    @GuardedBy("lock")
    private int fill(byte[] bytes, int from) {
        try {
            Cipher current = cipher;
            if (current == null || left == 0) {
                current = newKey();
                cipher = current;
                left = BYTES_PER_KEY;
            }
            int count = Math.min(left, bytes.length - from);
            // The key stream is what encrypts zeros.
            Arrays.fill(bytes, from, from + count, (byte) 0);
            int written = current.update(bytes, from, count, bytes, from);
            // A provider that holds bytes back would leave zeros.
            if (written != count) unavailable = true;
            left -= count;
            return count;
        } catch (GeneralSecurityException | RuntimeException e) {
            // Without this cipher, or if it fails, the other source is as secure and only slower.
            unavailable = true;
            return 0;
        }
    }

    private Cipher newKey() throws GeneralSecurityException {
        Cipher made = Cipher.getInstance(transformation);
        byte[] seed = new byte[KEY_BYTES + BLOCK_BYTES];
        seeds.nextBytes(seed);
        made.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(seed, 0, KEY_BYTES, "AES"),
                new IvParameterSpec(seed, KEY_BYTES, BLOCK_BYTES));
        Arrays.fill(seed, (byte) 0);
        return made;
    }

    @Override
    protected int next(int bits) {
        byte[] bytes = new byte[Integer.BYTES];
        nextBytes(bytes);
        int value = (bytes[0] << 24) | ((bytes[1] & 0xff) << 16) | ((bytes[2] & 0xff) << 8) | (bytes[3] & 0xff);
        return value >>> (Integer.SIZE - bits);
    }
}
