package dev.holdfast.sample.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The secrets that a session can be resumed with, kept as hashes. There are two between a resume and the client's first
 * envelope after it: the one it came with, in case the welcome is lost, and the one the welcome gave it.
 *
 * <p>Not thread-safe: used in the session's lane.
 */
final class ResumeKeys {
    private static final int KEY_BYTES = 32;

    private final SecureRandom random;
    private final List<byte[]> hashes = new ArrayList<>(2);

    ResumeKeys(SecureRandom random) {
        this.random = random;
    }

    /** Whether the session may be resumed with this key, in a time that does not depend on how much of it is right. */
    boolean accept(String key) {
        byte[] presented = hash(key);
        boolean accepted = false;
        for (byte[] hash : hashes) {
            accepted |= MessageDigest.isEqual(hash, presented);
        }
        return accepted;
    }

    /** Makes the first key. */
    String first() {
        hashes.clear();
        return add();
    }

    /** Makes the key that follows a presented one. Both are good until {@link #confirm}. */
    String follow(String presented) {
        hashes.clear();
        hashes.add(hash(presented));
        return add();
    }

    /** The client has the newest key: the one before it is no longer good. */
    void confirm() {
        if (hashes.size() > 1) {
            hashes.remove(0);
        }
    }

    private String add() {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        String key = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        hashes.add(hash(key));
        return key;
    }

    private static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
