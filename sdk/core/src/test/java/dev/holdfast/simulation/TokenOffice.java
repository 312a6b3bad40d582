package dev.holdfast.simulation;

import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Gives the client its credentials, and says to the server which of them are good. Credentials age while a device sleeps. */
final class TokenOffice implements CredentialProvider {
    private final World world;
    private final boolean inOpen;
    private final boolean saysHowLong;
    private final Map<String, Long> goodUntil = new HashMap<>();
    private int given;
    private int renewals;
    private final Set<String> revoked = new HashSet<>();
    private final Mishaps mishaps;
    long life = World.seconds(30);
    double failure;
    /** The client's clock may miss a sleep. */
    boolean mayErr;

    TokenOffice(World world, boolean inOpen, boolean saysHowLong, Mishaps mishaps) {
        this.world = world;
        this.inOpen = inOpen;
        this.saysHowLong = saysHowLong;
        this.mishaps = mishaps;
    }

    @Override
    public CompletionStage<Credential> credential(Reason reason) {
        world.trace("asks for a credential, " + reason);
        if (reason == Reason.EXPIRING) renewals++;
        mishaps.maybeThrowUncounted("credentials");
        CompletableFuture<Credential> answer = new CompletableFuture<>();
        boolean fails = world.chance(failure);
        // The answer reaches a process that runs, and its life counts from there.
        world.scheduler.schedule(
                () -> {
                    if (fails) {
                        answer.completeExceptionally(new IOException("token service is down"));
                    } else {
                        answer.complete(issue());
                    }
                },
                world.below(World.seconds(1)));
        return answer;
    }

    private Credential issue() {
        String token = "t" + ++given;
        goodUntil.put(token, world.elapsed() + life);
        Credential credential = inOpen ? Credential.inOpen(token) : Credential.bearer(token);
        return saysHowLong ? credential.withLifetime(Duration.ofNanos(life)) : credential;
    }

    /** Whether the token goes in the session's first envelope rather than in the handshake. */
    boolean inOpen() {
        return inOpen;
    }

    boolean isGood(String token) {
        return !revoked.contains(token) && world.elapsed() < goodUntil(token);
    }

    /** The elapsed time at which it expires. */
    long goodUntil(String token) {
        return goodUntil.getOrDefault(token, 0L);
    }

    /** Checks that an attempt that began at that elapsed time does not use a credential that was known to be expired. */
    void checkUse(String token, long begun) {
        if (!saysHowLong || mayErr || !goodUntil.containsKey(token)) return;
        if (begun > goodUntil(token)) {
            world.fail(
                    new Violation("attempt with credential " + token + ", expired for " + (begun - goodUntil(token))));
        }
    }

    void revokeAll() {
        revoked.addAll(goodUntil.keySet());
    }

    int renewals() {
        return renewals;
    }
}
