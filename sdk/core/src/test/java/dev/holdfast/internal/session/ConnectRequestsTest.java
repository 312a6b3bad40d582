package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The waits that {@code connect()} may cut short, and how often. Times in seconds. */
class ConnectRequestsTest extends MachineRig {
    /** More than any test here expects. */
    private static final int MAX_ATTEMPTS = 100;

    private static final Loss REFUSED = Loss.of(Phase.TCP, "refused", null);

    private final List<Long> attempts = new ArrayList<>();
    private final List<Integer> turns = new ArrayList<>();
    private long connection;
    private boolean asks;
    private boolean disconnectsFirst;

    @BeforeEach
    void count() {
        machine = machine(settings(true).gate(new SessionSettings.Gate() {
            @Override
            public long reserve(int endpoint, long now) {
                turns.add(1);
                return 0;
            }

            @Override
            public void giveBack(int endpoint) {
                turns.add(-1);
            }
        }));
    }

    /** Performs what the machine asks for as an application does that calls connect() from its state callbacks. */
    private void live(List<Effect> all, Loss loss, long now) {
        perform(all);
        for (List<String> seen = effects.take(); !seen.isEmpty(); seen = effects.take()) {
            for (String one : seen) {
                if (one.startsWith("connect ")) {
                    connection++;
                    attempts.add(now);
                    assertTrue(attempts.size() <= MAX_ATTEMPTS, "attempts without end");
                    perform(machine.onFailed(connection, loss, now));
                } else if (disconnectsFirst && one.startsWith("failed ")) {
                    perform(machine.disconnect(now));
                    perform(machine.connect(now));
                } else if (asks && (one.equals("WAITING") || one.equals("IDLE"))) {
                    perform(machine.connect(now));
                }
            }
        }
    }

    private void run(Loss loss, long seconds) {
        live(machine.connect(0), loss, 0);
        for (long now = 0; now <= seconds * SECOND; now += SECOND / 100) live(machine.onTimer(now, 0, 0), loss, now);
    }

    @Test
    void anApplicationThatConnectsFromEveryCallbackMakesOneAttemptInTwoSeconds() {
        asks = true;
        run(REFUSED, 20);
        assertEquals(0, attempts.get(0));
        assertEquals(0, attempts.get(1));
        for (int i = 2; i < attempts.size(); i++) {
            // The backoff's own attempts come between, at 1 s, 2 s and then 4 s after a failure.
            assertTrue(attempts.get(i) - attempts.get(i - 2) >= 2 * SECOND, attempts.toString());
        }
        assertTrue(attempts.size() <= 14, attempts.toString());
    }

    @Test
    void anApplicationThatConnectsAfterEveryStopMakesOneAttemptInTwoSeconds() {
        asks = true;
        run(Loss.refused("HTTP 403", 403, 0, null), 6);
        assertEquals(List.of(0L, 0L, 2 * SECOND, 4 * SECOND, 6 * SECOND), attempts);
    }

    @Test
    void disconnectingFirstIsNoWayAround() {
        disconnectsFirst = true;
        run(REFUSED, 6);
        assertEquals(List.of(0L, 0L, 2 * SECOND, 4 * SECOND, 6 * SECOND), attempts);
    }

    @Test
    void aDelayThatTheServerAskedForIsKept() {
        asks = true;
        run(Loss.refused("HTTP 503", 503, 60 * SECOND, null), 59);
        assertEquals(List.of(0L), attempts);
    }

    @Test
    void aDelayThatTheServerAskedForIsKeptAcrossAStopAndADisconnect() {
        Loss forbidden = Loss.refused("HTTP 403", 403, 60 * SECOND, null);
        run(forbidden, 1);
        live(machine.connect(SECOND), forbidden, SECOND);
        assertEquals(60 * SECOND, machine.nextTimer());
        live(machine.disconnect(SECOND), forbidden, SECOND);
        live(machine.connect(SECOND), forbidden, SECOND);
        assertEquals(List.of(0L), attempts);
        live(machine.onTimer(60 * SECOND, 0, 0), forbidden, 60 * SECOND);
        assertEquals(List.of(0L, 60 * SECOND), attempts);
    }

