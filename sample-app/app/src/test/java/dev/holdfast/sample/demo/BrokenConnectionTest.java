package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.testkit.Direction;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the network that strike an open connection. */
@Timeout(180)
class BrokenConnectionTest extends FaultHarness {
    private static final String DEAF = "no answer to a ping while a message waits for its acknowledgement";

    @Test
    void aResetIsNoticedWithoutAHeartbeat() {
        talk(builder());
        proxy.cut();
        assertNoticed();
    }

    @Test
    void anEndOfTheStreamWithoutACloseFrameIsNoticedWithoutAHeartbeat() {
        talk(builder());
        proxy.end();
        assertNoticed();
    }

    @ParameterizedTest
    @EnumSource
    void aBlackHoleIsNoticedWithinIntervalAndDeadlineOfTheLastByte(Direction direction) {
        talk(builder().heartbeat(QUICK));
        long fault = System.nanoTime();
        proxy.blackHole(direction, true);
        Told.Failure failure = awaitFailureSince(fault);
        proxy.blackHole(direction, false);
        assertNoticedIn(failure, fault);
        // Bytes may come until the server misses the acknowledgements: they do not prove that it reads.
        if (!failure.what().message().equals(DEAF)) assertDead(failure);
        awaitResumed(1);
        awaitExchange();
    }

    @ParameterizedTest
    @EnumSource
    void aBlackHoleIsNoticedWhereNothingIsSentEither(Direction direction) {
        connect(builder().heartbeat(QUICK));
        long fault = System.nanoTime();
        proxy.blackHole(direction, true);
        Told.Failure failure = awaitFailureSince(fault);
        proxy.blackHole(direction, false);
        assertNoticedIn(failure, fault);
        assertDead(failure);
        awaitResumed(1);
    }

    @Test
    void aForgottenConnectionIsNoticed() {
        talk(builder().heartbeat(QUICK));
        long fault = System.nanoTime();
        proxy.forget();
        Told.Failure failure = awaitFailureSince(fault);
        assertNoticedIn(failure, fault);
        if (!failure.what().message().equals(DEAF)) assertDead(failure);
        awaitResumed(1);
        awaitExchange();
    }

    private static void assertNoticedIn(Told.Failure failure, long fault) {
        assertWithin(INTERVAL.plus(DEADLINE).plus(SLACK), failure.sinceFault(fault));
    }

    private static void assertDead(Told.Failure failure) {
        assertEquals("no sign of life since a ping", failure.what().message());
        // Pings go out up to a quarter of the interval early, together with others'.
        Duration least = INTERVAL.multipliedBy(3).dividedBy(4).plus(DEADLINE);
        assertTrue(failure.what().sinceLastInbound().compareTo(least) >= 0, "too soon");
    }

    private void assertNoticed() {
        Told.Failure failure = awaitFailure(1);
        assertEquals(Phase.SESSION, failure.what().phase());
        assertEquals(0, failure.what().closeCode());
        awaitResumed(1);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }

    @Test
    void aServerThatPingsIsMissedWhenItIsSilent() {
        // A busy machine may be late with several pings in a row.
        Duration silence = INTERVAL.multipliedBy(12);
        connect(builder().heartbeat(Heartbeat.serverPings(silence)));
        AtomicInteger pings = new AtomicInteger();
        ScheduledExecutorService pinging = Executors.newSingleThreadScheduledExecutor();
        try {
            var unused = pinging.scheduleAtFixedRate(
                    () -> {
                        server.ping();
                        pings.incrementAndGet();
                    },
                    0,
                    silence.toMillis() / 20,
                    TimeUnit.MILLISECONDS);
            await("two silences' worth of pings", () -> pings.get() > 40);
            assertEquals(List.of(), told.failures);

            long fault = System.nanoTime();
            proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
            Told.Failure failure = awaitFailureSince(fault);
            proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
            assertWithin(silence.plus(SLACK), failure.sinceFault(fault));
            awaitResumed(1);
            assertEquals(ClientState.OPEN, state());
        } finally {
            pinging.shutdownNow();
        }
    }

    @Test
    void aLongLineIsNotADeadOne() {
        // Longer than the interval, and far shorter than the deadline.
        proxy.delay(Duration.ofMillis(80));
        talk(builder().heartbeat(Heartbeat.every(Duration.ofMillis(60)).withDeadline(Duration.ofSeconds(10))));
        awaitExchange();
        assertEquals(List.of(), told.failures);
        proxy.cut();
        awaitResumed(1);
        awaitExchange();
        proxy.delay(Duration.ZERO);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }

    @Test
    void aNarrowLineIsNotADeadOne() {
        // What waits for its acknowledgement takes longer than interval and deadline to get through.
        talk(builder().heartbeat(Heartbeat.every(INTERVAL).withDeadline(Duration.ofSeconds(1))));
        proxy.throttle(8_000);
        awaitArrivals(300);
        assertEquals(List.of(), told.failures);
        proxy.cut();
        awaitResumed(1);
        awaitArrivals(50);
        proxy.throttle(0);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }
}
