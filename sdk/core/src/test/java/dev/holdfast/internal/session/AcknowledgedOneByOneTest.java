package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/**
 * Random runs of a session that the server opens, whose server receives what the client's connection has written and
 * acknowledges some of it: each message ends once, what was acknowledged was received, what goes out again keeps its order, and
 * nothing goes out more often than it may.
 */
class AcknowledgedOneByOneTest {
    private static final int RUNS = Integer.getInteger("protocol.runs", 500);
    private static final int STEPS = 300;
    private static final long MILLI = 1_000_000;

    @Test
    void invariantsHold() {
        for (int seed = 0; seed < RUNS; seed++) {
            try {
                new Run(seed).run();
            } catch (Throwable t) {
                throw new AssertionError("seed " + seed, t);
            }
        }
    }

    private static final class Run extends RecordingEffects {
        private final Random random;
        private final WaitingQueue queue = new WaitingQueue(OutboundQueue.ofBytes(1_000_000));
        private final SessionMachine machine;

        private long now;
        private long connection;
        private boolean upgraded;
        private boolean up;
        private long ids;

        /** What the connection was given and has not written, one for each WebSocket message. */
        private final Deque<Outbound> unwritten = new ArrayDeque<>();

        private final List<Outbound> all = new ArrayList<>();
        private final Map<Outbound, Integer> handedOver = new HashMap<>();
        private final Map<Outbound, Integer> received = new HashMap<>();
        private final Map<Outbound, Outcome> outcomes = new HashMap<>();
        /** The ids of this connection's messages, as they were handed over, without those sent again for their time. */
        private final List<Long> order = new ArrayList<>();

        /** The requests of this connection, and when each was first handed over. */
        private final Set<Long> asked = new HashSet<>();

        private final Map<Outbound, Long> askedAt = new HashMap<>();

        Run(int seed) {
            random = new Random(seed);
            Backoff backoff = Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(100));
            SessionSettings settings = new SessionSettings(
                            false,
                            backoff,
                            Heartbeat.every(Duration.ofSeconds(20)),
                            1 + random.nextInt(200),
                            null,
                            15_000 * MILLI,
                            10_000 * MILLI)
                    .opening(true);
            machine = new SessionMachine(settings, random, queue);
        }

        void run() {
            perform(machine.connect(now));
            for (int step = 0; step < STEPS; step++) {
                now += random.nextInt(20) * MILLI;
                step();
                if (now >= machine.nextTimer()) perform(machine.onTimer(now, now, now));
                int answers = Collections.frequency(unwritten, ANSWER);
                assertEquals(answers, machine.protocolInput.unwrittenControls());
                assertEquals(answers * 6L, machine.protocolInput.unwrittenControlBytes());
            }
            perform(machine.cancel());
            for (Outbound message : all) assertTrue(outcomes.containsKey(message), "a message never ended");
        }

        private void step() {
            switch (random.nextInt(9)) {
                case 0:
                case 1:
                    send();
                    break;
                case 2:
                case 3:
                    written();
                    break;
                case 4:
                    acknowledge();
                    break;
                case 5:
                    if (random.nextInt(4) == 0) lose();
                    break;
                case 6:
                    answer();
                    break;
                default:
                    open();
            }
        }