    @Test
    void theWindowAfterARestartIsKept() {
        open();
        perform(machine.onClosed(1, new CloseReason(1012, ""), Loss.closed(Phase.SESSION, 1012, ""), 0));
        long due = machine.nextTimer();
        effects.take();
        perform(machine.connect(0));
        saw();
        assertEquals(due, machine.nextTimer());
    }

    @Test
    void connectNowPassesBothAsOftenAsItIsCalled() {
        Loss busy = Loss.refused("HTTP 503", 503, 60 * SECOND, null);
        run(busy, 0);
        for (int i = 1; i <= 5; i++) live(machine.connectNow(i), busy, i);
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), attempts);
    }

    @Test
    void anotherNetworkAllowsAnotherAttemptAtOnce() {
        run(REFUSED, 0);
        live(machine.connect(1), REFUSED, 1);
        live(machine.connect(2), REFUSED, 2);
        assertEquals(List.of(0L, 1L), attempts);
        live(machine.onNetworkChanged(3), REFUSED, 3);
        live(machine.connect(4), REFUSED, 4);
        assertEquals(List.of(0L, 1L, 3L, 4L), attempts);
        live(machine.connect(5), REFUSED, 5);
        assertEquals(List.of(0L, 1L, 3L, 4L), attempts);
    }

    @Test
    void aRequestThatWaitsGoesAtOnceWhenTheNetworkIsBack() {
        run(REFUSED, 0);
        live(machine.connect(1), REFUSED, 1);
        live(machine.connect(2), REFUSED, 2);
        live(machine.onNetworkLost(3), REFUSED, 3);
        live(machine.connect(4), REFUSED, 4);
        assertEquals(List.of(0L, 1L), attempts);
        live(machine.onNetworkAvailable(5), REFUSED, 5);
        assertEquals(List.of(0L, 1L, 5L), attempts);
    }

    @Test
    void aNetworkThatWasThereAllTheTimeAllowsNothing() {
        run(REFUSED, 0);
        live(machine.connect(1), REFUSED, 1);
        live(machine.onNetworkAvailable(2), REFUSED, 2);
        live(machine.connect(3), REFUSED, 3);
        live(machine.onNetworkAvailable(4), REFUSED, 4);
        assertEquals(List.of(0L, 1L), attempts);
    }

    @Test
    void aRequestInGoodTimesIsNotLimited() {
        for (int i = 1; i <= 5; i++) {
            perform(machine.connect(i));
            assertTrue(effects.take().contains("connect " + i));
            perform(machine.onOpen(i, i));
            perform(machine.onWelcome(
                    i, i == 1 ? welcome("new", 0) : welcome("s", "k", true, null, "s-0", 0, 9, 9), i));
            perform(machine.disconnect(i));
            effects.take();
        }
    }

    @Test
    void connectNowIsCountedInTheBudgetAndConnectIsNot() {
        run(REFUSED, 0);
        live(machine.connect(1), REFUSED, 1);
        live(machine.connect(2), REFUSED, 2);
        assertEquals(0, turns.stream().mapToInt(turn -> turn).sum());
        live(machine.connectNow(3), REFUSED, 3);
        assertEquals(1, turns.stream().mapToInt(turn -> turn).sum());
        live(machine.connect(4), REFUSED, 4);
        live(machine.onTimer(5 * SECOND, 0, 0), REFUSED, 5 * SECOND);
        assertEquals(4, attempts.size());
        assertEquals(1, turns.stream().mapToInt(turn -> turn).sum());
    }

    @Test
    void connectNowWhileConnectedTakesNoTurn() {
        open();
        perform(machine.connectNow(0));
        assertEquals(0, turns.size());
    }
}
