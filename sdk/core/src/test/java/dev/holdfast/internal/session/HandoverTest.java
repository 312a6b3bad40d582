package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import org.junit.jupiter.api.Test;

/** From one connection to the next without a gap, and what the network tells. Times in seconds. */
class HandoverTest extends MachineRig {
    private static final Loss RESET = Loss.of(Phase.SESSION, "reset", null);
    private static final Loss REFUSED = Loss.of(Phase.TCP, "refused", null);

    private void welcomeOn(long connection, long now) {
        perform(machine.onWelcome(connection, welcome("s", "k2", true, null, null, 0, 100, 1000), now));
        perform(machine.onLive(connection, now));
    }

    @Test
    void nobodyMovesWithoutANetwork() {
        open();
        perform(machine.onReconnect(1, SECOND, null, 20 * SECOND));
        perform(machine.onNetworkLost(20 * SECOND));
        perform(machine.onTimer(22 * SECOND, 22 * SECOND, 22 * SECOND));
        saw();
        perform(machine.onNetworkAvailable(23 * SECOND));
        saw("ping 1");
        assertTrue(machine.nextTimer() <= 23 * SECOND);
        perform(machine.onTimer(23 * SECOND, 23 * SECOND, 23 * SECOND));
        saw("candidate 2");
        // Nor does who has begun to.
        perform(machine.onNetworkLost(24 * SECOND));
        saw("drop candidate");
        assertTrue(machine.nextTimer() > 24 * SECOND);
        perform(machine.onNetworkAvailable(25 * SECOND));
        perform(machine.onTimer(25 * SECOND, 25 * SECOND, 25 * SECOND));
        assertTrue(effects.take().contains("candidate 3"));
    }

    @Test
    void theOldConnectionServesUntilTheNewOneIsOpen() {
        open();
        send(message("m", 5));
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        effects.take();
        perform(machine.onNetworkChanged(SECOND));
        saw("candidate 2");
        handled(effects.lastDelivered(), SECOND);
        perform(machine.onMessage(1, "s-2", Payload.text("y"), 1, SECOND));
        saw("deliver s-2 TEXT y");
        perform(machine.onOpen(2, 2 * SECOND));
        saw("ack s-1", "close 1001 moving", "promote", "RESUMING", "open s k s-2");
        // It will come again on the new connection.
        perform(machine.onMessage(1, "s-3", Payload.text("z"), 1, 2 * SECOND));
        perform(machine.onClosed(1, new CloseReason(4409, ""), Loss.closed(Phase.SESSION, 4409, ""), 2 * SECOND));
        saw();
        perform(machine.onWelcome(2, welcome("s", "k2", true, null, "s-2", 0, 100, 1000), 2 * SECOND));
        perform(machine.onMessage(2, "s-3", Payload.text("z"), 1, 2 * SECOND));
        perform(machine.onLive(2, 2 * SECOND));
        saw("ack s-1", "send 1", "deliver s-3 TEXT z", "OPEN");
        assertEquals("resumed, 1 replayed", effects.opened);
    }

    @Test
    void aHandoverThatFailsLeavesTheOldConnectionAndAsksItForASignOfLife() {
        open();
        perform(machine.onNetworkChanged(0));
        effects.take();
        perform(machine.onFailed(2, REFUSED, SECOND));
        saw("drop candidate", "ping 1");
        perform(machine.onPingWritten(1, SECOND));
        // Meanwhile it is tried again.
        perform(machine.onTimer(3 * SECOND, 0, 0));
        saw("candidate 3");
        runOut(4 * SECOND, 0);
        assertEquals("cancel", effects.take().get(0));
    }

    @Test
    void whereTheOldConnectionDiesFirstTheNewOneIsAwaited() {
        open();
        perform(machine.onNetworkChanged(0));
        effects.take();
        perform(machine.onFailed(1, RESET, SECOND));
        saw("failed SESSION reset, retry in 0", "promote", "CONNECTING");
        perform(machine.onOpen(2, SECOND));
        saw("RESUMING", "open s k s-0");
        welcomeOn(2, SECOND);
        saw("OPEN");
    }

    @Test
    void whereTheServerForbidsTheSessionTheHandoverIsOver() {
        open();
        perform(machine.onNetworkChanged(0));
        effects.take();
        perform(machine.onClosed(1, new CloseReason(4403, ""), Loss.closed(Phase.SESSION, 4403, ""), SECOND));
        saw("drop candidate", "failed SESSION server closed with 4403, stop: forbidden", "IDLE");
    }

    @Test
    void whereTheServerGoesAwayTheHandoverGoesOn() {
        open();
        perform(machine.onNetworkChanged(0));
        effects.take();
        perform(machine.onClosed(1, new CloseReason(1001, ""), Loss.closed(Phase.SESSION, 1001, ""), SECOND));
        saw("failed SESSION server closed with 1001, retry in 0", "promote", "CONNECTING");
    }

    @Test
    void aSecondChangeStartsOver() {
        open();
        perform(machine.onNetworkChanged(0));
        perform(machine.onNetworkChanged(SECOND));
        saw("candidate 2", "drop candidate", "candidate 3");
        perform(machine.onOpen(2, SECOND));
        saw();
    }

    @Test
    void anApplicationThatLeavesDropsTheHandover() {
        open();
        perform(machine.onNetworkChanged(0));
        effects.take();
        perform(machine.disconnect(SECOND));
        saw("drop candidate", "close 1001 ", "IDLE");
    }

