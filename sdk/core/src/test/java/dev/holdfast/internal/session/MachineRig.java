package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import dev.holdfast.RateLimit;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A machine, and what it asked for. */
abstract class MachineRig {
    static final long SECOND = 1_000_000_000L;

    final RecordingEffects effects = new RecordingEffects();
    final WaitingQueue queue = new WaitingQueue(OutboundQueue.ofBytes(1_000));
    SessionMachine machine = machine(settings(true));

    SessionMachine machine(boolean resumable) {
        return machine(settings(resumable));
    }

    SessionMachine machine(SessionSettings settings) {
        return new SessionMachine(settings, new Random(1), queue);
    }

    static SessionSettings settings(boolean resumable) {
        return settings(resumable, null);
    }

    static SessionSettings settings(boolean resumable, RateLimit rateLimit) {
        return settings(resumable, rateLimit, 10);
    }

    static SessionSettings settings(boolean resumable, RateLimit rateLimit, long lowMark) {
        Backoff backoff = Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(4))
                .withoutJitter()
                .withResetAfter(Duration.ofSeconds(10));
        return new SessionSettings(
                resumable,
                backoff,
                Heartbeat.every(Duration.ofSeconds(20)).withDeadline(Duration.ofSeconds(10)),
                lowMark,
                rateLimit,
                15 * SECOND,
                10 * SECOND);
    }

    void open() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
    }

    void reopen(long connection, long now) {
        reopen(connection, 0, now);
    }

    /** @param handled the seq up to which the server has dealt with all */
    void reopen(long connection, long handled, long now) {
        perform(machine.onTimer(now, 0, 0));
        perform(machine.onOpen(connection, now));
        perform(machine.onWelcome(connection, welcome("s", "k", true, null, null, handled, 100, 1000), now));
        perform(machine.onLive(connection, now));
        effects.take();
    }

    /** Returns a welcome of a server that takes no batches and messages of any size. */
    static Welcome welcome(
            String sid,
            String key,
            boolean resumed,
            @Nullable String reason,
            @Nullable String last,
            long handled,
            int maxUnacked,
            long maxBytes) {
        return new Welcome(sid, key, resumed, reason, last, handled, maxUnacked, maxBytes, 0, Long.MAX_VALUE);
    }

    static Welcome welcome(String reason, long handled) {
        return welcome("s", "k", false, reason, "s-0", handled, 100, 1000);
    }

    static Outbound message(String text, long bytes) {
        return new Outbound(Payload.text(text), bytes, "receipt of " + text);
    }

    /** Lets a deadline run out at {@code time}, with nothing read since {@code lastInboundAt}. */
    void runOut(long time, long lastInboundAt) {
        perform(machine.onTimer(time - (SECOND / 4), lastInboundAt, lastInboundAt));
        perform(machine.onTimer(time, lastInboundAt, lastInboundAt));
    }

    void send(Outbound message) {
        assertTrue(queue.offer(message).isTaken());
        perform(machine.onQueueChanged(0));
    }

    void handled(Inbound message, long now) {
        message.markHandled();
        perform(machine.onHandled(now));
    }

    void perform(List<Effect> all) {
        for (Effect effect : all) effect.perform(effects);
    }

    void saw(String... expected) {
        assertEquals(List.of(expected), effects.take());
    }
}
