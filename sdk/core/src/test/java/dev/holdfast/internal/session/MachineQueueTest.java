package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Priority;
import dev.holdfast.RateLimit;
import dev.holdfast.SendOptions;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When the machine takes from the queue, and when it ends what waits there. */
class MachineQueueTest extends MachineRig {
    @Test
    void whatWaitsForTooLongExpiresInEveryState() {
        Outbound message = new Outbound(
                Payload.text("m"), 1, "receipt", SendOptions.defaults().withExpiry(Duration.ofSeconds(3)));
        message.sentAt(0);
        send(message);
        assertEquals(3 * SECOND, machine.nextTimer());
        perform(machine.onTimer(3 * SECOND - 1, 0, 0));
        saw();
        perform(machine.onTimer(3 * SECOND, 0, 0));
        saw("ended m EXPIRED");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void whatIsHandedOverDoesNotExpireNorDoesWhatIsSentAgain() {
        open();
        Outbound message = new Outbound(
                Payload.text("m"), 1, "receipt", SendOptions.defaults().withExpiry(Duration.ofSeconds(1)));
        message.sentAt(0);
        send(message);
        saw("send 1");
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        effects.take();
        perform(machine.onTimer(2 * SECOND, 0, 0));
        perform(machine.onOpen(2, 2 * SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 0, 100, 1000), 2 * SECOND));
        saw("send 1");
    }

    @Test
    void whatHasExpiredIsNotSentThoughTheTimerIsLate() {
        Outbound message = new Outbound(
                Payload.text("m"), 1, "receipt", SendOptions.defaults().withExpiry(Duration.ofSeconds(1)));
        message.sentAt(0);
        send(message);
        perform(machine.connect(0));
        perform(machine.onOpen(1, SECOND));
        effects.take();
        perform(machine.onWelcome(1, welcome("new", 0), SECOND));
        saw("ended m EXPIRED");
    }

    @Test
    void closingDoesNotWaitForWhatIsGone() {
        perform(machine.connect(0));
        Outbound recalled = message("recalled", 1);
        send(recalled);
        Outbound expires = new Outbound(
                Payload.text("m"), 1, "receipt", SendOptions.defaults().withExpiry(Duration.ofSeconds(1)));
        expires.sentAt(0);
        send(expires);
        perform(machine.close(0));
        effects.take();
        queue.recall(recalled);
        perform(machine.onQueueChanged(0));
        saw();
        perform(machine.onTimer(SECOND, 0, 0));
        saw("ended m EXPIRED", "cancel", "CLOSED", "closed 1000");
    }

    @Test
    void handsOverAtTheRate() {
        machine = machine(settings(true, RateLimit.ofMessages(2).withBurst(Duration.ofMillis(500))));
        open();
        for (int i = 0; i < 3; i++) send(message("m" + i, 1));
        saw("send 1");
        assertEquals(SECOND / 2, machine.nextTimer());
        perform(machine.onTimer(SECOND / 2, 0, 0));
        saw("send 2");
        assertEquals(SECOND, machine.nextTimer());
        // What is sent again counts again.
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), SECOND / 2));
        perform(machine.onTimer(3 * SECOND / 2, 0, 0));
        perform(machine.onOpen(2, 3 * SECOND / 2));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 0, 100, 1000), 3 * SECOND / 2));
        saw("send 1");
        assertEquals(2 * SECOND, machine.nextTimer());
        perform(machine.onTimer(2 * SECOND, 0, 0));
        saw("send 2");
        perform(machine.onTimer(5 * SECOND / 2, 0, 0));
        saw("send 3");
    }

    @Test
    void aSmallerMessageThatGoesFirstNeedNotWaitForTheLargeOnesRate() {
        machine = machine(settings(true, RateLimit.ofBytes(100)));
        open();
        send(message("half", 60));
        perform(machine.onWritten(1, 2, 0));
        send(message("large", 80));
        saw("send 1", "written 1");
        assertEquals(4 * SECOND / 10, machine.nextTimer());
        send(new Outbound(
                Payload.text("urgent"), 30, "receipt", SendOptions.defaults().withPriority(Priority.CONTROL)));
        saw("send 2");
    }

    @Test
    void theRejectionsOfAFullWindowTakeNoLongerEach() {
        int outstanding = 65_536;
        WaitingQueue full = new WaitingQueue(OutboundQueue.ofBytes(1_000));
        machine = new SessionMachine(settings(true), new Random(1), full);
        for (int i = 0; i < outstanding; i++) full.offer(message("m", 0));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("s", "k", false, "new", "s-0", 0, outstanding, 1000), 0));
        perform(machine.onLive(1, 0));
        assertEquals(outstanding, effects.sent().size());
        effects.take();
        assertTimeout(Duration.ofSeconds(2), () -> {
            for (int seq = 1; seq <= outstanding; seq++) perform(machine.onReject(1, "s-" + seq, seq, "no", null, 0));
        });
        // Each was written, and rejected.
        assertEquals(2 * outstanding, effects.take().size());
    }
}
