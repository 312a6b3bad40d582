package dev.holdfast.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.transport.Connection;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A heartbeat that can't go on ends its connection: nobody else would notice. */
class PongWatchTest {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final FakeClock clock = new FakeClock();
    private final List<IOException> dead = new ArrayList<>();
    private final Error thrown = new OutOfMemoryError("unable to create native thread");
    private String broken = "";
    private int pings;

    private final Scheduler scheduler = (task, delay) -> {
        if (broken.equals("schedule")) throw thrown;
        return clock.schedule(task, delay);
    };

    private final Connection connection = (Connection) Proxy.newProxyInstance(
            Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, args) -> {
                assertEquals("sendPing", method.getName());
                if (broken.equals("sendPing")) throw thrown;
                pings++;
                return null;
            });

    @ParameterizedTest
    @ValueSource(strings = {"schedule", "sendPing"})
    void whatCanNotPingIsDead(String what) {
        PongWatch watch = new PongWatch(scheduler, INTERVAL.toNanos(), new PendingPings(clock));
        watch.start(connection, dead::add);
        clock.advance(INTERVAL);
        watch.onPong();
        assertEquals(1, pings);
        assertEquals(List.of(), dead);
        broken = what;
        clock.advance(INTERVAL);
        assertEquals(1, dead.size());
        assertSame(thrown, dead.get(0).getCause());
        clock.assertNothingPending();
    }
}