    @Test
    void movesWhereTheServerDrains() {
        open();
        long later = 12 * SECOND;
        perform(machine.onReconnect(1, 2 * SECOND, "ws://other.example/", later));
        long due = machine.nextTimer();
        perform(machine.onTimer(due, due, due));
        saw("candidate 2 ws://other.example/");
        assertEquals(true, due > later && due < later + 2 * SECOND);
    }

    @Test
    void aServerThatSendsUsAwayAgainAndAgainIsNotHammered() {
        open();
        perform(machine.onReconnect(1, 0, null, 0));
        assertEquals(SECOND, machine.nextTimer());
    }

    @Test
    void noAttemptIsWastedWithoutANetwork() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onNetworkLost(0));
        saw("cancel", "OFFLINE");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
        perform(machine.onNetworkAvailable(SECOND));
        saw("CONNECTING", "connect 2");
        perform(machine.onFailed(2, REFUSED, SECOND));
        effects.take();
        perform(machine.onNetworkLost(SECOND));
        saw("OFFLINE");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void anOpenConnectionOutlivesAGapOfTheNetwork() {
        open();
        perform(machine.onNetworkLost(0));
        saw();
        perform(machine.onNetworkAvailable(SECOND));
        saw("ping 1");
        perform(machine.onNetworkLost(SECOND));
        perform(machine.onFailed(1, RESET, SECOND));
        saw("failed SESSION reset, retry in " + SECOND, "OFFLINE");
    }

    @Test
    void aNetworkThatComesBackStartsTheBackoffOver() {
        perform(machine.connect(0));
        for (int i = 1; i <= 3; i++) {
            perform(machine.onFailed(i, REFUSED, 0));
            perform(machine.onTimer(100 * SECOND, 0, 0));
        }
        effects.take();
        perform(machine.onNetworkChanged(0));
        saw("cancel", "connect 5");
        perform(machine.onFailed(5, REFUSED, 0));
        perform(machine.onNetworkLost(0));
        effects.take();
        perform(machine.onNetworkAvailable(0));
        saw("CONNECTING", "connect 6");
        perform(machine.onFailed(6, REFUSED, 0));
        saw("failed TCP refused, retry in " + SECOND, "WAITING");
    }

    @Test
    void closingWithoutANetworkWaitsForIt() {
        perform(machine.connect(0));
        send(message("m", 1));
        perform(machine.onNetworkLost(0));
        perform(machine.close(0));
        effects.take();
        perform(machine.onNetworkAvailable(SECOND));
        saw("connect 2");
    }

    @Test
    void withoutASessionAChangeIsOnlyAskedAbout() {
        machine = machine(false);
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        perform(machine.onNetworkChanged(0));
        saw("ping 1");
    }

    @Test
    void afterASleepTheConnectionGetsToProveItself() {
        open();
        perform(machine.onSuspended(1000 * SECOND));
        saw("ping 1");
        perform(machine.onPingWritten(1, 1000 * SECOND));
        perform(machine.onTimer(1000 * SECOND, 0, 0));
        saw();
        assertEquals(1003 * SECOND - SECOND / 4, machine.nextTimer());
        perform(machine.onPong(1, 1, 1001 * SECOND));
        saw("rtt " + SECOND);
        assertEquals(1020 * SECOND, machine.nextTimer());
    }

    @Test
    void aPingThatWasOutBeforeTheSleepProvesNothing() {
        open();
        perform(machine.onTimer(20 * SECOND, 0, 0));
        perform(machine.onPingWritten(1, 20 * SECOND));
        effects.take();
        perform(machine.onSuspended(1000 * SECOND));
        perform(machine.onTimer(1000 * SECOND, 0, 0));
        saw("ping 2");
    }

    @Test
    void afterASleepTheBackoffIsOverAndTheWelcomeHasTime() {
        perform(machine.connect(0));
        perform(machine.onFailed(1, REFUSED, 0));
        effects.take();
        perform(machine.onSuspended(6 * SECOND));
        perform(machine.onTimer(6 * SECOND, 0, 0));
        saw("CONNECTING", "connect 2");
        perform(machine.onOpen(2, 6 * SECOND));
        effects.take();
        perform(machine.onSuspended(1000 * SECOND));
        perform(machine.onTimer(1000 * SECOND, 0, 0));
        saw();
        assertEquals(1003 * SECOND, machine.nextTimer());
    }

    @Test
    void aNetworkThatFlapsDoesNotKeepADeadConnectionAlive() {
        open();
        for (int i = 0; i < 3; i++) {
            perform(machine.onNetworkLost(i * SECOND));
            perform(machine.onNetworkAvailable(i * SECOND));
            perform(machine.onPingWritten(1, 0));
        }
        saw("ping 1");
        runOut(3 * SECOND, 0);
        assertEquals("cancel", effects.take().get(0));
    }

    @Test
    void whereTheConnectionIsLostBeforeTheMoveTheNextOneGoesWhereTheServerSaid() {
        open();
        perform(machine.onReconnect(1, 100 * SECOND, "ws://other.example/", 12 * SECOND));
        perform(machine.onFailed(1, RESET, 12 * SECOND));
        effects.take();
        perform(machine.onTimer(13 * SECOND, 0, 0));
        saw("CONNECTING", "connect 2 ws://other.example/");
        perform(machine.onFailed(2, REFUSED, 13 * SECOND));
        perform(machine.onTimer(20 * SECOND, 0, 0));
        assertEquals("connect 3", effects.take().get(3));
    }
}
