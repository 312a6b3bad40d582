package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Kind;
import dev.holdfast.Outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import okio.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session that the server opens, whose messages are acknowledged one by one. */
class OpeningExchangeTest extends MachineRig {
    private static final long HEARTBEAT = 45 * SECOND;

    @BeforeEach
    void aSessionThatTheServerOpens() {
        machine = machine(settings(false).opening(true));
    }

    private static Welcome welcome(String key, boolean resumed) {
        return Welcome.unnumbered("sid", key, resumed, resumed ? null : "not recovered", 1_000, HEARTBEAT);
    }

    private static Outbound acknowledged(String text, long ackId, int tries, long timeoutNanos) {
        Packet packet = Packet.acknowledged(text, List.of(), ackId, tries, timeoutNanos);
        return new Outbound(Payload.packet(packet), packet.bytes(), "receipt of " + text);
    }

    private void openUp(long connection, String key, boolean resumed, long now) {
        perform(machine.onOpen(connection, now));
        perform(machine.protocolInput.onHello(connection, now));
        perform(machine.onWritten(connection, 1, now));
        perform(machine.onWelcome(connection, welcome(key, resumed), now));
        effects.take();
    }

    private void first() {
        perform(machine.connect(0));
        openUp(1, "pid", false, 0);
    }

