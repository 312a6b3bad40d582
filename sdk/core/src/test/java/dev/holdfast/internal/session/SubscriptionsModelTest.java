package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random runs against a server of numbered topics, on connections that are cut at any time. With a server that keeps its
 * history each subscription receives each message once and in order. If the history ends, what is missing is behind a gap that
 * the application was told of.
 */
class SubscriptionsModelTest {
    private static final int RUNS = Integer.getInteger("protocol.runs", 200);
    private static final int STEPS = 400;
    private static final int TOPICS = 3;
    private static final long MILLI = 1_000_000;

    @Test
    void aServerThatKeepsItsHistoryLosesAndRepeatsNothing() {
        int gaps = 0;
        for (int seed = 0; seed < RUNS; seed++) gaps += run(seed, Integer.MAX_VALUE);
        assertEquals(0, gaps);
    }

    @Test
    void aHistoryThatEndsIsToldAsAGap() {
        int gaps = 0;
        for (int seed = 0; seed < RUNS; seed++) gaps += run(seed, 5);
        assertTrue(gaps > RUNS / 10, gaps + " gaps");
    }

    private static int run(int seed, int history) {
        try {
            return new Run(seed, history).run();
        } catch (Throwable t) {
            throw new AssertionError("seed " + seed + " with a history of " + history, t);
        }
    }

    private static final class Topic implements Subscription {
        final String name;

        Topic(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Packet start(@Nullable String cursor) {
            return Packet.of("+" + name + (cursor == null ? "" : " " + cursor), List.of(), null);
        }

        @Override
        public Packet end() {
            return Packet.of("-" + name, List.of(), null);
        }

        @Override
        public Payload unanswered() {
            throw new AssertionError("no answer was asked for");
        }

        @Override
        public Payload failed(Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static final class Run extends RecordingEffects {
        private final Random random;
        private final int history;
        private final SessionMachine machine;

        private long now;
        private long connection;
        private boolean upgraded;

        /** The client's packets that are not written, and the server's events that are not read. */
        private final Deque<String> toServer = new ArrayDeque<>();

        private final Deque<SessionEvent> toClient = new ArrayDeque<>();
        private final Set<String> subscribed = new HashSet<>();
        /** The newest number of each topic. */
        private final Map<String, Integer> newest = new HashMap<>();
        /** What the application has received of each topic: numbers, and "gap". */
        private final Map<String, List<String>> received = new HashMap<>();

        Run(int seed, int history) {
            this.random = new Random(seed);
            this.history = history;
            SessionSettings settings = new SessionSettings(
                    false,
                    Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(100)),
                    Heartbeat.every(Duration.ofSeconds(20)),
                    1 + random.nextInt(30),
                    null,
                    15_000 * MILLI,
                    10_000 * MILLI);
            machine = new SessionMachine(settings, random, new WaitingQueue(OutboundQueue.ofBytes(1_000_000)));
        }

        int run() {
            for (int topic = 0; topic < TOPICS; topic++) {
                newest.put("t" + topic, 0);
                received.put("t" + topic, new ArrayList<>());
                // From the beginning, so that the server's history decides what comes.
                perform(machine.protocolInput.subscribe(new Topic("t" + topic), "0", now));
            }
            perform(machine.connect(now));
            for (int step = 0; step < STEPS; step++) {
                int what = random.nextInt(20);
                if (what < 7) publish("t" + random.nextInt(TOPICS));
                else if (what < 19) goOn();
                else lose();
            }
            for (int step = 0; step < 1_000; step++) goOn();
            int gaps = 0;
            for (Map.Entry<String, List<String>> topic : received.entrySet()) {
                gaps += check(topic.getValue(), newest.get(topic.getKey()));
            }
            return gaps;
        }

        private static int check(List<String> seen, int last) {
            int gaps = 0;
            int expected = 1;
            boolean gap = false;
            for (String each : seen) {
                if (each.equals("gap")) {
                    gap = true;
                    gaps++;
                    continue;
                }
                int number = Integer.parseInt(each);
                assertTrue(gap ? number >= expected : number == expected, number + " in " + seen);
                gap = false;
                expected = number + 1;
            }
            assertTrue(gap || expected == last + 1, "ends at " + last + ", but " + seen);
            return gaps;
        }

        private void goOn() {
            now += random.nextInt(10) * MILLI;
            if (now >= machine.nextTimer()) perform(machine.onTimer(now, now, now));
            if (connection != 0 && !upgraded) {
                upgraded = true;
                perform(machine.onOpen(connection, now));
            } else if (!toServer.isEmpty() && random.nextBoolean()) {
                receive(toServer.remove());
                perform(machine.onWritten(connection, 1, now));
            } else if (!toClient.isEmpty()) {
                perform(toClient.remove().apply(machine, connection, now));
            }
        }

        private void lose() {
            if (connection == 0) return;
            // What the connection had read is processed late: its events are stale.
            List<SessionEvent> late = new ArrayList<>(toClient);
            long gone = connection;
            connection = 0;
            perform(machine.onFailed(gone, Loss.of(Phase.SESSION, "gone", null), now));
            for (SessionEvent event : late) perform(event.apply(machine, gone, now));
            toServer.clear();
            toClient.clear();
            subscribed.clear();
        }

        // ---- the server ----

        private void publish(String topic) {
            int number = newest.merge(topic, 1, Integer::sum);
            if (subscribed.contains(topic)) send(topic, number);
        }

        private void send(String topic, int number) {
            Payload payload = Payload.text(topic + " " + number);
            toClient.add((client, from, time) ->
                    client.protocolInput.onSubscriptionMessage(from, topic, "" + number, payload, 1, time));
        }

        private void receive(String packet) {
            String[] words = packet.substring(1).split(" ", -1);
            String topic = words[0];
            assertEquals('+', packet.charAt(0));
            if (words.length == 1) {
                subscribed.add(topic);
                return;
            }
            int cursor = Integer.parseInt(words[1]);
            int last = newest.get(topic);
            if (last - cursor > history) {
                Payload gap = Payload.text(topic + " gap");
                toClient.add((client, from, time) -> client.protocolInput.onGap(from, topic, gap, time));
                return;
            }
            subscribed.add(topic);
            // Some servers repeat the message of the cursor.
            boolean repeats = cursor > 0 && random.nextBoolean();
            for (int number = repeats ? cursor : cursor + 1; number <= last; number++) send(topic, number);
        }

        // ---- the client ----

        private void perform(List<Effect> effects) {
            for (Effect effect : new ArrayList<>(effects)) effect.perform(this);
        }

        @Override
        public void openConnection(Attempt attempt) {
            connection = attempt.connection();
            upgraded = false;
        }

        @Override
        public void sendControl(Packet packet) {
            toServer.add(packet.text());
        }

        @Override
        public void deliver(Inbound message) {
            String[] words = message.payload().text().split(" ", -1);
            received.get(words[0]).add(words[1]);
        }
    }
}
