package dev.holdfast.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;

/**
 * The secrets with which a session can be resumed, kept as hashes. Between a resume and the client's first envelope
 * after it, two keys are valid: the one that the client used, in case the welcome is lost, and the one in the welcome.
 */
final class ResumeKeys {
    private static final int KEY_BYTES = 32;

    private ResumeKeys() {}

    static String newKey(SecureRandom random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns the hash of a key, which is all that a store may know of it. */
    static String hash(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns whether a hash is one of these. The time that it takes does not depend on how much of the hash matches.
     */
    static boolean isAmong(String hash, Collection<String> good) {
        byte[] presented = hash.getBytes(StandardCharsets.US_ASCII);
        boolean among = false;
        for (String one : good) {
            among |= MessageDigest.isEqual(one.getBytes(StandardCharsets.US_ASCII), presented);
        }
        return among;
    }
}
