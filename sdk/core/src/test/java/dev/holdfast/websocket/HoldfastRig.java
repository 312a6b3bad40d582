package dev.holdfast.websocket;

import dev.holdfast.RedirectPolicy;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.FakeClock;
import java.time.Duration;
import java.util.Random;
import java.util.function.UnaryOperator;
import okhttp3.OkHttpClient;

/** Holdfast's web sockets, on a clock that stands still. */
final class HoldfastRig extends FactoryRig {
    final FakeClock clock = new FakeClock();
    final Environment environment = new Environment(clock, clock, io, new Random(42), new Random(43), null);

    /** For web sockets opened from now on. */
    UnaryOperator<HoldfastWebSockets.Builder> settings = builder -> builder;

    @Override
    HoldfastWebSockets factory(OkHttpClient client) {
        return settings.apply(HoldfastWebSockets.builder(client)
                        .environment(environment)
                        // As OkHttp does.
                        .redirectPolicy((from, to) -> RedirectPolicy.Answer.FOLLOW_WITH_SECRETS))
                .build();
    }

    HoldfastWebSocket openHoldfast(okhttp3.WebSocketListener listener) {
        return (HoldfastWebSocket) open(listener);
    }

    @Override
    boolean has(Difference difference) {
        return true;
    }

    @Override
    void pass(Duration duration) throws InterruptedException {
        clock.awaitPending(1);
        clock.advance(duration);
    }

    @Override
    void hold(Duration duration) {
        clock.advance(duration);
    }

    @Override
    void assertNoTimers() {
        clock.assertNothingPending();
    }
}
