package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Texts;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import okhttp3.Request;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wake-ups of idle clients over hours of simulated time. They cost battery. */
@Tag("slow")
class IdleTest {
    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final int HOURS = 2;
    private static final int INTERVALS = (int) (Duration.ofHours(HOURS).toNanos() / INTERVAL.toNanos());

    private final FakeClock clock = new FakeClock();
    private final TreeSet<Long> wakeups = new TreeSet<>();
    private int timersRun;
    private int tasksRun;
    private int pings;
    private Peer newest;

    private final Environment environment = new Environment(
            clock,
            (task, delay) -> clock.schedule(
                    () -> {
                        timersRun++;
                        wakeups.add(clock.nanos());
                        task.run();
                    },
                    delay),
            task -> {
                tasksRun++;
                task.run();
            },
            new Random(1),
            new Random(1),
            this::open);

    private Connection open(Request request, ConnectionListener listener) {
        Peer peer = new Peer(listener);
        newest = peer;
        clock.schedule(() -> listener.onOpen(peer), 0);
        return peer;
    }

    private HoldfastClient client(Session session, Heartbeat heartbeat) {
        HoldfastClient client = TestHooks.in(
                        environment,
                        HoldfastClient.builder("ws://idle.example/")
                                .session(session)
                                .heartbeat(heartbeat))
                .build();
        client.connect();
        clock.advance(Duration.ofMillis(1));
        assertEquals(ClientState.OPEN, client.state());
        return client;
    }

    private void idle(Duration duration) {
        wakeups.clear();
        timersRun = 0;
        tasksRun = 0;
        pings = 0;
        clock.advance(duration);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdleClientIsWokenForItsHeartbeatAlone(boolean resumable) {
        client(resumable ? Session.resumable() : Session.none(), Heartbeat.every(INTERVAL));
        idle(Duration.ofHours(HOURS));
        assertEquals(INTERVALS, pings, 1);
        assertEquals(pings, timersRun);
        assertEquals(pings, tasksRun);
    }

    @Test
    void withoutAHeartbeatNothingWakes() {
        client(Session.none(), Heartbeat.none());
        idle(Duration.ofHours(HOURS));
        assertEquals(0, timersRun);
        assertEquals(0, tasksRun);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereTheServerSpeaksOftenEnoughNothingWakesButWhatItSays(boolean serverPings) {
        Duration often = serverPings ? INTERVAL : Duration.ofSeconds(14);
        Heartbeat heartbeat = serverPings ? Heartbeat.serverPings(INTERVAL.plusSeconds(10)) : Heartbeat.every(INTERVAL);
        client(Session.none(), heartbeat);
        Peer peer = newest;
        for (boolean messages : new boolean[] {false, true}) {
            Runnable speak = messages ? () -> peer.told("hello") : peer::pinged;
            int times = (int) Duration.ofHours(HOURS).dividedBy(often);
            for (int i = 1; i <= times; i++)
                clock.schedule(speak, often.multipliedBy(i).toNanos());
            idle(often.multipliedBy(times));
            assertEquals(0, pings);
            assertEquals(0, timersRun);
        }
    }

    @Test
    void aPingOfTheServerMovesTheTimer() {
        HoldfastClient client = client(Session.none(), Heartbeat.serverPings(INTERVAL));
        idle(INTERVAL.dividedBy(2));
        newest.pinged();
        // The first look is a quarter of a second before the deadline.
        clock.advance(INTERVAL.minusMillis(251));
        assertEquals(0, timersRun);
        clock.advance(Duration.ofMillis(250));
        assertEquals(ClientState.OPEN, client.state());
        clock.advance(Duration.ofMillis(1));
        assertNotEquals(ClientState.OPEN, client.state());
    }

    @Test
    void clientsOfAProcessPingTogether() {
        Random random = new Random(2);
        List<HoldfastClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(client(Session.none(), Heartbeat.every(INTERVAL)));
            clock.advance(Duration.ofNanos(random.nextLong(INTERVAL.toNanos())));
        }
        idle(Duration.ofHours(HOURS));
        assertEquals(clients.size() * INTERVALS, pings, clients.size());
        assertTrue(wakeups.size() <= 4 * INTERVALS + 1, wakeups.size() + " wake-ups");
    }

    @Test
    void aPingComesUpToAQuarterEarlyAndNeverLate() {
        for (int i = 0; i < 100; i++) {
            clock.advance(Duration.ofMillis(337));
            long opened = clock.nanos();
            HoldfastClient client = client(Session.none(), Heartbeat.every(INTERVAL));
            pings = 0;
            while (pings == 0) clock.advance(Duration.ofMillis(1));
            long silence = clock.nanos() - opened;
            assertTrue(silence <= INTERVAL.toNanos() + TimeUnit.MILLISECONDS.toNanos(2), "after " + silence);
            assertTrue(silence >= INTERVAL.toNanos() * 3 / 4, "after " + silence);
            client.cancel();
            clock.advance(Duration.ofMillis(1));
        }
    }

    /** A server that answers pings after 50 ms and says nothing else. */
    private final class Peer implements Connection {
        private final ConnectionListener listener;
        private long lastInboundAt = clock.nanos();
        private boolean ended;

        Peer(ConnectionListener listener) {
            this.listener = listener;
        }

        @Override
        public boolean sendText(String text, long utf8Length) {
            clock.schedule(() -> listener.onWritten(1), 0);
            if (text.contains("\"open\"")) {
                clock.schedule(
                        () -> {
                            told("{\"t\":\"welcome\",\"sid\":\"s\",\"key\":\"k\",\"resumed\":false,\"c\":0}");
                            told("{\"t\":\"live\"}");
                        },
                        0);
            }
            return true;
        }

        private void pinged() {
            lastInboundAt = clock.nanos();
            listener.onPing();
            listener.onWaiting();
        }

        private void told(String text) {
            lastInboundAt = clock.nanos();
            try {
                listener.onText(Texts.text(text));
            } catch (ProtocolViolation e) {
                throw new AssertionError(e);
            }
            listener.onWaiting();
        }

        @Override
        public boolean sendBinary(ByteString bytes) {
            throw new AssertionError("nothing binary");
        }

        @Override
        public void sendPing(ByteString payload) {
            pings++;
            clock.schedule(listener::onPingWritten, 0);
            clock.schedule(
                    () -> {
                        lastInboundAt = clock.nanos();
                        listener.onPong(payload);
                    },
                    TimeUnit.MILLISECONDS.toNanos(50));
        }

        @Override
        public boolean close(CloseStatus status) {
            return true;
        }

        @Override
        public void cancel() {
            if (ended) return;
            ended = true;
            clock.schedule(() -> listener.onFailed(TransportException.of(Phase.SESSION, "cancelled", null)), 0);
        }

        @Override
        public void setReading(boolean reading) {}

        @Override
        public long lastInboundAt() {
            return lastInboundAt;
        }

        @Override
        public long lastControlFrameAt() {
            return lastInboundAt;
        }

        @Override
        public long lastOutboundAt() {
            return clock.nanos();
        }
    }
}
