package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.holdfast.server.Authenticator;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SignedTokensTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final SignedTokens tokens = tokens("secret", NOW);

    private static SignedTokens tokens(String secret, Instant now) {
        return new SignedTokens(secret.getBytes(StandardCharsets.UTF_8), Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void aTokenNamesItsUserAndItsEnd() {
        assertEquals(new Authenticator.User("ada", NOW.plus(MINUTE)), check(tokens, tokens.issue("ada", MINUTE)));
    }

    @Test
    void anotherServerWithTheSameSecretTakesIt() {
        String token = tokens.issue("ada", MINUTE);
        assertEquals(new Authenticator.User("ada", NOW.plus(MINUTE)), check(tokens("secret", NOW), token));
        assertRefused("invalid", tokens("another", NOW), token);
    }

    @Test
    void itEndsOnTheMillisecond() {
        String token = tokens.issue("ada", MINUTE);
        check(tokens("secret", NOW.plus(MINUTE).minusMillis(1)), token);
        assertEquals(
                new Authenticator.User("ada", NOW.plus(MINUTE)),
                check(tokens("secret", NOW.plus(MINUTE).minusMillis(1)), token));
        assertRefused("expired", tokens("secret", NOW.plus(MINUTE)), token);
    }

    @Test
    void whatWasIssuedCanBeTakenBack() {
        String before = tokens.issue("ada", MINUTE);
        tokens.expireAll();
        assertRefused("expired", tokens, before);
        assertEquals(new Authenticator.User("ada", NOW.plus(MINUTE)), check(tokens, tokens.issue("ada", MINUTE)));
    }

    @Test
    void nothingElseIsTaken() {
        String token = tokens.issue("ada", MINUTE);
        assertRefused("missing", tokens, null);
        assertRefused("invalid", tokens, "");
        assertRefused("invalid", tokens, token.replace("ada", "eve"));
        assertRefused("invalid", tokens, token + "A");
        assertRefused("invalid", tokens, token.substring(0, token.length() - 1));
        assertThrows(IllegalArgumentException.class, () -> tokens.issue("a.b", MINUTE));
    }

    private static Authenticator.Outcome check(SignedTokens tokens, @Nullable String token) {
        return tokens.authenticate(token == null ? null : TextNode.valueOf(token));
    }

    private static void assertRefused(String code, SignedTokens tokens, @Nullable String token) {
        var refused = (Authenticator.Unauthenticated) check(tokens, token);
        assertEquals(code, refused.code());
    }
}
