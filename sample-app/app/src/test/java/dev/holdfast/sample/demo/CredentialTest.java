package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider.Reason;
import dev.holdfast.HoldfastClientBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Credentials that expire, or that the server takes no more. */
@Timeout(180)
class CredentialTest extends FaultHarness {
    private static final Duration LIFE = Duration.ofMillis(600);

    private final List<Reason> reasons = new CopyOnWriteArrayList<>();

    @BeforeEach
    void theFirstIsGood() {
        goodTokens.add("token-1");
    }

    /** Numbers the tokens that it gives. */
    private HoldfastClientBuilder builder(Function<String, Credential> made) {
        return builder().credentialProvider(reason -> {
            reasons.add(reason);
            return CompletableFuture.completedFuture(made.apply("token-" + reasons.size()));
        });
    }

    private void onlySecondIsGood() {
        goodTokens.add("token-2");
        goodTokens.remove("token-1");
    }

    @Test
    void aHeaderThatIsRefusedIsReplacedOnce() {
        talk(builder(token -> Credential.bearer(token).withLifetime(Duration.ofHours(1))));
        onlySecondIsGood();
        proxy.cut();
        awaitResumed(1);
        assertEquals(401, told.failures.get(1).what().httpStatus());
        assertEquals(List.of(Reason.FIRST, Reason.REFUSED), reasons);
        awaitExchange();
        assertEquals(2, told.failures.size());
    }

    @Test
    void aTokenThatIsRefusedInTheOpenIsReplacedOnce() {
        talk(builder(token -> Credential.inOpen(token).withLifetime(Duration.ofHours(1))));
        onlySecondIsGood();
        proxy.cut();
        awaitResumed(1);
        assertEquals(4401, told.failures.get(1).what().closeCode());
        assertEquals(Phase.OPEN, told.failures.get(1).what().phase());
        assertEquals(List.of(Reason.FIRST, Reason.REFUSED), reasons);
        awaitExchange();
        assertEquals(2, told.failures.size());
    }

    @Test
    void aServerThatClosesForAnExpiredTokenGetsAnother() {
        talk(builder(token -> Credential.inOpen(token).withLifetime(Duration.ofHours(1))));
        onlySecondIsGood();
        session().credentialExpired();
        awaitResumed(1);
        assertEquals(4401, told.failures.get(0).what().closeCode());
        assertEquals(Phase.SESSION, told.failures.get(0).what().phase());
        assertEquals(List.of(Reason.FIRST, Reason.REFUSED), reasons);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }

    @Test
    void aTokenInTheOpenIsRenewedOnTheSameConnectionBeforeItExpires() {
        goodTokens.add("token-2");
        talk(builder(token -> Credential.inOpen(token).withLifetime(token.endsWith("1") ? LIFE : Duration.ofHours(1))));
        await("a renewal", () -> tokensTaken.contains("token-2"));
        assertEquals(List.of(Reason.FIRST, Reason.EXPIRING), reasons);
        awaitExchange();
        assertEquals(List.of(), told.failures);
        assertEquals(0, server.stats().resumed());
    }

    @Test
    void aHeaderIsRenewedByAHandoverBeforeItExpires() {
        goodTokens.add("token-2");
        talk(builder(token -> Credential.bearer(token).withLifetime(token.endsWith("1") ? LIFE : Duration.ofHours(1))));
        awaitResumed(1);
        assertTrue(tokensTaken.contains("token-2"));
        assertEquals(List.of(Reason.FIRST, Reason.EXPIRING), reasons);
        awaitExchange();
        assertEquals(List.of(), told.failures);
        assertEquals(0, told.times(ClientState.WAITING));
    }

    @Test
    void aServerThatWarnsGetsAnother() {
        goodTokens.add("token-2");
        talk(builder(Credential::inOpen));
        session().warnCredentialExpiring(Duration.ofMinutes(1));
        await("a renewal", () -> tokensTaken.contains("token-2"));
        assertEquals(List.of(Reason.FIRST, Reason.EXPIRING), reasons);
        awaitExchange();
        assertEquals(List.of(), told.failures);
        assertEquals(0, server.stats().resumed());
    }

    @Test
    void aFreshTokenThatIsRefusedAsWellEndsTheAttempts() {
        talk(builder(Credential::bearer));
        goodTokens.remove("token-1");
        goodTokens.add("token-4");
        proxy.cut();
        await("a stop", () -> state() == ClientState.IDLE);
        assertEquals(List.of(Reason.FIRST, Reason.RECONNECT, Reason.REFUSED), reasons);
        client().connect();
        awaitResumed(1);
        awaitExchange();
    }
}
