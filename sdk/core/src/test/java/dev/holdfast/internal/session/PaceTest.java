package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.RateLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Times in milliseconds. */
class PaceTest {
    private static final long MILLI = 1_000_000;

    /** Sends messages of these sizes one after another, each as soon as it may go, from {@code start} on. */
    private static List<Long> times(RateLimit limit, long start, long... sizes) {
        Pace pace = new Pace(limit);
        List<Long> times = new ArrayList<>();
        long now = start * MILLI;
        for (long size : sizes) {
            now = Math.max(now, pace.due(size));
            pace.handedOver(size, now);
            times.add(now / MILLI);
        }
        return times;
    }

    @Test
    void withoutALimitEverythingGoesAtOnce() {
        assertEquals(List.of(5L, 5L), times(null, 5, 1_000_000, Long.MAX_VALUE / 2));
    }

    @Test
    void messagesGoInABurstAndThenAtTheRate() {
        RateLimit limit = RateLimit.ofMessages(10).withBurst(Duration.ofMillis(300));
        assertEquals(List.of(0L, 0L, 0L, 100L, 200L), times(limit, 0, 1, 1, 1, 1, 1));
        assertEquals(List.of(-900L, -900L, -900L, -800L, -700L), times(limit, -900, 1, 1, 1, 1, 1));
    }

    @Test
    void bytesCountByTheirNumber() {
        RateLimit limit = RateLimit.ofBytes(1_000);
        assertEquals(List.of(0L, 0L, 0L, 500L, 500L), times(limit, 0, 600, 400, 0, 500, 0));
    }

    @Test
    void bothCount() {
        RateLimit limit = RateLimit.ofBytes(1_000).withMessagesPerSecond(2);
        assertEquals(List.of(0L, 0L, 500L, 1_000L, 2_000L), times(limit, 0, 1, 1, 1, 1_000, 1_000));
    }

    @Test
    void aMessageLargerThanTheBucketGoesWhenItIsFullAndIsPaidOff() {
        RateLimit limit = RateLimit.ofBytes(1_000).withBurst(Duration.ofMillis(100));
        assertEquals(List.of(0L, 5_000L, 5_050L), times(limit, 0, 5_000, 100, 50));
    }

    @Test
    void aPauseFillsTheBucketAndNoMore() {
        Pace pace = new Pace(RateLimit.ofMessages(10));
        long later = 3_600_000 * MILLI;
        int burst = 0;
        while (pace.due(1) <= later) {
            pace.handedOver(1, later);
            burst++;
        }
        assertEquals(10, burst);
        assertEquals(later + 100 * MILLI, pace.due(1));
    }

    @Test
    void neverMoreThanTheRateAndTheBurst() {
        Random random = new Random(1);
        Pace pace = new Pace(RateLimit.ofBytes(777).withBurst(Duration.ofMillis(350)));
        double burst = 777 * 0.35;
        long now = 0;
        long sent = 0;
        for (int i = 0; i < 10_000; i++) {
            long size = random.nextInt(200);
            if (random.nextInt(10) == 0) now += random.nextInt(2_000) * MILLI;
            long due = pace.due(size);
            if (due > now) {
                // A nanosecond early is too early, and then is not: no timer spins.
                now = due;
                assertEquals(due, pace.due(size));
            }
            pace.handedOver(size, now);
            sent += size;
            assertTrue(sent <= burst + now / 1e9 * 777 + 1e-3, sent + " bytes in " + now);
        }
    }

    @Test
    void hugeRatesAndSizesDoNotWrapAround() {
        Pace pace = new Pace(RateLimit.ofBytes(1).withBurst(Duration.ofDays(10_000)));
        pace.handedOver(Long.MAX_VALUE, 0);
        assertTrue(pace.due(Long.MAX_VALUE) > 0);
        Pace fast = new Pace(RateLimit.ofMessages(Long.MAX_VALUE).withBytesPerSecond(Long.MAX_VALUE));
        fast.handedOver(1_000, 0);
        assertTrue(fast.due(1_000) <= 0);
    }
}
