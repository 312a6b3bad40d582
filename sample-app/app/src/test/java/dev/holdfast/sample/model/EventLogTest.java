package dev.holdfast.sample.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EventLogTest {
    @Test
    void moreLinesThanFitAreDroppedAndCountedWithinTheBound() {
        EventLog log = new EventLog();
        for (int i = 1; i <= EventLog.MAX_EVENTS + 3; i++) log.add("line", "number " + i);
        log.flush();
        assertEquals(EventLog.MAX_EVENTS, log.shown().size());
        assertEquals(
                "4 lines came too fast and were dropped", log.shown().get(0).text());
        assertEquals("number 5", log.shown().get(1).text());
        log.add("line", "one more");
        log.flush();
        assertEquals("one more", log.shown().get(log.shown().size() - 1).text());
    }
}
