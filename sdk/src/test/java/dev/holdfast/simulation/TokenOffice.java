package dev.holdfast.simulation;

import dev.holdfast.Credential;
import dev.holdfast.Credentials;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Gives the client its credentials, and tells the server which of them are good. */
final class TokenOffice implements Credentials {
    private final World world;
    private final boolean inOpen;
    private final boolean saysHowLong;
    private final Map<String, Long> goodUntil = new HashMap<>();
    private int given;
    private int renewals;
    long life = World.seconds(30);
    double failure;

    TokenOffice(World world, boolean inOpen, boolean saysHowLong) {
        this.world = world;
        this.inOpen = inOpen;
        this.saysHowLong = saysHowLong;
    }

    @Override
    public CompletionStage<Credential> credential(Reason reason) {
        world.trace("asks for a credential, " + reason);
        if (reason == Reason.EXPIRING) renewals++;
        CompletableFuture<Credential> answer = new CompletableFuture<>();
        boolean fails = world.chance(failure);
        world.schedule(
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
        goodUntil.put(token, world.now() + life);
        Credential credential = inOpen ? Credential.inOpen(token) : Credential.bearer(token);
        return saysHowLong ? credential.expiresIn(Duration.ofNanos(life)) : credential;
    }

    /** Whether the token goes in the session's first envelope rather than in the handshake. */
    boolean inOpen() {
        return inOpen;
    }

    boolean isGood(String token) {
        return world.now() < goodUntil(token);
    }

    long goodUntil(String token) {
        return goodUntil.getOrDefault(token, 0L);
    }

    void revokeAll() {
        goodUntil.clear();
    }

    int renewals() {
        return renewals;
    }
}
