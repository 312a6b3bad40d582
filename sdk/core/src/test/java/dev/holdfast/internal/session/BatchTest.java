package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Heartbeat;
import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import java.time.Duration;
import okio.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Small messages that share a frame, and what waits for that. */
class BatchTest extends MachineRig {
    private static final long WINDOW = SECOND / 50;

    @BeforeEach
    void batches() {
        machine = machine(batching(WINDOW));
    }

    private static SessionSettings batching(long window) {
        return new SessionSettings(
                        true,
                        Backoff.exponential(Duration.ofSeconds(1), Duration.ofSeconds(4))
                                .withoutJitter(),
                        Heartbeat.every(Duration.ofSeconds(20)).withDeadline(Duration.ofSeconds(10)),
                        100_000,
                        null,
                        15 * SECOND,
                        10 * SECOND)
                .batchWindow(window);
    }

    private void open(int batch) {
        open(batch, false);
    }

    private void open(int batch, boolean overHttp) {
        perform(machine.connect(0));
        perform(machine.onOpen(1, false, overHttp, 0));
        perform(machine.onWelcome(
                1, new Welcome("s", "k", false, "new", "s-0", 0, 100, 100_000, batch, Long.MAX_VALUE), 0));
        perform(machine.onLive(1, 0));
        perform(machine.onWritten(1, 1, 0));
        effects.take();
    }

    private static Outbound high(String text) {
        return new Outbound(
                Payload.text(text),
                1,
                "receipt of " + text,
                SendOptions.defaults().withPriority(Priority.HIGH));
    }

    /** They share a request there, and one that is too large is split between frames. */
    @Test
    void overHttpNothingWaitsAndNoMessagesShareAFrame() {
        open(8, true);
        send(message("m1", 1));
        saw("send 1");
        send(message("m2", 1));
        saw("send 2");
    }

    /** The next connection may be a WebSocket. */
    @Test
    void aWebSocketAfterHttpHasBatches() {
        open(8, true);
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(machine.nextTimer(), 0, 0));
        perform(machine.onOpen(2, false, false, SECOND));
        perform(machine.onWelcome(
                2, new Welcome("s", "k", true, null, "s-0", 0, 100, 100_000, 8, Long.MAX_VALUE), SECOND));
        perform(machine.onLive(2, SECOND));
        effects.take();
        send(message("m1", 1));
        send(message("m2", 1));
        saw();
    }

    @Test
    void whatIsSentWithinTheWindowOfOneAnotherGoesTogether() {
        open(8);
        for (int i = 1; i <= 3; i++) send(message("m" + i, 1));
        saw();
        assertEquals(WINDOW, machine.nextTimer());
        perform(machine.onTimer(WINDOW, 0, 0));
        saw("send 1+2+3");
        // One frame was written, three messages are.
        perform(machine.onWritten(1, 1, WINDOW));
        saw("written 1", "written 2", "written 3");
        perform(machine.onAck(1, 3, WINDOW));
        saw("ended m1 ACKNOWLEDGED", "ended m2 ACKNOWLEDGED", "ended m3 ACKNOWLEDGED");
        send(message("m4", 1));
        saw();
        assertEquals(WINDOW, machine.nextTimer());
    }

    @Test
    void aLoneMessageGoesAsAlways() {
        open(8);
        send(message("m", 1));
        perform(machine.onTimer(WINDOW, 0, 0));
        saw("send 1");
    }

    @Test
    void nothingWaitsWhereTheServerTakesNone() {
        open(0);
        send(message("m", 1));
        saw("send 1");
    }

    @Test
    void noMoreShareAFrameThanTheServerTakes() {
        open(2);
        for (int i = 1; i <= 5; i++) send(message("m" + i, 1));
        perform(machine.onTimer(WINDOW, 0, 0));
        saw("send 1+2", "send 3+4", "send 5");
        perform(machine.onWritten(1, 2, WINDOW));
        saw("written 1", "written 2", "written 3", "written 4");
    }

    @Test
    void whatIsLargeOrBinaryGoesAloneAndInItsTurn() {
        open(8);
        send(message("m1", 100));
        send(message("m2", 100));
        send(new Outbound(Payload.binary(ByteString.EMPTY), 0, "receipt"));
        send(message("m4", 100));
        send(message("m5", 100));
        perform(machine.onTimer(WINDOW, 0, 0));
        saw("send 1+2", "send 3", "send 4+5");
    }

    @Test
    void whatIsUrgentTakesAlongWhatWaits() {
        open(8);
        send(message("m", 1));
        saw();
        send(high("h"));
        saw("send 1+2");
        assertEquals("h", effects.sent().get(0).payload().text());
    }

    @Test
    void aQueueUnderPressureDoesNotWait() {
        open(8);
        for (int i = 1; i <= 6; i++) send(message("m" + i, 90));
        saw("send 1+2+3+4+5+6");
    }

    @Test
    void whoClosesDoesNotWait() {
        open(8);
        send(message("m1", 1));
        send(message("m2", 1));
        perform(machine.close(0));
        saw("CLOSING", "send 1+2");
    }

    @Test
    void whatWasUnderWaySharesFramesAgainAtOnce() {
        open(8);
        send(message("m1", 1));
        send(message("m2", 1));
        perform(machine.onTimer(WINDOW, 0, 0));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), SECOND));
        send(message("m3", 1));
        perform(machine.onTimer(4 * SECOND, 0, 0));
        perform(machine.onOpen(2, 4 * SECOND));
        effects.take();
        perform(machine.onWelcome(
                2, new Welcome("s", "k", true, null, "s-0", 0, 100, 100_000, 8, Long.MAX_VALUE), 4 * SECOND));
        saw("send 1+2+3");
        perform(machine.onWritten(2, 1, 4 * SECOND));
        saw();
        perform(machine.onWritten(2, 1, 4 * SECOND));
        saw("written 1", "written 2", "written 3");
    }

    @Test
    void whatTheWindowHoldsBackIsNotWaitedForInVain() {
        open(8);
        for (int i = 1; i <= 9; i++) send(message("m" + i, 60));
        perform(machine.onTimer(WINDOW, 0, 0));
        effects.take();
        // All is handed over or held up by somebody else, so no timer of the batches' is left.
        assertEquals(20 * SECOND, machine.nextTimer());
    }
}
