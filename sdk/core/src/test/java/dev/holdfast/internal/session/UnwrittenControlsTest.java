package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.Heartbeat;
import dev.holdfast.OutboundQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A protocol's answers that the writer has not written keep nothing else from going on, and are bounded. */
class UnwrittenControlsTest {
    private static final long NOW = 1;
    private static final long CONNECTION = 1;

    private final RecordingEffects effects = new RecordingEffects();
    private final WaitingQueue queue = new WaitingQueue(OutboundQueue.ofBytes(1_000_000));
    private final SessionMachine machine = new SessionMachine(
            new SessionSettings(
                            false,
                            Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(100)),
                            Heartbeat.none(),
                            65_536,
                            null,
                            15_000_000_000L,
                            10_000_000_000L)
                    .opening(true),
            new Random(1),
            queue);

    private List<String> perform(List<Effect> asked) {
        for (Effect effect : new ArrayList<>(asked)) effect.perform(effects);
        return effects.take();
    }

    @BeforeEach
    void open() {
        perform(machine.connect(NOW));
        perform(machine.onOpen(CONNECTION, NOW));
        perform(machine.protocolInput.onHello(CONNECTION, NOW));
        perform(machine.onWelcome(CONNECTION, Welcome.unnumbered("session", "secret", false, "x", 1_000_000, 0), NOW));
        perform(machine.onWritten(CONNECTION, 1, NOW));
    }

    private List<String> answer(String text, int times) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            told.addAll(perform(machine.protocolInput.send(CONNECTION, Packet.of(text, List.of(), null), NOW)));
        }
        return told;
    }

    @Test
    void messagesGoOutBehindThem() {
        answer("a".repeat(1024), 1000);
        assertTrue(
                queue.offer(new Outbound(Payload.text("message"), 7, "receipt")).isTaken());
        perform(machine.onQueueChanged(NOW));
        assertEquals(1, effects.sent().size());
    }

    @Test
    void theClientClosesBehindThem() {
        answer("a", 1000);
        String told = perform(machine.close(NOW)).toString();
        assertTrue(told.contains("close 1000"), told);
    }

    @Test
    void aServerThatAsksForTooManyIsLeft() {
        assertFalse(answer("a", 65_536).toString().contains("server broke"));
        String told = answer("a", 1).toString();
        assertTrue(told.contains("it asks for more answers than can wait to be written"), told);
        assertEquals(0, machine.protocolInput.unwrittenControls());
    }

    @Test
    void aServerThatAsksForTooMuchIsLeft() {
        assertFalse(answer("a".repeat(1024 * 1024), 16).toString().contains("server broke"));
        String told = answer("a", 1).toString();
        assertTrue(told.contains("it asks for more answers than can wait to be written"), told);
        assertEquals(0, machine.protocolInput.unwrittenControlBytes());
    }

    @Test
    void oneOfAnySizeGoesOut() {
        assertFalse(answer("a".repeat(17 * 1024 * 1024), 1).toString().contains("server broke"));
        perform(machine.onWritten(CONNECTION, 1, NOW));
        assertEquals(0, machine.protocolInput.unwrittenControlBytes());
    }
}
