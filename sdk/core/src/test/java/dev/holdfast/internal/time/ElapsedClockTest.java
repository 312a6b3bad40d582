package dev.holdfast.internal.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ElapsedClockTest {
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long HOUR = 3600 * SECOND;

    private final AtomicLong awake = new AtomicLong(1000 * SECOND);
    private final AtomicLong wall = new AtomicLong(50 * 365 * 24 * HOUR);
    private final ElapsedClock clock = new ElapsedClock(awake::get, wall::get);

    private void pass(long nanos) {
        awake.addAndGet(nanos);
        wall.addAndGet(nanos);
    }

    @Test
    void goesOnFromTheTicker() {
        assertEquals(1000 * SECOND, clock.nanos());
        pass(7 * SECOND);
        assertEquals(1007 * SECOND, clock.nanos());
    }

    @Test
    void countsASleepOnce() {
        wall.addAndGet(HOUR);
        assertEquals(1000 * SECOND + HOUR, clock.nanos());
        assertEquals(1000 * SECOND + HOUR, clock.nanos());
        pass(SECOND);
        wall.addAndGet(HOUR);
        assertEquals(1001 * SECOND + 2 * HOUR, clock.nanos());
    }

    @Test
    void countsNoStepUpToFiveSeconds() {
        for (int i = 0; i < 10; i++) {
            wall.addAndGet(5 * SECOND);
            assertEquals(1000 * SECOND, clock.nanos());
        }
        wall.addAndGet(5 * SECOND + 1);
        assertEquals(1005 * SECOND + 1, clock.nanos());
    }

    @Test
    void countsNoStepBackAndGoesOnFromThere() {
        wall.addAndGet(-HOUR);
        assertEquals(1000 * SECOND, clock.nanos());
        wall.addAndGet(6 * SECOND);
        assertEquals(1006 * SECOND, clock.nanos());
        wall.addAndGet(-6 * SECOND);
        assertEquals(1006 * SECOND, clock.nanos());
    }

    /** A tenth of a second in a thousand, for a day. */
    @Test
    void countsNoDrift() {
        for (int i = 0; i < 864; i++) {
            pass(100 * SECOND);
            wall.addAndGet(10 * MILLISECOND);
            assertEquals((1000 + (i + 1) * 100L) * SECOND, clock.nanos());
        }
    }

    @Test
    void toleranceDoesNotHideAStep() {
        wall.addAndGet(100 * MILLISECOND);
        assertEquals(1000 * SECOND, clock.nanos());
        wall.addAndGet(5 * SECOND - 100 * MILLISECOND);
        assertEquals(1000 * SECOND, clock.nanos());
        wall.addAndGet(5 * SECOND + MILLISECOND);
        assertEquals(1005 * SECOND + MILLISECOND, clock.nanos());
    }

    /** The process is frozen between two readings, and the ticker counts that itself. */
    @Test
    void takesAPauseBetweenItsOwnReadingsForNoSleep() {
        for (int pausesAt = 1; pausesAt <= 8; pausesAt++) {
            AtomicLong now = new AtomicLong(1000 * SECOND);
            AtomicLong readings = new AtomicLong();
            long pause = pausesAt;
            Ticker pausing = () -> {
                long read = now.get();
                if (readings.incrementAndGet() == pause) now.addAndGet(60 * SECOND);
                return read;
            };
            ElapsedClock frozen = new ElapsedClock(pausing, pausing);
            for (int i = 0; i < 5; i++) frozen.nanos();
            assertEquals(1060 * SECOND, frozen.nanos(), "at reading " + pausesAt);
        }
    }

    @Test
    void threadsThatWakeTogetherCountASleepOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 200; round++) {
                wall.addAndGet(HOUR);
                List<Future<Long>> readings = new ArrayList<>();
                for (int i = 0; i < 4; i++) readings.add(threads.submit(clock::nanos));
                for (Future<Long> reading : readings) assertEquals(1000 * SECOND + round * HOUR, reading.get());
            }
        } finally {
            threads.shutdown();
        }
    }
}
