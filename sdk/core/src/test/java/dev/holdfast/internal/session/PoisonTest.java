package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.OutboundQueue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that the server cannot take: how they are found, and how the others get past them. */
class PoisonTest extends MachineRig {
    private long connection;

    {
        // With room for larger messages, all of which are handed over at once.
        machine = machine(settings(true, null, 10_000));
    }

    private void connect(boolean resumed, long handled, long maxMessage) {
        perform(connection == 0 ? machine.connect(0) : machine.onTimer(machine.nextTimer(), 0, 0));
        welcome(resumed, handled, maxMessage);
    }

    private void welcome(boolean resumed, long handled, long maxMessage) {
        welcome(false, resumed, handled, maxMessage);
    }

    private void welcome(boolean overHttp, boolean resumed, long handled, long maxMessage) {
        perform(machine.onOpen(++connection, false, overHttp, 0));
        effects.take();
        String reason = resumed ? null : "new";
        perform(machine.onWelcome(
                connection, new Welcome("s", "k", resumed, reason, "s-0", handled, 100, 10_000, 0, maxMessage), 0));
    }

    private void lose() {
        perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "reset", null), 0));
    }

    private void refuse(int code) {
        perform(machine.onClosed(connection, new CloseReason(code, ""), Loss.closed(Phase.SESSION, code, ""), 0));
    }

    private Outbound sent(String text, long bytes) {
        Outbound message = message(text, bytes);
        send(message);
        return message;
    }

    @Test
    void aMessageThatIsTooLargeIsRejectedBeforeItHasASeq() {
        connect(false, 0, 100);
        sent("large", 101);
        sent("fits", 100);
        saw("ended large REJECTED", "send 1");
    }

    @Test
    void whatWaitedIsHeldToTheLimitOfTheWelcome() {
        sent("small", 1);
        sent("large", 101);
        sent("fits", 100);
        connect(false, 0, 100);
        saw("send 1", "ended large REJECTED", "send 2");
    }

    @Test
    void aSessionStartMessageThatIsTooLargeIsSkipped() {
        perform(machine.putStartMessage("a", () -> message("A", 101).asSessionStart(), 0));
        perform(machine.putStartMessage("b", () -> message("B", 100).asSessionStart(), 0));
        connect(false, 0, 100);
        saw("start B", "send 1");
    }

    @Test
    void aSkippedSessionStartMessageIsSentWhenAWelcomeAllowsIt() {
        perform(machine.putStartMessage("a", () -> message("A", 101).asSessionStart(), 0));
        connect(false, 0, 100);
        perform(machine.onLive(connection, 0));
        lose();
        connect(true, 0, 100);
        saw();
        lose();
        connect(true, 0, 101);
        saw("start A", "send 1");
        lose();
        connect(true, 1, 101);
        saw();
    }

    @Test
    void aSkippedSessionStartMessageIsNotToldAfterARestoreEither() {
        perform(machine.putStartMessage("a", () -> message("A", 101).asSessionStart(), 0));
        perform(machine.putStartMessage("b", () -> message("B", 1).asSessionStart(), 0));
        connect(false, 0, 100);
        assertEquals(Set.of("b"), machine.snapshot().startMessages.keySet());
        perform(machine.withdraw("a"));
        lose();
        connect(true, 1, 101);
        saw();
    }

    @Test
    void whatIsTooLargeForTheNextWelcomeIsNotSentAgainAndLeavesNoHole() {
        connect(false, 0, Long.MAX_VALUE);
        Outbound before = sent("before", 1);
        sent("large", 101);
        Outbound behind = sent("behind", 2);
        lose();
        connect(true, 0, 100);
        saw("ended large REJECTED", "send 1", "send 2");
        assertEquals(1, before.seq());
        assertEquals(2, behind.seq());
        perform(machine.onAck(connection, 2, 0));
        saw("ended before ACKNOWLEDGED", "ended behind ACKNOWLEDGED");
        sent("next", 1);
        saw("send 3");
    }

    @Test
    void whatIsTooLargeAndWasDealtWithIsAcknowledged() {
        connect(false, 0, Long.MAX_VALUE);
        sent("large", 101);
        lose();
        connect(true, 1, 100);
        perform(machine.onLive(connection, 0));
        saw("ended large ACKNOWLEDGED", "OPEN");
    }

    @Test
    void theLargestMessageIsSuspectedWhenTheServerRefusesASize() {
        connect(false, 0, Long.MAX_VALUE);
        sent("small", 1);
        Outbound large = sent("large", 500);
        sent("behind", 2);
        effects.take();
        refuse(4413);
        assertEquals(
                "failed SESSION server closed with 4413, stop: a message is too large for the server, suspect large",
                effects.take().get(0));
        large.giveUp();
        perform(machine.connect(0));
        welcome(true, 1, Long.MAX_VALUE);
        saw("ended large REJECTED", "send 2");
        perform(machine.onLive(connection, 0));
        perform(machine.onAck(connection, 2, 0));
        saw("ended small ACKNOWLEDGED", "OPEN", "ended behind ACKNOWLEDGED");
    }

    /** The largest may have passed: a binary message is longer there, and so is a text with escapes. */
    @Test
    void aRequestThatIsRefusedMakesTheMessageSuspectThatWasWrittenLast() {
        perform(machine.connect(0));
        welcome(true, false, 0, Long.MAX_VALUE);
        perform(machine.onWritten(connection, 1, 0));
        sent("large", 500);
        Outbound refused = sent("refused", 400);
        sent("not written", 600);
        perform(machine.onWritten(connection, 2, 0));
        effects.take();
        perform(machine.onClosed(connection, new CloseReason(1009, ""), Loss.closed(Phase.SESSION, 1009, "", true), 0));
        assertEquals(
                "failed SESSION server closed with 1009, stop: a message is too large for the server, suspect refused",
                effects.take().get(0));
        refused.giveUp();
        perform(machine.connect(0));
        welcome(true, true, 1, Long.MAX_VALUE);
        saw("ended refused REJECTED", "send 2");
    }

    /** The server's own close, also over HTTP: it has read more than one message. */
    @ParameterizedTest
    @ValueSource(ints = {1009, 4413})
    void overHttpTheLargestMessageIsSuspectedWhenTheServerRefusesASize(int code) {
        perform(machine.connect(0));
        welcome(true, false, 0, Long.MAX_VALUE);
        perform(machine.onWritten(connection, 1, 0));
        sent("large", 500);
        sent("behind", 400);
        perform(machine.onWritten(connection, 2, 0));
        effects.take();
        refuse(code);
        assertEquals(true, effects.take().get(0).endsWith("suspect large"));
    }

    @Test
    void aMessageThatIsGivenUpAndWasDealtWithIsAcknowledged() {
        connect(false, 0, Long.MAX_VALUE);
        Outbound message = sent("m", 1);
        message.giveUp();
        lose();
        connect(true, 1, Long.MAX_VALUE);
        perform(machine.onLive(connection, 0));
        saw("ended m ACKNOWLEDGED", "OPEN");
    }

    @Test
    void theMessageThatIsFirstInThreeLossesIsSuspected() {
        connect(false, 0, Long.MAX_VALUE);
        Outbound poison = sent("poison", 1);
        sent("behind", 1);
        for (int i = 0; i < 2; i++) {
            effects.take();
            lose();
            assertEquals(false, effects.take().get(0).contains("suspect"));
            connect(true, 0, Long.MAX_VALUE);
        }
        effects.take();
        // What the server sends meanwhile achieves nothing for what is sent to it.
        perform(machine.onMessage(connection, "s-1", Payload.text("x"), 1, 0));
        effects.take();
        lose();
        assertEquals(true, effects.take().get(0).endsWith("suspect poison"));
        poison.giveUp();
        perform(machine.onTimer(machine.nextTimer(), 0, 0));
        perform(machine.onOpen(++connection, 0));
        effects.take();
        perform(machine.onWelcome(connection, welcome("s", "k", true, null, "s-1", 0, 100, 10_000), 0));
        saw("ended poison UNKNOWN", "send 1");
    }

    @Test
    void aMessageThatGotThroughIsNotSuspected() {
        connect(false, 0, Long.MAX_VALUE);
        for (int i = 1; i <= 5; i++) {
            sent("m" + i, 1);
            lose();
            assertEquals(false, String.join(" ", effects.take()).contains("suspect"));
            connect(true, i, Long.MAX_VALUE);
            perform(machine.onLive(connection, 0));
        }
    }

    @Test
    void aMessageThatTheServerDidNotGetToIsNotGivenUpWithTheSession() {
        connect(false, 0, Long.MAX_VALUE);
        Outbound message = sent("m", 1);
        message.giveUp();
        lose();
        connect(false, 0, Long.MAX_VALUE);
        saw("ended m UNKNOWN", "lost new 1");
    }

    @Test
    void theQueueLetsGoOfWhatIsTooLargeOnly() {
        WaitingQueue waiting = new WaitingQueue(OutboundQueue.ofBytes(1_000));
        waiting.offer(message("m", 100));
        assertEquals(null, waiting.pollLarger(100));
        assertEquals(100, waiting.pollLarger(99).bytes());
        assertEquals(0, waiting.count());
    }
}
