package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.sample.fault.Direction;
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
@Timeout(30)
class BrokenConnectionTest extends FaultHarness {
    @Test
    void aResetIsNoticedAtOnce() {
        talk(builder());
        long fault = System.nanoTime();
        proxy.cut();
        assertNoticed(fault);
    }

    @Test
    void anEndOfTheStreamWithoutACloseFrameIsNoticedAtOnce() {
        talk(builder());
        long fault = System.nanoTime();
        proxy.end();
        assertNoticed(fault);
    }

    @ParameterizedTest
    @EnumSource
    void aBlackHoleIsNoticedWithinIntervalAndDeadlineOfTheLastByte(Direction direction) {
        talk(builder());
        long fault = System.nanoTime();
        proxy.blackHole(direction, true);
        Told.Failure failure = awaitFailure(1);
        proxy.blackHole(direction, false);
        // Upwards only, the server sends on until it misses the acknowledgements: its bytes do not prove that it reads.
        if (direction == Direction.CLIENT_TO_SERVER) {
            assertDeaf(failure, fault);
        } else {
            assertDead(failure, fault);
        }
        awaitResumed(1);
        awaitExchange();
    }

    @ParameterizedTest
    @EnumSource
    void aBlackHoleIsNoticedWhereNothingIsSentEither(Direction direction) {
        connect(builder());
        long fault = System.nanoTime();
        proxy.blackHole(direction, true);
        Told.Failure failure = awaitFailure(1);
        proxy.blackHole(direction, false);
        assertDead(failure, fault);
        awaitResumed(1);
    }

    @Test
    void aForgottenConnectionIsNoticed() {
        talk(builder());
        long fault = System.nanoTime();
        proxy.forget();
        assertDead(awaitFailure(1), fault);
        awaitResumed(1);
        awaitExchange();
    }

    private static void assertDeaf(Told.Failure failure, long fault) {
        assertEquals(
                "no answer to a ping while a message waits for its acknowledgement",
                failure.what().message());
        assertWithin(INTERVAL.plus(DEADLINE).plus(SLACK), failure.sinceFault(fault));
    }

    private static void assertDead(Told.Failure failure, long fault) {
        assertEquals("no sign of life since a ping", failure.what().message());
        Duration limit = INTERVAL.plus(DEADLINE).plus(SLACK);
        assertWithin(limit, failure.sinceFault(fault));
        assertWithin(limit, failure.what().sinceLastInbound());
        // Pings go out up to a quarter of the interval early, together with others'.
        Duration least = INTERVAL.multipliedBy(3).dividedBy(4).plus(DEADLINE);
        assertTrue(failure.what().sinceLastInbound().compareTo(least) >= 0, "too soon");
    }

    private void assertNoticed(long fault) {
        Told.Failure failure = awaitFailure(1);
        assertWithin(SLACK, Duration.ofNanos(failure.at() - fault));
        assertEquals(Phase.SESSION, failure.what().phase());
        assertEquals(0, failure.what().closeCode());
        awaitResumed(1);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }

    @Test
    void aServerThatPingsIsMissedWhenItIsSilent() {
        connect(builder().heartbeat(Heartbeat.serverPings(INTERVAL)));
        AtomicInteger pings = new AtomicInteger();
        ScheduledExecutorService pinging = Executors.newSingleThreadScheduledExecutor();
        try {
            var unused = pinging.scheduleAtFixedRate(
                    () -> {
                        server.ping();
                        pings.incrementAndGet();
                    },
                    0,
                    INTERVAL.toMillis() / 5,
                    TimeUnit.MILLISECONDS);
            await("three silences' worth of pings", () -> pings.get() > 15);
            assertEquals(List.of(), told.failures);

            long fault = System.nanoTime();
            proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
            Told.Failure failure = awaitFailure(1);
            proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
            assertWithin(INTERVAL.plus(SLACK), failure.sinceFault(fault));
            awaitResumed(1);
            assertEquals(ClientState.OPEN, state());
        } finally {
            pinging.shutdownNow();
        }
    }

    @Test
    void aLongLineIsNotADeadOne() {
        proxy.delay(Duration.ofMillis(80));
        talk(builder());
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
        talk(builder());
        proxy.throttle(20_000);
        awaitArrivals(200);
        assertEquals(List.of(), told.failures);
        proxy.cut();
        awaitResumed(1);
        awaitArrivals(200);
        proxy.throttle(0);
        awaitExchange();
        assertEquals(1, told.failures.size());
    }
}
