package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A message that asks for an answer, with one time limit for all tries. */
class RequestTest extends MachineRig {
    private static final long LIMIT = 5 * SECOND;

    @BeforeEach
    void aMessageOnAConnection() {
        machine = machine(settings(false, null, 1_000));
        Packet packet = Packet.request("m", 1, true, LIMIT);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        send(new Outbound(Payload.packet(packet), 1, "receipt"));
        saw("send 0");
    }

    private void lose(long connection, long now) {
        perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "gone", null), now));
        effects.take();
    }

    private void reopenAt(long connection, long now) {
        perform(machine.onTimer(now, now, now));
        perform(machine.onOpen(connection, now));
    }

    @Test
    void itIsSentAgainForALostConnectionAndEndsInTime() {
        lose(1, 0);
        reopenAt(2, SECOND);
        saw("CONNECTING", "connect 2", "OPEN", "send 0");
        perform(machine.onTimer(LIMIT - 1, LIMIT, LIMIT));
        saw();
        perform(machine.onTimer(LIMIT, LIMIT, LIMIT));
        saw("ended m UNKNOWN");
    }

    @Test
    void itEndsInTimeWithoutAConnectionAndIsNotSentAgain() {
        lose(1, 0);
        perform(machine.disconnect(0));
        effects.take();
        assertEquals(LIMIT, machine.nextTimer());
        perform(machine.onTimer(LIMIT, LIMIT, LIMIT));
        saw("ended m UNKNOWN");
        perform(machine.connect(LIMIT));
        perform(machine.onOpen(2, LIMIT));
        saw("CONNECTING", "connect 2", "OPEN");
    }

    @Test
    void anAnswerEndsIt() {
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("yes"), 1, 0));
        saw("ended m ACKNOWLEDGED", "deliver null TEXT yes");
        perform(machine.onTimer(LIMIT, LIMIT, LIMIT));
        saw();
    }

    @Test
    void oneThatIsGivenUpWhileItWaitsToGoAgainIsNotSent() {
        machine = machine(settings(false, null, 1));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        Outbound second = new Outbound(Payload.packet(Packet.request("n", 3, true, LIMIT)), 1, "receipt");
        queue.offer(new Outbound(Payload.packet(Packet.request("m", 2, true, LIMIT)), 1, "receipt"));
        queue.offer(second);
        perform(machine.onQueueChanged(0));
        perform(machine.onWritten(1, 1, 0));
        saw("send 0", "written 0", "send 0");
        lose(1, 0);
        reopenAt(2, SECOND);
        saw("CONNECTING", "connect 2", "OPEN", "send 0");
        second.giveUp();
        perform(machine.onWritten(2, 1, SECOND));
        saw("ended n UNKNOWN");
    }

    @Test
    void noMoreThan65536MessagesWaitForTheirAnswers() {
        perform(machine.protocolInput.onAcknowledged(1, 1, null, 0, 0));
        effects.take();
        int max = 65_536;
        for (int id = 1; id <= max + 1; id++) {
            queue.offer(new Outbound(Payload.packet(Packet.request("", id, false, 0)), 0, "receipt"));
            if (id % 1000 == 0) perform(machine.onQueueChanged(0));
        }
        perform(machine.onQueueChanged(0));
        assertEquals(1, queue.count());
        perform(machine.protocolInput.onAcknowledged(1, 1, null, 0, 0));
        assertEquals(0, queue.count());
    }

    @Test
    void noMoreThan16MiBWaitForTheirAnswers() {
        AwaitedAcks awaited = new AwaitedAcks();
        awaited.handedOver(new Outbound(Payload.packet(Packet.request("m", 1, false, 0)), 16 << 20, "receipt"), 0);
        assertFalse(awaited.hasRoom());
        awaited.abandon(1, new ArrayList<>());
        assertTrue(awaited.hasRoom());
    }
}
