package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HandledSignalTest {
    private static final long KIB = 1024;

    private long now;
    private final HandledSignal signal = new HandledSignal(() -> now);

    @Test
    void theFirstAfterALookAsksForOneThatSetsTheTimer() {
        assertTrue(signal.add(1, true));
        assertFalse(signal.add(1, true));
        signal.reset();
        signal.update(true);
        assertFalse(signal.add(1, false));
    }

    @Test
    void sixtyFourMessagesAreEnough() {
        setTimer();
        assertEquals(64, handledUntilDue(1, false));
    }

    @Test
    void aQuarterOfAMebibyteIsEnough() {
        setTimer();
        assertEquals(16, handledUntilDue(16 * KIB, false));
    }

    @Test
    void withinAMillisecondFourTimesAsMuchGoesIntoOne() {
        setTimer();
        assertEquals(256, handledUntilDue(1, true));
    }

    @Test
    void slowOnesDoNotWaitForEachOther() {
        setTimer();
        for (int i = 0; i < 100; i++) assertFalse(signal.add(1, true));
        now += TimeUnit.MILLISECONDS.toNanos(1);
        assertTrue(signal.add(1, true));
    }

    /** However many come before the machine gets to it. */
    @Test
    void oneLookIsAskedForAtATime() {
        setTimer();
        assertEquals(64, handledUntilDue(1, false));
        for (int i = 0; i < 1000; i++) assertFalse(signal.add(1, false));
        signal.reset();
        assertEquals(64, handledUntilDue(1, false));
    }

    @Test
    void whoeverHasNoMoreAsksWhetherThereAreEnough() {
        setTimer();
        for (int i = 0; i < 63; i++) signal.add(1, true);
        assertFalse(signal.isLookDue());
        signal.add(1, true);
        assertTrue(signal.isLookDue());
        signal.reset();
        assertFalse(signal.isLookDue());
    }

    /** What was handled after the machine looked and before it gave its timer up must not wait for ever. */
    @Test
    void whatCameWhileALookSeemedToComeByItselfIsLookedAt() {
        setTimer();
        signal.add(1, true);
        assertTrue(signal.update(false));
        assertFalse(signal.update(false));
    }

    private void setTimer() {
        signal.reset();
        signal.update(true);
    }

    private int handledUntilDue(long cost, boolean moreFollow) {
        int handled = 1;
        while (!signal.add(cost, moreFollow)) handled++;
        return handled;
    }
}
