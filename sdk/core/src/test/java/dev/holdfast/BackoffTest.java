package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final long HALF_SECOND = 500_000_000L;
    private static final long CAP = 30_000_000_000L;
    private final Backoff backoff = Backoff.exponential(Duration.ofMillis(500), Duration.ofSeconds(30));

    @Test
    void doublesUpToTheCap() {
        long[] expected = {500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000};
        for (int failures = 1; failures <= expected.length; failures++) {
            assertEquals(expected[failures - 1] * 1_000_000, backoff.longestDelayNanos(failures));
        }
        assertEquals(CAP, backoff.longestDelayNanos(1_000));
        assertEquals(CAP, backoff.longestDelayNanos(Integer.MAX_VALUE));
    }

    @Test
    void capsThatAreNoPowerOfTheFirst() {
        Backoff odd = Backoff.exponential(Duration.ofNanos(3), Duration.ofNanos(7));
        assertEquals(3, odd.longestDelayNanos(1));
        assertEquals(6, odd.longestDelayNanos(2));
        assertEquals(7, odd.longestDelayNanos(3));
        Backoff huge = Backoff.exponential(Duration.ofNanos(1), Duration.ofNanos(Long.MAX_VALUE));
        assertEquals(1L << 54, huge.longestDelayNanos(55));
        // Nothing is longer than a year, so that sums of times don't overflow.
        assertEquals(Duration.ofDays(365).toNanos(), huge.longestDelayNanos(56));
        assertEquals(Duration.ofDays(365).toNanos(), huge.longestDelayNanos(64));
        assertEquals(
                Duration.ofDays(365).toNanos(),
                Heartbeat.every(Duration.ofSeconds(Long.MAX_VALUE)).intervalNanos());
    }

    @Test
    void fullJitterIsEvenFromZeroToTheLongestAtTheCapToo() {
        for (int failures : new int[] {1, 50}) {
            long longest = backoff.longestDelayNanos(failures);
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
        assertEquals(HALF_SECOND, backoff.withoutJitter().delayNanos(1, new Random(1)));
        assertEquals(CAP, backoff.withoutJitter().delayNanos(99, new Random(1)));
    }

    @Test
    void refusesNonsense() {
        assertThrows(IllegalArgumentException.class, () -> Backoff.exponential(Duration.ZERO, Duration.ofSeconds(1)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Backoff.exponential(Duration.ofSeconds(2), Duration.ofSeconds(1)));
        assertThrows(IllegalArgumentException.class, () -> backoff.resetAfter(Duration.ofSeconds(-1)));
    }
}
