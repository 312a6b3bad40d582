package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.internal.frame.FrameObserver;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.FakeClock;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames cost something, so they are observed only if a listener wants them. */
class EventListenersTest {
    private final FakeClock clock = new FakeClock();
    private final Environment environment =
            new Environment(clock, clock, Runnable::run, new Random(1), new Random(1), null);

    private FrameObserver frames(HoldfastEventListener... listeners) {
        return EventListeners.of(List.of(listeners), environment).frames(1);
    }

    @Test
    void thereIsAnObserverOfFramesOnlyIfTheyAreWanted() {
        assertNull(EventListeners.of(List.of(), environment));
        assertNull(frames(new HoldfastEventListener() {}));
        assertNotNull(frames(FrameLog.to(line -> {})));
        assertNotNull(frames(new HoldfastEventListener() {}, FrameLog.to(line -> {})));
        assertEquals(0, frames(FrameLog.to(line -> {}), FrameLog.to(line -> {})).startBytes());
    }
}
