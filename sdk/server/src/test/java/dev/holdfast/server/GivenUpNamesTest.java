package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GivenUpNamesTest {
    /** Negative, as the clock of a virtual machine may be. */
    private final AtomicLong now = new AtomicLong(-TimeUnit.SECONDS.toNanos(90));

    private final GivenUpNames names = new GivenUpNames(now::get);

    private void pass(int seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void aNameIsKnownForAMinuteAfterItWasNamedLast() {
        names.add(List.of("a", "b"));
        pass(59);
        names.add(List.of("a"));
        pass(1);
        assertTrue(names.contains("a"));
        assertFalse(names.contains("b"));
        pass(58);
        assertTrue(names.contains("a"));
        pass(1);
        assertFalse(names.contains("a"));
        assertEquals(0, names.size());
    }

    @Test
    void theOldestNameIsDroppedForANewerOne() {
        for (int i = 0; i < GivenUpNames.MAX_NAMES; i++) names.add(List.of("name " + i));
        names.add(List.of("name 0"));
        assertEquals(GivenUpNames.MAX_NAMES, names.size());
        names.add(List.of("x", "y"));
        assertEquals(GivenUpNames.MAX_NAMES, names.size());
        assertTrue(names.contains("name 0"));
        assertFalse(names.contains("name 1"));
        assertFalse(names.contains("name 2"));
        assertTrue(names.contains("name 3"));
        assertTrue(names.contains("y"));
    }
}
