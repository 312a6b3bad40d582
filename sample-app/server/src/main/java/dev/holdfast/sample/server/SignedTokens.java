package dev.holdfast.sample.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.server.Authenticator;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that name their user and their expiry, signed so that every server with the same secret can check them:
 * {@code user.end.generation.signature}. Thread-safe.
 */
public final class SignedTokens implements Authenticator {
    private static final String ALGORITHM = "HmacSHA256";
    private static final Pattern TOKEN =
            Pattern.compile("(([A-Za-z0-9_-]{1,64})\\.(\\d{1,15})\\.(\\d{1,9}))\\.([A-Za-z0-9_-]{43})");

    private final SecretKeySpec secret;
    private final Clock clock;
    private final AtomicLong generation = new AtomicLong();

    /** Creates an issuer and verifier of tokens that are signed with a secret. */
    public SignedTokens(byte[] secret) {
        this(secret, Clock.systemUTC());
    }

    SignedTokens(byte[] secret, Clock clock) {
        this.secret = new SecretKeySpec(secret, ALGORITHM);
        this.clock = clock;
    }

    /**
     * Returns a token for a user.
     *
     * @throws IllegalArgumentException if the user's name is not 1 to 64 letters, digits, {@code _} or {@code -}
     */
    public String issue(String user, Duration life) {
        String signed = user + "." + clock.instant().plus(life).toEpochMilli() + "." + generation.get();
        String token = signed + "." + signature(signed);
        if (!TOKEN.matcher(token).matches()) throw new IllegalArgumentException("not a user's name: " + user);
        return token;
    }

    /** Invalidates all tokens that were issued until now. */
    public void expireAll() {
        generation.incrementAndGet();
    }

    @Override
    public Outcome authenticate(@Nullable JsonNode credential) {
        if (credential == null) return new Unauthenticated("missing", "a token is needed");
        Matcher token = TOKEN.matcher(credential.asText());
        if (!token.matches() || !isSignature(token.group(5), token.group(1))) {
            return new Unauthenticated("invalid", "not a token of this server");
        }
        Instant end = Instant.ofEpochMilli(Long.parseLong(token.group(3)));
        if (!clock.instant().isBefore(end) || Long.parseLong(token.group(4)) < generation.get()) {
            return new Unauthenticated("expired", "the token has expired");
        }
        return new User(token.group(2), end);
    }

    private boolean isSignature(String presented, String signed) {
        return MessageDigest.isEqual(
                presented.getBytes(StandardCharsets.US_ASCII), signature(signed).getBytes(StandardCharsets.US_ASCII));
    }

    private String signature(String signed) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
