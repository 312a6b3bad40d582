package dev.holdfast.internal.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffDelaysTest {
    private static final long HALF_SECOND = 500_000_000L;
    private static final long CAP = 30_000_000_000L;
    private static final Backoff BACKOFF = Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30));
    private final BackoffDelays backoff = new BackoffDelays(BACKOFF);

    @Test
    void doublesUpToTheCap() {
        long[] expected = {500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000};
        for (int failures = 1; failures <= expected.length; failures++) {
            assertEquals(expected[failures - 1] * 1_000_000, backoff.maxDelayNanos(failures));
        }
        assertEquals(CAP, backoff.maxDelayNanos(1_000));
        assertEquals(CAP, backoff.maxDelayNanos(Integer.MAX_VALUE));
    }

    @Test
    void maximaThatAreNoPowerOfTwoTimesTheFirst() {
        BackoffDelays odd = new BackoffDelays(Backoff.exponential(Duration.ofNanos(3), Duration.ofNanos(7)));
        assertEquals(3, odd.maxDelayNanos(1));
        assertEquals(6, odd.maxDelayNanos(2));
        assertEquals(7, odd.maxDelayNanos(3));
        BackoffDelays huge =
                new BackoffDelays(Backoff.exponential(Duration.ofNanos(1), Duration.ofNanos(Long.MAX_VALUE)));
        assertEquals(1L << 54, huge.maxDelayNanos(55));
        // Nothing is longer than a year, so that sums of times don't overflow.
        assertEquals(Duration.ofDays(365).toNanos(), huge.maxDelayNanos(56));
        assertEquals(Duration.ofDays(365).toNanos(), huge.maxDelayNanos(64));
        assertEquals(
                Duration.ofDays(365).toNanos(),
                new HeartbeatTimes(Heartbeat.every(Duration.ofSeconds(Long.MAX_VALUE))).intervalNanos());
    }

    @Test
    void fullJitterIsEvenFromZeroToTheLongestAtTheCapToo() {
        for (int failures : new int[] {1, 50}) {
            long longest = backoff.maxDelayNanos(failures);
            Random random = new Random(7);
            int[] tenths = new int[10];
            for (int i = 0; i < 10_000; i++) {
                long delay = backoff.delayNanos(failures, random);
                assertTrue(delay >= 0 && delay < longest);
                tenths[(int) (delay * 10 / longest)]++;
            }
            for (int count : tenths) assertEquals(1_000, count, 120);
        }
    }

    @Test
    void withoutJitterIsAlwaysTheLongest() {
        BackoffDelays delays = new BackoffDelays(BACKOFF.withoutJitter());
        assertEquals(HALF_SECOND, delays.delayNanos(1, new Random(1)));
        assertEquals(CAP, delays.delayNanos(99, new Random(1)));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> Backoff.exponential(Duration.ZERO, Duration.ofSeconds(1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Backoff.exponential(Duration.ofSeconds(2), Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> BACKOFF.withResetAfter(Duration.ofSeconds(-1)));
    }
}
