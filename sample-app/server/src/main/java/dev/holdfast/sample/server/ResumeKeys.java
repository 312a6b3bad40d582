package dev.holdfast.sample.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;

/**
 * The secrets that a session can be resumed with, kept as hashes. There are two between a resume and the client's first
 * envelope after it: the one it came with, in case the welcome is lost, and the one the welcome gave it.
 */
final class ResumeKeys {
    private static final int KEY_BYTES = 32;

    private ResumeKeys() {}

    static String newKey(SecureRandom random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What a store may know of a key. */
    static String hash(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether a hash is one of these, in a time that does not depend on how much of it is right. */
    static boolean isAmong(String hash, Collection<String> good) {
        byte[] presented = hash.getBytes(StandardCharsets.US_ASCII);
        boolean among = false;
        for (String one : good) {
            among |= MessageDigest.isEqual(one.getBytes(StandardCharsets.US_ASCII), presented);
        }
        return among;
    }
}
