package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Priority;
import dev.holdfast.RateLimit;
import dev.holdfast.SendOptions;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A machine that takes several messages from its queue at once does what one does that takes one after the other: whatever the
 * connection's low mark, the server's window, its limit on a message, and the rate limit.
 */
class PollingTest {
    private static final int ROUNDS = 300;
    private static final int STEPS = 120;

    /** A machine with its queue. */
    private static final class Side {
        final WaitingQueue waiting = new WaitingQueue(OutboundQueue.ofBytes(200));
        final RecordingEffects effects = new RecordingEffects();
        final SessionMachine machine;
        final List<Outbound> offered = new ArrayList<>();
        /** The largest number of messages that were taken at once. */
        int together;

        Side(SessionSettings settings, int maxPolled) {
            MessageSource source = (MessageSource) Proxy.newProxyInstance(
                    MessageSource.class.getClassLoader(),
                    new Class<?>[] {MessageSource.class},
                    (proxy, method, args) -> {
                        boolean several = method.getName().equals("poll") && args.length > 1;
                        if (several) args[0] = Math.min((int) args[0], maxPolled);
                        Object result = method.invoke(waiting, args);
                        if (several) together = Math.max(together, ((List<?>) args[4]).size());
                        return result;
                    });
            machine = new SessionMachine(settings, new Random(1), source);
        }

        void perform(List<Effect> all) {
            for (Effect effect : all) effect.perform(effects);
        }
    }

    private final List<Side> sides = new ArrayList<>();
    private Random random = new Random(0);
    private boolean acknowledged;
    private long now;
    private long connection;
    private int number;
    /** What the connection was given and has not written. */
    private int unwritten;
    /** The highest seq that was sent on this connection. */
    private long sent;

    private interface Event {
        List<Effect> of(Side side);
    }

    /** Has the event happen on both sides, which must answer alike. */
    private void both(Event event) {
        List<List<String>> answers = new ArrayList<>();
        for (Side side : sides) {
            side.perform(event.of(side));
            List<String> answer = side.effects.take();
            side.effects.sent().forEach(message -> answer.add(message.payload().text()));
            side.effects.sent().clear();
            answer.add("then " + side.machine.nextTimer());
            answers.add(answer);
        }
        assertEquals(answers.get(0), answers.get(1));
        for (String effect : answers.get(0)) {
            if (effect.startsWith("open ")) unwritten++;
            if (!effect.startsWith("send ")) continue;
            unwritten++;
            if (acknowledged)
                sent = Long.parseLong(
                        effect.substring(effect.lastIndexOf('+') + 1).replace("send ", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takingSeveralMessagesIsTakingOneAfterTheOther(boolean resumable) {
        acknowledged = resumable;
        int together = 0;
        for (int round = 0; round < ROUNDS; round++) {
            // What generators of neighbouring seeds draw first is nearly the same.
            random = new Random(round * 0x9E37_79B9_7F4A_7C15L);
            run();
            together = Math.max(together, sides.get(1).together);
        }
        assertTrue(together > 10, "at most " + together + " messages are taken together");
    }

    private void run() {
        RateLimit limit = random.nextInt(4) == 0 ? RateLimit.ofBytes(20 + random.nextInt(50)) : null;
        long lowMark = 1L + random.nextInt(100);
        sides.clear();
        for (int maxPolled : new int[] {1, Integer.MAX_VALUE}) {
            sides.add(new Side(MachineRig.settings(acknowledged, limit, lowMark), maxPolled));
        }
        now = 0;
        number = 0;
        connection = 0;
        open();
        for (int step = 0; step < STEPS; step++) step();
    }

    private void open() {
        connection++;
        unwritten = 0;
        sent = 0;
        long opened = connection;
        if (opened == 1) {
            both(side -> side.machine.connect(now));
        } else {
            now += 100 * MachineRig.SECOND;
            both(side -> side.machine.onTimer(now, now, now));
        }
        both(side -> side.machine.onOpen(opened, now));
        if (!acknowledged) return;
        int unacked = 1 + random.nextInt(20);
        long bytes = 1L + random.nextInt(60);
        int batch = random.nextInt(5);
        long largest = random.nextBoolean() ? Long.MAX_VALUE : 1L + random.nextInt(9);
        both(side -> side.machine.onWelcome(
                opened,
                new Welcome("s", "k", opened > 1, opened > 1 ? null : "new", "s-0", 0, unacked, bytes, batch, largest),
                now));
        both(side -> side.machine.onLive(opened, now));
    }

    private void step() {
        now += random.nextInt(3) * MachineRig.SECOND / 20;
        switch (random.nextInt(16)) {
            case 0:
                both(side -> side.machine.onTimer(now, now, now));
                break;
            case 1:
            case 2:
            case 3:
                int written = random.nextInt(unwritten + 1);
                unwritten -= written;
                both(side -> side.machine.onWritten(connection, written, now));
                break;
            case 4:
            case 5:
                if (acknowledged) both(side -> side.machine.onAck(connection, sent, now));
                break;
            case 6:
                if (number == 0) break;
                int recalled = random.nextInt(number);
                boolean waited =
                        sides.get(0).waiting.recall(sides.get(0).offered.get(recalled));
                assertEquals(
                        waited, sides.get(1).waiting.recall(sides.get(1).offered.get(recalled)));
                break;
            case 7:
                if (random.nextInt(5) > 0) break;
                both(side -> side.machine.onFailed(connection, Loss.of(Phase.SESSION, "reset", null), now));
                open();
                break;
            case 8:
            case 9:
                both(side -> side.machine.onQueueChanged(now));
                break;
            default:
                for (int i = 1 + random.nextInt(12); i > 0; i--) offer();
        }
    }

    private void offer() {
        int size = random.nextInt(10);
        int kind = acknowledged ? 9 : random.nextInt(10);
        int ackId = 1 + random.nextInt(9);
        boolean valid = random.nextInt(4) > 0;
        SendOptions options =
                SendOptions.defaults().withPriority(List.of(Priority.values()).get(random.nextInt(4)));
        if (random.nextInt(8) == 0) options = options.withExpiry(Duration.ofMillis(1 + random.nextInt(500)));
        boolean taken = false;
        for (Side side : sides) {
            Outbound message = new Outbound(payload("m" + number, kind, ackId, valid), size, "receipt", options);
            message.sentAt(now);
            taken = side.waiting.offer(message).isTaken();
            side.offered.add(message);
        }
        if (taken) number++;
        else for (Side side : sides) side.offered.remove(number);
    }

    private static Payload payload(String text, int kind, int ackId, boolean valid) {
        switch (kind) {
            case 0:
                return Payload.packet(Packet.acknowledged(text, List.of(), ackId, 1, 0));
            case 1:
                return Payload.packet(Packet.of(text, List.of(), null).validWhile(() -> valid));
            default:
                return Payload.text(text);
        }
    }
}