        private void send() {
            List<ByteString> attachments = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) attachments.add(ByteString.of(new byte[random.nextInt(50)]));
            Packet packet = random.nextBoolean()
                    ? Packet.of("plain", attachments, null)
                    : random.nextInt(3) == 0
                            ? Packet.request("asked", ++ids, random.nextBoolean(), random.nextInt(300) * MILLI)
                            : Packet.acknowledged(
                                    "acked",
                                    attachments,
                                    ++ids,
                                    1 + random.nextInt(3),
                                    random.nextBoolean() ? 0 : (1 + random.nextInt(300)) * MILLI);
            Outbound message = new Outbound(Payload.packet(packet), packet.bytes(), "receipt");
            all.add(message);
            assertTrue(queue.offer(message).isTaken());
            perform(machine.onQueueChanged(now));
        }

        private void written() {
            if (unwritten.isEmpty()) return;
            int count = 1 + random.nextInt(unwritten.size());
            for (int i = 0; i < count; i++) {
                Outbound message = unwritten.remove();
                // The last part: the message is there.
                if (message != NOTHING && message != ANSWER && (unwritten.isEmpty() || unwritten.peek() != message)) {
                    received.merge(message, 1, Integer::sum);
                }
            }
            perform(machine.onWritten(connection, count, now));
        }

        /** The server asks something that the protocol's own code answers. */
        private void answer() {
            if (!upgraded) return;
            perform(machine.protocolInput.send(connection, Packet.of("answer", List.of(), null), now));
        }

        private void acknowledge() {
            if (!up || received.isEmpty()) return;
            List<Outbound> there = new ArrayList<>(received.keySet());
            Packet packet = there.get(random.nextInt(there.size())).payload().packet();
            perform(machine.protocolInput.onAcknowledged(connection, packet.ackId(), Payload.text("answer"), 6, now));
        }

        private void lose() {
            if (!upgraded) return;
            perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "gone", null), now));
        }

        private void open() {
            if (connection == 0 || up) return;
            if (!upgraded) {
                upgraded = true;
                perform(machine.onOpen(connection, now));
            } else if (random.nextBoolean()) {
                perform(machine.protocolInput.onHello(connection, now));
                up = true;
                perform(machine.onWelcome(
                        connection, Welcome.unnumbered("sid", "pid" + connection, false, "x", 1_000_000, 0), now));
            }
        }

        private static final Outbound NOTHING = new Outbound(Payload.text(""), 0, "nothing");
        private static final Outbound ANSWER = new Outbound(Payload.text(""), 0, "answer");

        private void perform(List<Effect> effects) {
            for (Effect effect : new ArrayList<>(effects)) effect.perform(this);
        }

        @Override
        public void openConnection(Attempt attempt) {
            connection = attempt.connection();
            upgraded = false;
            up = false;
            unwritten.clear();
            order.clear();
            asked.clear();
        }

        @Override
        public void stateChanged(ClientState state) {
            if (state != ClientState.WAITING) return;
            upgraded = false;
            unwritten.removeIf(entry -> entry == ANSWER);
        }

        @Override
        public void sendOpen(Open open) {
            unwritten.add(NOTHING);
        }

        @Override
        public void sendControl(Packet packet) {
            unwritten.add(ANSWER);
        }

        @Override
        public void sendMessage(Outbound message) {
            assertFalse(outcomes.containsKey(message), "sent after its end");
            Packet packet = message.payload().packet();
            int times = handedOver.merge(message, 1, Integer::sum);
            assertTrue(times <= packet.tries(), "sent " + times + " times");
            if (packet.endsInTime()) {
                assertTrue(asked.add(packet.ackId()), "asked twice on a connection");
                long first = askedAt.computeIfAbsent(message, asking -> now);
                // The timer of a step comes after its event.
                long latest = first + packet.ackTimeoutNanos() + 20 * MILLI;
                boolean late = packet.ackTimeoutNanos() > 0 && now > latest;
                assertFalse(late, "asked after its time");
            }
            if (packet.ackId() != 0 && packet.ackTimeoutNanos() == 0) {
                if (!order.isEmpty()) assertTrue(order.get(order.size() - 1) < packet.ackId(), "out of order");
                order.add(packet.ackId());
            }
            for (int part = message.payload().parts(); part > 0; part--) unwritten.add(message);
        }

        @Override
        public void ended(Outbound message, Outcome outcome) {
            Outcome before = outcomes.put(message, outcome);
            assertEquals(null, before, "ended twice");
            boolean acked = outcome.kind() == Outcome.Kind.ACKNOWLEDGED;
            if (acked || outcome.kind() == Outcome.Kind.WRITTEN) assertTrue(received.containsKey(message));
            assertEquals(acked && handedOver.get(message) > 1, outcome.detail() != null && acked);
            if (acked) assertTrue(message.payload().packet().ackId() != 0);
        }
    }
}
