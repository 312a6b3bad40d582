package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.SendOptions;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single steps; what happens when they meet is the simulation's. Times in seconds. */
class SessionMachineTest extends MachineRig {
    @Test
    void opensANewSession() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        saw("CONNECTING", "connect 1", "RESUMING", "open null null null", "OPEN");
    }

    @Test
    void handsOverOnlyBelowTheLowMark() {
        open();
        for (int i = 0; i < 4; i++) send(message("m" + i, 6));
        saw("send 1", "send 2");
        perform(machine.onWritten(1, 1, 0));
        // Its own open went first.
        saw();
        perform(machine.onWritten(1, 1, 0));
        saw("written 1", "send 3");
        perform(machine.onAck(1, 1, 0));
        saw("ended m0 ACKNOWLEDGED");
    }

    @Test
    void waitsForTheServersWindow() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("s", "k", false, "new", "0", 0, 2, 1000), 0));
        effects.take();
        for (int i = 0; i < 3; i++) send(message("m" + i, 1));
        saw("send 1", "send 2");
        perform(machine.onAck(1, 2, 0));
        saw("ended m0 ACKNOWLEDGED", "ended m1 ACKNOWLEDGED", "send 3");
    }

    @Test
    void resumesWithTheSameSeqsInOrder() {
        open();
        for (int i = 0; i < 3; i++) send(message("m" + i, 1));
        perform(machine.onMessage(1, "s-1", Payload.text("hi"), 2, 0));
        effects.take();
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), SECOND));
        saw("failed SESSION reset, retry in 1000000000", "WAITING");
        send(message("m3", 1));
        assertEquals(2 * SECOND, machine.nextTimer());
        perform(machine.onTimer(2 * SECOND, 0, 0));
        perform(machine.onOpen(2, 2 * SECOND));
        saw("CONNECTING", "connect 2", "RESUMING", "open s k s-1");
        perform(machine.onWelcome(2, welcome("s", "k2", true, null, "s-1", 1, 100, 1000), 2 * SECOND));
        saw("send 2", "send 3", "send 4");
        perform(machine.onLive(2, 2 * SECOND));
        saw("ended m0 ACKNOWLEDGED", "OPEN");
    }

    @Test
    void aRefusalInTheReplayIsNotTakenForAnAcknowledgement() {
        open();
        send(message("m", 1));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k2", true, null, "s-0", 1, 100, 1000), SECOND));
        saw();
        perform(machine.onReject(2, "s-1", 1, "no", "because", SECOND));
        saw("written 1", "rejected m REJECTED (SERVER_REJECTED, no): because");
        perform(machine.onLive(2, SECOND));
        saw("OPEN");
    }

    @Test
    void aLostSessionIsTold() {
        open();
        for (int i = 0; i < 3; i++) send(message("m" + i, 4));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s2", "k2", false, "expired", "0", 1, 100, 1000), SECOND));
        saw("ended m0 ACKNOWLEDGED", "ended m1 UNKNOWN", "ended m2 UNKNOWN", "lost expired 2");
        send(message("m3", 4));
        saw("send 1");
    }

    @Test
    void whatWasNeverHandedOverGoesOutOnTheNewSession() {
        open();
        for (int i = 0; i < 3; i++) send(message("m" + i, 10));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s2", "k2", false, "unknown", "0", 0, 100, 1000), SECOND));
        saw("ended m0 UNKNOWN", "lost unknown 1", "send 1");
    }

    @Test
    void aServerThatSendsOnlyItsOwnPingsIsLeft() {
        open();
        send(message("m", 1));
        perform(machine.onWritten(1, 2, 0));
        assertEquals(30 * SECOND, leftAt(machine::controlFrameHeard));
    }

    @Test
    void aServerThatSendsOnlyWhatNeedsNoAcknowledgementIsLeft() {
        open();
        send(message("m", 1));
        perform(machine.onWritten(1, 2, 0));
        assertEquals(30 * SECOND, leftAt(now -> perform(machine.onCredentialExpiring(1, 0, now))));
    }

    /** @param server does something a little before every look at the clock */
    private long leftAt(LongConsumer server) {
        for (int i = 0; i < 1_000; i++) {
            long now = machine.nextTimer();
            server.accept(now - (SECOND / 100));
            perform(machine.onTimer(now, now - (SECOND / 100), 0));
            for (String effect : effects.take()) {
                if (effect.startsWith("ping")) perform(machine.onPingWritten(1, now));
                if (effect.startsWith("failed")) return now;
            }
        }
        return SessionMachine.NEVER;
    }

    @Test
    void aMessageNamesItsSession() {
        open();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        assertEquals("s", effects.delivered(0).session());
        assertEquals("s-1", effects.delivered(0).id());
    }

    @Test
    void acknowledgesInBulk() {
        open();
        for (int i = 1; i <= 64; i++) perform(machine.onMessage(1, "s-" + i, Payload.text("x"), 1, 0));
        effects.take();
        handled(effects.delivered(0), 0);
        saw();
        assertEquals(SECOND / 5, machine.nextTimer());
        perform(machine.onTimer(SECOND / 5, 0, 0));
        saw("ack s-1");
        perform(machine.onWritten(1, 2, SECOND));
        for (int i = 65; i <= 70; i++) perform(machine.onMessage(1, "s-" + i, Payload.text("x"), 1, 0));
        effects.take();
        for (int i = 1; i <= 63; i++) handled(effects.delivered(i), SECOND);
        saw();
        handled(effects.delivered(64), SECOND);
        saw("ack s-65");
    }

    @Test
    void anotherConnectionOpensBesideTheOneOfAResumableSession() {
        open();
        perform(machine.reconnect(SECOND));
        saw("candidate 2");
        perform(machine.onOpen(2, SECOND));
        saw("close 1001 moving", "promote", "RESUMING", "open s k s-0");
        perform(machine.onWelcome(2, welcome("s", "k", true, null, null, 0, 100, 1000), SECOND));
        perform(machine.onLive(2, SECOND));
        saw("OPEN");
    }

    @Test
    void aReconnectThatFailsIsReportedAndTheConnectionGoesOn() {
        open();
        perform(machine.reconnect(0));
        saw("candidate 2");
        long now = 0;
        for (int number = 2; number <= 7; number++) {
            perform(machine.onFailed(number, Loss.of(Phase.TCP, "unreachable", null), now));
            List<String> seen = effects.take();
            assertEquals(number == 7, seen.contains("reconnect failed unreachable"), seen.toString());
            if (number == 7) break;
            perform(machine.onPong(1, number - 1, now));
            now = machine.nextTimer();
            perform(machine.onTimer(now, now, now));
            assertTrue(effects.take().contains("candidate " + (number + 1)));
        }
        send(message("m", 1));
        saw("send 1");
    }

    @Test
    void withoutAResumableSessionTheConnectionIsClosedAndOpenedAgain() {
        machine = machine(false);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        perform(machine.reconnect(0));
        perform(machine.reconnect(0));
        saw("close 1001 ", "CONNECTING");
        send(message("m", 1));
        perform(machine.onClosed(1, new CloseReason(1001, ""), Loss.closed(Phase.SESSION, 1001, ""), 0));
        saw("connect 2");
        perform(machine.onOpen(2, 0));
        saw("OPEN", "send 0");
    }

    @Test
    void aDisconnectCallsAReconnectOff() {
        machine = machine(false);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.reconnect(0));
        effects.take();
        perform(machine.disconnect(0));
        perform(machine.onClosed(1, new CloseReason(1001, ""), Loss.closed(Phase.SESSION, 1001, ""), 0));
        saw("IDLE");
    }

    @Test
    void aCloseWaitsForTheReconnectToSendTheRest() {
        machine = machine(false);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.reconnect(0));
        send(message("m", 1));
        effects.take();
        perform(machine.close(0));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onOpen(2, 0));
        perform(machine.onWritten(2, 1, 0));
        saw("CLOSING", "connect 2", "send 0", "written 0", "ended m WRITTEN", "close 1000 ");
    }

    @Test
    void aReconnectWithoutAConnectionConnects() {
        perform(machine.reconnect(0));
        perform(machine.reconnect(0));
        saw("CONNECTING", "connect 1");
    }

    @Test
    void aServerThatNeverSelectsTheSubprotocolIsLeftAfterThreeAttempts() {
        perform(machine.connect(0));
        long now = 0;
        for (int number = 1; number <= 3; number++) {
            effects.take();
            perform(machine.onFailed(number, Loss.unselected("not selected", null), now));
            if (number == 3) break;
            now = machine.nextTimer();
            perform(machine.onTimer(now, 0, 0));
        }
        saw("failed UPGRADE not selected, stop: no server has ever selected it", "IDLE");
    }

    @Test
    void afterAWelcomeAServerThatDoesNotSelectTheSubprotocolIsTriedAgain() {
        open();
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        for (int number = 2; number <= 20; number++) {
            effects.take();
            long now = machine.nextTimer();
            perform(machine.onTimer(now, 0, 0));
            perform(machine.onFailed(number, Loss.unselected("not selected", null), now));
            assertTrue(effects.take().contains("WAITING"));
        }
    }

    private static Outbound keyed(String text) {
        SendOptions options = SendOptions.defaults().withIdempotencyKey("key of " + text);
        return new Outbound(Payload.text(text), 1, "receipt of " + text, options);
    }

    @Test
    void messagesWithAKeyGoOutAgainFirstOnTheNextSession() {
        machine = machine(settings(true).resendsWithKey(true));
        open();
        Outbound givenUp = keyed("given up");
        for (Outbound message : List.of(keyed("a"), message("b", 1), keyed("c"), givenUp)) send(message);
        givenUp.giveUp();
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        send(message("new", 1));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s2", "k2", false, "unknown", "0", 0, 100, 1000), SECOND));
        saw("ended b UNKNOWN", "ended given up UNKNOWN", "lost unknown 2", "send 1", "send 2", "send 3");
        assertEquals(
                List.of("a", "c", "new"),
                effects.sent().stream()
                        .skip(4)
                        .map(message -> message.payload().text())
                        .collect(Collectors.toList()));
        perform(machine.onAck(2, 3, SECOND));
        saw("ended a ACKNOWLEDGED", "ended c ACKNOWLEDGED", "ended new ACKNOWLEDGED");
    }

    @Test
    void messagesWithAKeySurviveARollback() {
        machine = machine(settings(true).resendsWithKey(true));
        open();
        send(keyed("a"));
        send(keyed("b"));
        perform(machine.onAck(1, 1, 0));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k2", true, null, null, 0, 100, 1000), SECOND));
        assertTrue(effects.take().contains("lost rolled-back 0"));
        long now = machine.nextTimer();
        perform(machine.onTimer(now, 0, 0));
        perform(machine.onOpen(3, now));
        effects.take();
        perform(machine.onWelcome(3, welcome("s3", "k3", false, "new", "0", 0, 100, 1000), now));
        saw("send 1");
        perform(machine.onLive(3, now));
        perform(machine.onAck(3, 1, now));
        saw("OPEN", "ended b ACKNOWLEDGED");
    }

    @Test
    void messagesWithAKeyEndWithoutThePolicy() {
        open();
        send(keyed("a"));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s2", "k2", false, "unknown", "0", 0, 100, 1000), SECOND));
        saw("ended a UNKNOWN", "lost unknown 1");
    }

    @Test
    void dropsDuplicates() {
        open();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        saw("deliver s-1 TEXT x", "duplicate");
    }

    @Test
    void dropsWhatAnOlderConnectionSays() {
        open();
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, SECOND));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "again", null), SECOND));
        perform(machine.onClosed(1, new CloseReason(1000, ""), Loss.closed(Phase.SESSION, 1000, ""), SECOND));
        saw();
    }

    @Test
    void theBackoffStartsOverOnlyAfterAConnectionHeld() {
        open();
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 5 * SECOND));
        saw("failed SESSION reset, retry in " + SECOND, "WAITING");
        reopen(2, 6 * SECOND);
        perform(machine.onFailed(2, Loss.of(Phase.SESSION, "reset", null), 7 * SECOND));
        saw("failed SESSION reset, retry in " + 2 * SECOND, "WAITING");
        reopen(3, 9 * SECOND);
        perform(machine.onFailed(3, Loss.of(Phase.SESSION, "reset", null), 19 * SECOND));
        saw("failed SESSION reset, retry in " + SECOND, "WAITING");
    }

    @Test
    void pingsAndGivesUp() {
        open();
        assertEquals(20 * SECOND, machine.nextTimer());
        perform(machine.onTimer(20 * SECOND, 0, 0));
        perform(machine.onPingWritten(1, 20 * SECOND));
        saw("ping 1");
        runOut(30 * SECOND, 0);
        saw("cancel", "failed SESSION no sign of life since a ping, retry in " + SECOND, "WAITING");
    }

    @Test
    void aServerThatNeverWelcomes() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        runOut(15 * SECOND, 0);
        saw("cancel", "failed OPEN no welcome in time, retry in " + SECOND, "WAITING");
    }

    @ParameterizedTest
    @CsvSource({
        "4400, stop: server says we broke the protocol",
        "4401, stop: not authenticated",
        "4403, stop: forbidden",
        "4409, stop: session taken over by a newer connection",
        "1000, retry in 1000000000",
        "1001, retry in 1000000000",
        "4408, retry in 1000000000",
        "4413, stop: a message is too large for the server",
        "1009, stop: a message is too large for the server",
    })
    void decidesByCloseCode(int code, String decision) {
        open();
        perform(machine.onClosed(1, new CloseReason(code, ""), Loss.closed(Phase.SESSION, code, ""), 0));
        assertEquals(
                "failed SESSION server closed with " + code + ", " + decision,
                effects.take().get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "401, 0, stop: not authenticated",
        "403, 0, stop: forbidden",
        "410, 0, stop: gone for good",
        "404, 0, retry in 1000000000",
        "500, 0, retry in 1000000000",
        "503, 8, retry in 9000000000",
    })
    void decidesByHttpStatus(int status, long retryAfter, String decision) {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onFailed(1, Loss.refused("refused", status, retryAfter * SECOND, null), 0));
        assertEquals("failed UPGRADE refused, " + decision, effects.take().get(0));
    }

    @Test
    void theServersErrorGoesWithTheClose() {
        open();
        perform(machine.onServerError(1, "slow down", 7 * SECOND));
        perform(machine.onClosed(1, new CloseReason(4429, ""), Loss.closed(Phase.SESSION, 4429, ""), 0));
        saw("failed SESSION server closed with 4429 (slow down), retry in " + 8 * SECOND, "WAITING");
    }

    @Test
    void aStopKeepsTheQueueForTheNextConnect() {
        open();
        send(message("m", 1));
        effects.take();
        perform(machine.onClosed(1, new CloseReason(4401, ""), Loss.closed(Phase.SESSION, 4401, ""), 0));
        saw("failed SESSION server closed with 4401, stop: not authenticated", "IDLE");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
        perform(machine.connect(SECOND));
        saw("CONNECTING", "connect 2");
    }

    @Test
    void aReplayThatDoesNotEnd() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 10 * SECOND));
        effects.take();
        runOut(15 * SECOND, 10 * SECOND);
        saw();
        runOut(25 * SECOND, 20 * SECOND);
        assertEquals("cancel", effects.take().get(0));
    }

    @Test
    void acknowledgementsDoNotPostponeTheEndOfAReplay() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        for (int i = 1; i <= 14; i++) {
            send(message("m" + i, 1));
            perform(machine.onWritten(1, 1, i * SECOND));
            perform(machine.onAck(1, i, i * SECOND));
        }
        effects.take();
        runOut(15 * SECOND, 14 * SECOND);
        assertEquals("cancel", effects.take().get(0));
    }

    @Test
    void aRejectInTheReplayPostponesItsEnd() {
        open();
        send(message("m", 1));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 1, 100, 1000), SECOND));
        perform(machine.onReject(2, "s-1", 1, "no", null, 11 * SECOND));
        effects.take();
        runOut(16 * SECOND, 11 * SECOND);
        saw();
        runOut(26 * SECOND, 11 * SECOND);
        assertEquals("cancel", effects.take().get(0));
    }

    @Test
    void aReplayMayWaitForASlowListener() {
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        effects.take();
        // Reading is stopped, so the last inbound byte counts as now.
        perform(machine.onTimer(15 * SECOND, 15 * SECOND, 0));
        saw();
    }

    @Test
    void acknowledgementsDoNotPileUpBehindASlowSocket() {
        open();
        for (int i = 1; i <= 200; i++) perform(machine.onMessage(1, "s-" + i, Payload.text("x"), 1, 0));
        effects.take();
        for (int i = 0; i < 200; i++) handled(effects.delivered(i), 0);
        saw("ack s-64");
        assertEquals(20 * SECOND, machine.nextTimer());
        // The open and the acknowledgement are out.
        perform(machine.onWritten(1, 2, SECOND));
        saw("ack s-200");
    }

    @Test
    void whatIsSentAgainKeepsToTheNewWindow() {
        open();
        for (int i = 0; i < 4; i++) send(message("m" + i, 1));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 1, 2, 1000), SECOND));
        // One is covered and counts until the replay is over.
        saw("send 2");
        perform(machine.onLive(2, SECOND));
        saw("ended m0 ACKNOWLEDGED", "OPEN", "send 3");
        perform(machine.onAck(2, 3, SECOND));
        saw("ended m1 ACKNOWLEDGED", "ended m2 ACKNOWLEDGED", "send 4");
    }

    @Test
    void aServerThatKeepsBreakingTheProtocolAtTheSamePlaceIsLeft() {
        open();
        for (int i = 1; i <= 3; i++) {
            effects.take();
            perform(machine.onProtocolError(i, "nonsense", 0));
            if (i < 3) reopen(i + 1, machine.nextTimer());
        }
        assertEquals(
                List.of(
                        "close 4400 nonsense",
                        "failed SESSION server broke the session protocol: nonsense, "
                                + "stop: server keeps breaking the protocol at the same place",
                        "IDLE"),
                effects.take());
    }

    @Test
    void aServerThatKeepsRejectingWhatWasNeverSentIsLeft() {
        open();
        for (int i = 1; i <= 3; i++) {
            effects.take();
            perform(machine.onReject(i, "s-" + i, 7, "no", null, 0));
            if (i < 3) reopen(i + 1, machine.nextTimer());
        }
        assertEquals("IDLE", effects.take().get(2));
    }

    @Test
    void aRejectOfWhatWasNeverSentTakesNoPlaceInTheStream() {
        open();
        perform(machine.onReject(1, "s-1", 7, "no", null, 0));
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onOpen(2, SECOND));
        saw("RESUMING", "open s k s-0");
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 0, 100, 1000), SECOND));
        perform(machine.onMessage(2, "s-1", Payload.text("x"), 1, SECOND));
        saw("deliver s-1 TEXT x");
    }

    @Test
    void anAcknowledgementOfNothingNewDoesNotExcuseAServerThatBreaksTheProtocol() {
        open();
        send(message("m", 1));
        perform(machine.onAck(1, 1, 0));
        for (int i = 1; i <= 3; i++) {
            effects.take();
            perform(machine.onAck(i, i == 1 ? 1 : 0, 0));
            perform(machine.onProtocolError(i, "nonsense", 0));
            if (i < 3) reopen(i + 1, 1, machine.nextTimer());
        }
        assertEquals("IDLE", effects.take().get(2));
    }

    @Test
    void aProtocolErrorWhileDisconnectingDoesNotReconnect() {
        open();
        perform(machine.disconnect(0));
        effects.take();
        perform(machine.onProtocolError(1, "nonsense", 0));
        saw("cancel");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void nothingIsDueWhileTheClosingHandshakeIsUnderWay() {
        open();
        perform(machine.onReconnect(1, 2 * SECOND, null, 0));
        perform(machine.close(0));
        effects.take();
        assertEquals(10 * SECOND, machine.nextTimer());
    }

    @Test
    void closingWithSomethingUnsentSaysSo() {
        send(message("m", 1));
        perform(machine.close(0));
        saw("CLOSING", "ended m CANCELLED", "CLOSED", "closed 1006 not everything could be sent");
    }

    @Test
    void closesAfterEverythingIsOver() {
        open();
        send(message("m", 1));
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        handled(effects.lastDelivered(), 0);
        effects.take();
        perform(machine.close(0));
        saw("CLOSING");
        perform(machine.onAck(1, 1, 0));
        saw("ended m ACKNOWLEDGED", "ack s-1", "bye", "close 1000 ");
        perform(machine.onClosed(1, new CloseReason(1000, "bye"), Loss.closed(Phase.SESSION, 1000, "bye"), 0));
        saw("CLOSED", "closed 1000 bye");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void aCloseOfTheApplicationsOwnIsSentWhenEverythingIsOverAndOnlyOnce() {
        open();
        send(message("m", 1));
        perform(machine.close(new CloseReason(4000, "moved"), 0));
        perform(machine.close(new CloseReason(4001, "again"), 0));
        effects.take();
        perform(machine.onAck(1, 1, 0));
        saw("ended m ACKNOWLEDGED", "bye", "close 4000 moved");
        perform(machine.onClosed(1, new CloseReason(4000, "moved"), Loss.closed(Phase.SESSION, 4000, "moved"), 0));
        saw("CLOSED", "closed 4000 moved");
    }

    @Test
    void aCloseWithoutAConnectionIsNormalWhateverTheApplicationWouldHaveSent() {
        perform(machine.close(new CloseReason(4000, "moved"), 0));
        saw("CLOSING", "CLOSED", "closed 1000");
    }

    @Test
    void closingHasATimeLimit() {
        open();
        send(message("sent", 10));
        send(message("queued", 10));
        perform(machine.close(0));
        effects.take();
        perform(machine.onTimer(10 * SECOND, 0, 0));
        saw(
                "cancel",
                "ended sent UNKNOWN",
                "ended queued CANCELLED",
                "CLOSED",
                "closed 1006 not everything could be sent");
    }

    @Test
    void disconnectKeepsTheSession() {
        open();
        perform(machine.disconnect(0));
        saw("close 1001 ", "IDLE");
        perform(machine.onClosed(1, new CloseReason(1001, ""), Loss.closed(Phase.SESSION, 1001, ""), 0));
        saw();
        perform(machine.connect(SECOND));
        perform(machine.onOpen(2, SECOND));
        saw("CONNECTING", "connect 2", "RESUMING", "open s k s-0");
    }

    @Test
    void connectCutsTheWaitShort() {
        perform(machine.connect(0));
        perform(machine.onFailed(1, Loss.of(Phase.TCP, "refused", null), 0));
        effects.take();
        perform(machine.connect(1));
        saw("CONNECTING", "connect 2");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void whatTheProtocolForbidsIsRefused() {
        open();
        perform(machine.onAck(1, 1, 0));
        assertEquals("close 4400 ack of 1, never sent", effects.take().get(0));
        machine = machine(true);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        assertEquals("close 4400 message before welcome", effects.take().get(0));
    }

    @Test
    void withoutASessionWrittenIsTheEnd() {
        machine = machine(false);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        for (int i = 0; i < 3; i++) send(message("m" + i, 6));
        saw("send 0", "send 0");
        perform(machine.onWritten(1, 1, 0));
        saw("written 0", "ended m0 WRITTEN", "send 0");
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        saw("ended m1 UNKNOWN", "ended m2 UNKNOWN", "failed SESSION reset, retry in " + SECOND, "WAITING");
    }

    private void stand(String name, String text) {
        perform(machine.putStartMessage(name, () -> message(text, 1).asSessionStart(), 0));
    }

    @Test
    void aSessionStartMessageBeginsEveryNewSessionAndNoResumedOne() {
        stand("a", "A");
        send(message("m", 1));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        saw("start A", "send 1", "send 2");
        perform(machine.onLive(1, 0));
        perform(machine.onAck(1, 2, 0));
        effects.take();
        stand("b", "B");
        saw("start B", "send 3");
        perform(machine.onAck(1, 3, 0));
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        stand("c", "C");
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 3, 100, 1000), SECOND));
        saw("start C", "send 4");
        perform(machine.withdraw("b"));
        perform(machine.onFailed(2, Loss.of(Phase.SESSION, "reset", null), SECOND));
        perform(machine.onTimer(5 * SECOND, 0, 0));
        perform(machine.onOpen(3, 5 * SECOND));
        effects.take();
        perform(machine.onWelcome(3, welcome("t", "k", false, "expired", "t-0", 3, 100, 1000), 5 * SECOND));
        saw("ended C UNKNOWN", "lost expired 0", "start A", "send 1", "start C", "send 2");
    }

    @Test
    void withoutASessionASessionStartMessageBeginsEveryConnection() {
        machine = machine(false);
        stand("a", "A");
        perform(machine.connect(0));
        effects.take();
        perform(machine.onOpen(1, 0));
        saw("OPEN", "start A", "send 0");
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onOpen(2, SECOND));
        saw("OPEN", "start A", "send 0");
    }

    /** Opens a connection on which the server resumes the session and says that it knows of that seq. */
    private void resume(long connection, String resumedSid, String last, long handled) {
        perform(machine.onFailed(connection - 1, Loss.of(Phase.SESSION, "reset", null), 0));
        perform(machine.onTimer(machine.nextTimer(), 0, 0));
        perform(machine.onOpen(connection, SECOND));
        effects.take();
        perform(machine.onWelcome(connection, welcome(resumedSid, "k", true, null, last, handled, 100, 1000), SECOND));
    }

    @Test
    void aServerThatForgotWhatItAcknowledgedLosesTheSession() {
        open();
        for (int i = 1; i <= 5; i++) send(message("m" + i, 1));
        perform(machine.onReject(1, "s-1", 3, "no", null, 0));
        perform(machine.onAck(1, 4, 0));
        resume(2, "s", null, 1);
        saw(
                "ended m5 UNKNOWN",
                "lost rolled-back 1",
                "bye",
                "close 4400 rolled-back",
                "failed SESSION server dealt with seq 4 and now knows of 1 only, retry in " + 2 * SECOND,
                "WAITING");
        assertEquals(3, effects.lost.inDoubtCount);
        assertEquals(List.of("m2", "m4"), texts(effects.lost.inDoubt));
        assertEquals(List.of("m5"), texts(effects.lost.unknown));
        send(message("m6", 1));
        perform(machine.onTimer(10 * SECOND, 0, 0));
        perform(machine.onOpen(3, 10 * SECOND));
        saw("CONNECTING", "connect 3", "RESUMING", "open null null null");
        perform(machine.onWelcome(3, welcome("t", "k", false, "new", "t-0", 0, 100, 1000), 10 * SECOND));
        saw("send 1");
    }

    @Test
    void whatALiveServerAcknowledgedWithItsWelcomeCountsToo() {
        open();
        send(message("m1", 1));
        resume(2, "s", null, 1);
        perform(machine.onLive(2, SECOND));
        resume(3, "s", null, 0);
        assertEquals("lost rolled-back 0", effects.take().get(0));
        assertEquals(List.of("m1"), texts(effects.lost.inDoubt));
    }

    @Test
    void ofWhatIsInDoubtTheNewestAreRemembered() {
        open();
        int sent = RecentlyAcknowledged.MAX_MESSAGES + 44;
        for (int i = 1; i <= sent; i++) {
            send(message("m" + i, 1));
            perform(machine.onWritten(1, i == 1 ? 2 : 1, 0));
            perform(machine.onAck(1, i, 0));
        }
        resume(2, "s", null, 3);
        assertEquals(sent - 3, effects.lost.inDoubtCount);
        assertEquals(RecentlyAcknowledged.MAX_MESSAGES, effects.lost.inDoubt.size());
        assertEquals("m45", effects.lost.inDoubt.get(0).payload().text());
    }

    @Test
    void aServerThatResumesAnotherSessionBreaksTheProtocol() {
        open();
        resume(2, "t", null, 0);
        assertEquals(
                "close 4400 welcome resumes another session", effects.take().get(0));
    }

    @Test
    void aServerThatSkipsMessagesOfItsOwnBreaksTheProtocol() {
        open();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        resume(2, "s", "s-2", 0);
        assertEquals(
                "close 4400 welcome continues after s-2, not after s-1",
                effects.take().get(0));
    }

    /** Written at one second; the server sends something all the time. */
    private void sendToAServerThatSends() {
        open();
        send(message("m", 1));
        perform(machine.onWritten(1, 2, SECOND));
        effects.take();
    }

    @Test
    void aServerThatSendsAndNoLongerReadsIsGivenUp() {
        sendToAServerThatSends();
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 20 * SECOND));
        perform(machine.onTimer(20 * SECOND, 20 * SECOND, 0));
        assertEquals(21 * SECOND, machine.nextTimer());
        effects.take();
        perform(machine.onTimer(21 * SECOND, 21 * SECOND - 1, 0));
        saw("ping 1");
        perform(machine.onPingWritten(1, 21 * SECOND));
        perform(machine.onMessage(1, "s-2", Payload.text("x"), 1, 30 * SECOND));
        effects.take();
        runOut(31 * SECOND, 30 * SECOND);
        saw(
                "cancel",
                "failed SESSION no answer to a ping while a message waits for its acknowledgement, retry in " + SECOND,
                "WAITING");
    }

    @Test
    void aServerThatReadsAndIsSlowIsReportedOnceForEachMessage() {
        sendToAServerThatSends();
        for (long ping = 1; ping <= 3; ping++) {
            long at = (1 + 20 * ping) * SECOND;
            perform(machine.onTimer(at, at - 1, 0));
            perform(machine.onPingWritten(1, at));
            perform(machine.onPong(1, ping, at + 5));
            if (ping == 1) {
                saw("ping 1", "overdue m " + (20 * SECOND + 5), "rtt 5");
            } else {
                saw("ping " + ping, "rtt 5");
            }
        }
        perform(machine.onAck(1, 1, 62 * SECOND));
        saw("ended m ACKNOWLEDGED");
    }

    @Test
    void anAcknowledgementInTimeCostsNoPing() {
        sendToAServerThatSends();
        perform(machine.onAck(1, 1, 20 * SECOND));
        effects.take();
        perform(machine.onTimer(21 * SECOND, 20 * SECOND, 0));
        saw();
    }

    private static List<String> texts(List<Outbound> messages) {
        return messages.stream().map(message -> message.payload().text()).collect(Collectors.toList());
    }

    private void loseConnection(long connection) {
        perform(machine.onFailed(connection, Loss.of(Phase.SESSION, "reset", null), 0));
    }

    @Test
    void aServerThatForgotWhatItRejectedIsNotSentItAgain() {
        open();
        send(message("m1", 1));
        perform(machine.onReject(1, "s-1", 1, "no", null, 0));
        send(message("m2", 1));
        resume(2, "s", "s-1", 0);
        saw(
                "ended m2 UNKNOWN",
                "lost rolled-back 1",
                "bye",
                "close 4400 rolled-back",
                "failed SESSION server dealt with seq 1 and now knows of 0 only, retry in " + 2 * SECOND,
                "WAITING");
    }

    @Test
    void aServerThatRejectsAheadOfAnUnfinishedMessageLosesTheSessionAndIsNotSentTheRejectedOneAgain() {
        open();
        send(message("m1", 1));
        send(message("m2", 1));
        perform(machine.onReject(1, "s-1", 2, "no", null, 0));
        resume(2, "s", "s-1", 0);
        saw(
                "ended m1 UNKNOWN",
                "lost rolled-back 1",
                "bye",
                "close 4400 rolled-back",
                "failed SESSION server dealt with seq 2 and now knows of 0 only, retry in " + 2 * SECOND,
                "WAITING");
    }

    @Test
    void aServerThatKnowsOfARejectionIsSentTheNextMessage() {
        open();
        send(message("m1", 1));
        perform(machine.onReject(1, "s-1", 1, "no", null, 0));
        send(message("m2", 1));
        resume(2, "s", "s-1", 1);
        saw("send 2");
    }

    @Test
    void aReplayedRejectionHitsNoMessageThatWasGivenTheSeqAndNotSentYet() {
        open();
        Outbound givenUp = message("m1", 1);
        send(givenUp);
        send(message("m2", 1));
        send(message("m3", 1));
        givenUp.giveUp();
        loseConnection(1);
        perform(machine.onTimer(machine.nextTimer(), 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("s", "k", true, null, "s-0", 0, 1, 1000), SECOND));
        saw("ended m1 UNKNOWN", "send 1");
        perform(machine.onReject(2, "s-1", 2, "no", null, SECOND));
        assertEquals(
                "close 4400 reject of 2, which waits for no outcome",
                effects.take().get(0));
    }

    @Test
    void whatTheServerRejectsIsWrittenThoughTheConnectionHasNotToldYet() {
        open();
        send(message("m", 1));
        effects.take();
        perform(machine.onReject(1, "s-1", 1, "no", null, 0));
        perform(machine.onWritten(1, 2, 0));
        saw("written 1", "rejected m REJECTED (SERVER_REJECTED, no)");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "new, UNKNOWN",
                "unknown, UNKNOWN",
                "null, UNKNOWN",
                "merged, UNKNOWN",
                "expired, ACKNOWLEDGED",
                "trimmed, ACKNOWLEDGED",
                "epoch, ACKNOWLEDGED"
            })
    void onlyAServerThatKnowsTheLostSessionAcknowledgesItsMessages(String reason, String outcome) {
        open();
        send(message("m", 1));
        loseConnection(1);
        perform(machine.onTimer(machine.nextTimer(), 0, 0));
        perform(machine.onOpen(2, SECOND));
        effects.take();
        perform(machine.onWelcome(2, welcome("t", "k", false, reason, "t-0", 1, 100, 1000), SECOND));
        assertEquals("ended m " + outcome, effects.take().get(0));
    }

    @Test
    void aServerThatWasToldNoSessionAcknowledgesNothingAndResumesNothing() {
        open();
        send(message("m", 1));
        for (int connection = 2; connection <= 3; connection++) {
            loseConnection(connection - 1);
            perform(machine.onTimer(machine.nextTimer(), 0, 0));
            perform(machine.onOpen(connection, true, false, SECOND));
            effects.take();
            boolean resumed = connection == 2;
            String reason = resumed ? null : "expired";
            perform(machine.onWelcome(connection, welcome("s", "k", resumed, reason, "s-0", 1, 100, 1000), SECOND));
            if (resumed)
                assertEquals(
                        "close 4400 resumed what was never begun",
                        effects.take().get(0));
        }
        assertEquals("ended m UNKNOWN", effects.take().get(0));
    }
}
