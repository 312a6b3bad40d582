package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.Heartbeat;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.OutboundQueue;
import dev.holdfast.internal.session.Effect;
import dev.holdfast.internal.session.Inbound;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.RecordingEffects;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionSettings;
import dev.holdfast.internal.session.WaitingQueue;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import okio.ByteString;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Seeing costs nothing where nobody looks. */
@Tag("slow")
class TelemetryCostTest {
    private static final int ROUNDS = 200_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void countingAllocatesNothing() {
        Telemetry telemetry = new Telemetry(null);
        SharedQueue queue = new SharedQueue(OutboundQueue.ofBytes(100), null);
        Inbound text = inbound(Payload.text("größer"));
        Inbound binary = inbound(Payload.binary(ByteString.of((byte) 1)));
        Outbound outbound = new Outbound(Payload.text("text"), 4, "receipt");
        double bytes = bytesPerRound(() -> {
            telemetry.attempt(1, "host");
            telemetry.opened(1, false);
            telemetry.ended(1, "reason");
            telemetry.pingWritten();
            telemetry.roundTripTime(1_000_000);
            telemetry.handoverBegun(1);
            telemetry.promoted();
            telemetry.dropped();
            telemetry.state(ClientState.OPEN);
            telemetry.sessionOpened(true, 3);
            telemetry.sessionLost("reason", 1);
            telemetry.suspended(1);
            telemetry.handedOver(outbound);
            telemetry.written(1, outbound.bytes());
            telemetry.acknowledged();
            telemetry.received(text);
            telemetry.received(binary);
            telemetry.duplicate();
            telemetry.queue(queue);
            if (telemetry.frames(1) != null) throw new AssertionError("nobody looks");
        });
        assertTrue(bytes < 1, bytes + " bytes a round");
        long rounds = telemetry.counts().get(Counter.ATTEMPTS);
        assertEquals((8 + 1) * rounds, telemetry.counts().get(Counter.BYTES_RECEIVED));
    }

    private static Inbound inbound(Payload payload) {
        SessionSettings settings = new SessionSettings(
                false,
                Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                Heartbeat.none(),
                1,
                null,
                1,
                1);
        SessionMachine machine =
                new SessionMachine(settings, new Random(1), new WaitingQueue(OutboundQueue.ofBytes(1)));
        RecordingEffects effects = new RecordingEffects();
        for (List<Effect> all :
                List.of(machine.connect(0), machine.onOpen(1, 0), machine.onMessage(1, null, payload, 1, 0))) {
            for (Effect effect : all) effect.perform(effects);
        }
        return effects.lastDelivered();
    }

    private static double bytesPerRound(Runnable round) {
        for (int i = 0; i < ROUNDS; i++) round.run();
        long before = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < ROUNDS; i++) round.run();
        long after = THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
        return (after - before) / (double) ROUNDS;
    }
}