    private void lose(long connection, long now) {
        perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "gone", null), now));
    }

    @Test
    void theClientOpensAfterTheServerHasSpokenAndMessagesWaitForTheWelcome() {
        send(message("early", 5));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        saw("CONNECTING", "connect 1", "RESUMING");
        perform(machine.protocolInput.onHello(1, 0));
        saw("open null null null");
        perform(machine.onWelcome(1, welcome("pid", false), 0));
        saw("OPEN", "send 0");
        assertEquals("new", effects.opened);
    }

    @Test
    void aServerThatNeverSpeaksIsLeft() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        runOut(15 * SECOND, 0);
        saw("cancel", "failed OPEN no welcome in time, retry in 1000000000", "WAITING");
    }

    @Test
    void aSecondHelloBreaksTheProtocol() {
        first();
        perform(machine.protocolInput.onHello(1, 0));
        saw(
                "close 4400 hello out of place",
                "failed SESSION server broke the session protocol: hello out of place, retry in 1000000000",
                "WAITING");
    }

    @Test
    void theReplayComesBeforeTheWelcomeAndTheNextOpenNamesTheNewestMessage() {
        first();
        perform(machine.onMessage(1, "m-1", Payload.text("a"), 1, 0));
        lose(1, 0);
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onOpen(2, SECOND));
        perform(machine.protocolInput.onHello(2, SECOND));
        saw("RESUMING", "open sid pid m-1");
        perform(machine.onMessage(2, "m-2", Payload.text("b"), 1, SECOND));
        perform(machine.onWelcome(2, welcome("pid", true), SECOND));
        saw("deliver m-2 TEXT b", "OPEN");
        assertEquals("resumed, 1 replayed", effects.opened);
    }

    @Test
    void aSessionThatIsNotResumedIsLostOnlyIfItCouldHaveBeen() {
        first();
        lose(1, 0);
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        perform(machine.protocolInput.onHello(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("", false), SECOND));
        saw("lost not recovered 0", "OPEN");
        lose(2, SECOND);
        perform(machine.onTimer(3 * SECOND, 0, 0));
        perform(machine.onOpen(3, 3 * SECOND));
        perform(machine.protocolInput.onHello(3, 3 * SECOND));
        effects.take();
        perform(machine.onWelcome(3, welcome("", false), 3 * SECOND));
        saw("OPEN");
    }

    @Test
    void equalIdsAreNotDuplicates() {
        first();
        perform(machine.onMessage(1, "hi", Payload.text("a"), 1, 0));
        perform(machine.onMessage(1, "hi", Payload.text("b"), 1, 0));
        saw("deliver hi TEXT a", "deliver hi TEXT b");
    }

    @Test
    void theHeartbeatIsTheServersAndSilenceEndsTheConnection() {
        first();
        perform(machine.onTimer(40 * SECOND, 0, 0));
        saw();
        perform(machine.protocolInput.onControl(1, Packet.of("3", List.of(), null), 40 * SECOND));
        saw("control 3");
        // The server does not read.
        perform(machine.protocolInput.onControl(1, Packet.of("3", List.of(), null), 40 * SECOND));
        saw();
        perform(machine.onWritten(1, 1, 40 * SECOND));
        perform(machine.protocolInput.onControl(1, Packet.of("3", List.of(), null), 40 * SECOND));
        saw("control 3");
        runOut(85 * SECOND, 40 * SECOND);
        saw("cancel", "failed SESSION no sign of life since a ping, retry in 1000000000", "WAITING");
    }

    @Test
    void theServerMayEndTheSessionAndTheReactionToTheCauseCounts() {
        first();
        perform(machine.protocolInput.onEnded(1, "server disconnect", new LinkageError("x"), 0));
        saw(
                "close 1000 ",
                "failed SESSION server disconnect, stop: another attempt would fail in the same way",
                "IDLE");
    }

    @Test
    void theClientMayOpenAndTheWelcomeEndsTheExchange() {
        machine = machine(settings(false).opening(false));
        send(message("early", 5));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        saw("CONNECTING", "connect 1", "RESUMING", "open null null null");
        perform(machine.onWritten(1, 1, 0));
        perform(machine.onWelcome(1, welcome("", false), 0));
        saw("OPEN", "send 0");
        assertEquals("new", effects.opened);
        perform(machine.onMessage(1, null, Payload.text("a"), 1, 0));
        saw("deliver null TEXT a");
    }

    @Test
    void aPacketForOneConnectionIsNotSentOnAnother() {
        boolean[] valid = {true};
        first();
        for (long ackId = 1; ackId <= 2; ackId++) {
            Packet packet = Packet.acknowledged("bound", List.of(), ackId, 1, 0).validWhile(() -> valid[0]);
            send(new Outbound(Payload.packet(packet), packet.bytes(), "receipt"));
            saw(ackId == 1 ? new String[] {"send 0"} : new String[] {"ended bound CANCELLED"});
            valid[0] = false;
        }
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("answer"), 1, 0));
        saw("ended bound ACKNOWLEDGED", "deliver null TEXT answer");
    }

    @Test
    void aPacketMayBeRejectedAndAnAcknowledgementMayHaveNoAnswer() {
        first();
        send(acknowledged("wrong", 1, 5, 0));
        send(acknowledged("right", 2, 5, 0));
        saw("send 0", "send 0");
        perform(machine.protocolInput.onRejected(1, 1, Outcome.rejected("ERROR", "why"), 0));
        saw("ended wrong REJECTED");
        perform(machine.protocolInput.onRejected(1, 1, Outcome.rejected("ERROR", "why"), 0));
        saw();
        perform(machine.protocolInput.onAcknowledged(1, 2, null, 0, 0));
        saw("ended right ACKNOWLEDGED");
        lose(1, 0);
        effects.take();
    }

    @Test
    void aPacketWithoutTextIsItsAttachments() {
        first();
        Packet bytes = Packet.acknowledged("", List.of(ByteString.encodeUtf8("1")), 1, 1, 0);
        send(new Outbound(Payload.packet(bytes), bytes.bytes(), "receipt"));
        saw("send 0");
        perform(machine.onWritten(1, 1, 0));
        saw("written 0");
    }

    @Test
    void aPacketIsWrittenWithItsLastPartAndAnAcknowledgedOneWaits() {
        first();
        Packet plain = Packet.of("head", List.of(ByteString.encodeUtf8("1"), ByteString.encodeUtf8("2")), null);
        send(new Outbound(Payload.packet(plain), plain.bytes(), "receipt"));
        send(acknowledged("asks", 7, 1, 0));
        saw("send 0", "send 0");
        perform(machine.onWritten(1, 2, 0));
        saw();
        perform(machine.onWritten(1, 1, 0));
        saw("written 0", "ended head WRITTEN");
        perform(machine.onWritten(1, 1, 0));
        saw("written 0");
        perform(machine.protocolInput.onAcknowledged(1, 8, Payload.text("other"), 1, 0));
        saw();
        perform(machine.protocolInput.onAcknowledged(1, 7, Payload.text("answer"), 1, 0));
        saw("ended asks ACKNOWLEDGED", "deliver null TEXT answer");
        perform(machine.protocolInput.onAcknowledged(1, 7, Payload.text("answer"), 1, 0));
        saw();
    }

    @Test
    void aLostConnectionMakesUnacknowledgedMessagesUnknownUnlessTheyMayGoAgain() {
        first();
        send(acknowledged("once", 1, 1, 0));
        send(acknowledged("twice", 2, 2, 0));
        send(acknowledged("twice too", 3, 2, 0));
        perform(machine.onWritten(1, 2, 0));
        effects.take();
        lose(1, 0);
        saw("ended once UNKNOWN", "failed SESSION gone, retry in 1000000000", "WAITING");
        send(message("later", 5));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        perform(machine.protocolInput.onHello(2, SECOND));
        perform(machine.onWritten(2, 1, SECOND));
        effects.take();
        int before = effects.sent().size();
        perform(machine.onWelcome(2, welcome("pid", true), SECOND));
        perform(machine.onWritten(2, 1, SECOND));
        assertEquals(
                List.of("twice", "twice too"),
                effects.sent().subList(before, before + 2).stream()
                        .map(message -> message.payload().text())
                        .toList());
        effects.take();
        perform(machine.protocolInput.onAcknowledged(2, 2, Payload.text("yes"), 1, SECOND));
        saw("ended twice ACKNOWLEDGED", "deliver null TEXT yes");
        lose(2, SECOND);
        assertEquals(
                List.of("ended later UNKNOWN", "ended twice too UNKNOWN"),
                effects.take().subList(0, 2));
    }

    @Test
    void anAcknowledgementHasATimeLimitFromWhenItWasHandedOver() {
        first();
        send(acknowledged("asks", 1, 2, 5 * SECOND));
        perform(machine.onWritten(1, 1, 0));
        effects.take();
        assertEquals(5 * SECOND, machine.nextTimer());
        perform(machine.onTimer(5 * SECOND, 5 * SECOND, 5 * SECOND));
        saw("send 0");
        perform(machine.onWritten(1, 1, 5 * SECOND));
        perform(machine.onTimer(10 * SECOND, 10 * SECOND, 10 * SECOND));
        saw("ended asks UNKNOWN");
        perform(machine.close(10 * SECOND));
        saw("CLOSING", "bye", "close 1000 ");
    }

    @Test
    void aRequestIsRepeatedOnAnotherConnectionAloneAndItsTimeRunsOn() {
        first();
        Packet once = Packet.request("once", 1, false, 0);
        Packet again = Packet.request("again", 2, true, 5 * SECOND);
        send(new Outbound(Payload.packet(once), once.bytes(), "receipt"));
        send(new Outbound(Payload.packet(again), again.bytes(), "receipt"));
        perform(machine.onWritten(1, 2, 0));
        effects.take();
        lose(1, 0);
        saw("ended once UNKNOWN", "failed SESSION gone, retry in 1000000000", "WAITING");
        perform(machine.onTimer(SECOND, SECOND, SECOND));
        openUp(2, "pid", false, SECOND);
        assertEquals(
                "again", effects.sent().get(effects.sent().size() - 1).payload().text());
        perform(machine.onWritten(2, 1, SECOND));
        effects.take();
        assertEquals(5 * SECOND, machine.nextTimer());
        perform(machine.onTimer(5 * SECOND, 5 * SECOND, 5 * SECOND));
        saw("ended again UNKNOWN");
    }

    @Test
    void anAbandonedRequestEndsAtOnceAndIsNotRepeated() {
        first();
        Packet packet = Packet.request("asks", 1, true, 0);
        send(new Outbound(Payload.packet(packet), packet.bytes(), "receipt"));
        perform(machine.onWritten(1, 1, 0));
        effects.take();
        perform(machine.protocolInput.onAbandoned(1, 0));
        saw("ended asks UNKNOWN");
        perform(machine.protocolInput.onAbandoned(1, 0));
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("late"), 1, 0));
        saw();
        perform(machine.close(0));
        saw("CLOSING", "bye", "close 1000 ");
    }

    @Test
    void aRequestEndsInTimeWithoutAConnection() {
        first();
        Packet packet = Packet.request("asks", 1, true, 5 * SECOND);
        send(new Outbound(Payload.packet(packet), packet.bytes(), "receipt"));
        perform(machine.onWritten(1, 1, 0));
        lose(1, 4 * SECOND);
        perform(machine.onTimer(5 * SECOND, 5 * SECOND, 5 * SECOND));
        assertTrue(effects.take().contains("ended asks UNKNOWN"));
        openUp(2, "pid", false, 5 * SECOND);
        assertEquals(1, effects.sent().size());
    }

    @Test
    void theOutcomeSaysThatAMessageWasSentTwice() {
        Outcome[] outcome = new Outcome[1];
        AwaitedAcks awaited = new AwaitedAcks();
        Outbound message = acknowledged("asks", 1, 2, 1);
        awaited.handedOver(message, 0);
        List<Effect> out = new ArrayList<>();
        awaited.connectionLost(out);
        assertEquals(message, awaited.nextToResend(out));
        awaited.handedOver(message, 0);
        awaited.acknowledge(1, out);
        for (Effect effect : out) {
            effect.perform(new RecordingEffects() {
                @Override
                public void ended(Outbound ended, Outcome how) {
                    outcome[0] = how;
                }
            });
        }
        assertEquals(Kind.ACKNOWLEDGED, outcome[0].kind());
        assertEquals("sent 2 times: the server may have handled it more than once", outcome[0].detail());
        Outbound late = acknowledged("late", 2, 1, 10);
        awaited.handedOver(late, 0);
        out.clear();
        awaited.expire(9, out);
        assertEquals(List.of(), out);
        awaited.expire(10, out);
        out.get(0).perform(new RecordingEffects() {
            @Override
            public void ended(Outbound ended, Outcome how) {
                outcome[0] = how;
            }
        });
        assertEquals(Reason.NOT_ACKNOWLEDGED, outcome[0].reason());
    }

    @Test
    void closingWaitsForAcknowledgements() {
        first();
        send(acknowledged("asks", 1, 1, 0));
        perform(machine.onWritten(1, 1, 0));
        effects.take();
        perform(machine.close(0));
        saw("CLOSING");
        perform(machine.protocolInput.onAcknowledged(1, 1, Payload.text("yes"), 1, 0));
        saw("ended asks ACKNOWLEDGED", "deliver null TEXT yes", "bye", "close 1000 ");
    }
}
