package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Interactions of several features: snapshots, session start messages, renewals, budgets, handovers that fail. */
class MeetingsTest extends MachineRig {
    static final Loss RESET = Loss.of(Phase.SESSION, "reset", null);
    static final Loss REFUSED = Loss.of(Phase.TCP, "refused", null);

    static Welcome resumed(long handled) {
        return welcome("s", "k2", true, null, null, handled, 100, 1000);
    }

    private void openWith(Credential credential) {
        machine = machine(settings(true).credentials(true));
        perform(machine.connect(0));
        perform(machine.onCredential(1, credential, 0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
    }

    @Test
    void snapshotWithAnUnacknowledgedSessionStartMessageLeavesAHoleInTheSeqs() {
        open();
        perform(machine.putStartMessage("a", () -> message("sub", 3).asSessionStart(), 0));
        send(message("m", 3));
        assertEquals(List.of(1L, 2L), effects.sent().stream().map(Outbound::seq).collect(Collectors.toList()));
        perform(machine.disconnect(0));
        Snapshot snapshot = machine.snapshot();
        MachineRig second = new MachineRig() {};
        List<Outbound> saved = new ArrayList<>();
        for (Outbound o : snapshot.unacknowledged) saved.add(message("m", 3).restored(o.seq()));
        second.machine.durable.restore(
                new Snapshot("s", "k", snapshot.position, false, snapshot.nextSeq, saved, snapshot.startMessages));
        second.perform(second.machine.connect(0));
        second.perform(second.machine.onOpen(1, 0));
        second.perform(second.machine.onWelcome(1, resumed(0), 0));
        // The server has dealt with 0, so the first must be 1.
        assertEquals(1L, second.effects.sent().get(0).seq());
    }

    @Test
    void aSessionStartMessageOfARestoredSessionThatTheServerNeverGotIsNeverSent() {
        open();
        perform(machine.disconnect(0));
        perform(machine.onClosed(1, new CloseReason(1001, ""), Loss.closed(Phase.SESSION, 1001, ""), 0));
        perform(machine.putStartMessage("a", () -> message("sub", 3).asSessionStart(), 0));
        Snapshot snapshot = machine.snapshot();
        MachineRig second = new MachineRig() {};
        second.machine.durable.restore(snapshot);
        second.perform(
                second.machine.putStartMessage("a", () -> message("sub", 3).asSessionStart(), 0));
        second.perform(second.machine.connect(0));
        second.perform(second.machine.onOpen(1, 0));
        second.perform(second.machine.onWelcome(1, resumed(0), 0));
        second.perform(second.machine.onLive(1, 0));
        assertEquals(1, second.effects.sent().size());
        // What the session was told is not said again by the next process.
        Snapshot later = second.machine.snapshot();
        MachineRig third = new MachineRig() {};
        third.machine.durable.restore(
                new Snapshot("s", "k2", later.position, false, later.nextSeq, List.of(), later.startMessages));
        third.perform(third.machine.putStartMessage("a", () -> message("sub", 3).asSessionStart(), 0));
        third.perform(third.machine.connect(0));
        third.perform(third.machine.onOpen(1, 0));
        third.perform(third.machine.onWelcome(1, resumed(1), 0));
        third.perform(third.machine.onLive(1, 0));
        assertEquals(0, third.effects.sent().size());
    }

    @Test
    void rejectReplayedToARestoredSession() {
        open();
        send(message("m", 3));
        perform(machine.onMessage(1, "s-1", Payload.text("x"), 1, 0)); // not handled yet
        perform(machine.onReject(1, "s-2", 1, "bad", null, 0));
        perform(machine.onAck(1, 1, 0));
        perform(machine.disconnect(0));
        Snapshot snapshot = machine.snapshot();
        assertEquals("s-0", snapshot.position);
        MachineRig second = new MachineRig() {};
        second.machine.durable.restore(snapshot);
        second.perform(second.machine.connect(0));
        second.perform(second.machine.onOpen(1, 0));
        second.perform(second.machine.onWelcome(1, resumed(1), 0));
        second.perform(second.machine.onMessage(1, "s-1", Payload.text("x"), 1, 0));
        second.effects.take();
        second.perform(second.machine.onReject(1, "s-2", 1, "bad", null, 0));
        List<String> seen = second.effects.take();
        assertTrue(seen.stream().noneMatch(s -> s.startsWith("close 4400")), seen.toString());
    }

    @Test
    void anAuthThatIsRefusedIsSentAgainAndAgainAtOnce() {
        openWith(Credential.inOpen("one"));
        for (int i = 0; i < 1000; i++) {
            perform(machine.onCredentialExpiring(1, 0, 0)); // {"t":"auth","ok":false,"code":"invalid"}
            perform(machine.onCredential(2 + i, Credential.inOpen("same"), 0));
        }
        long auths = effects.take().stream().filter(s -> s.startsWith("auth")).count();
        assertTrue(auths < 10, auths + " auths in the same nanosecond");
    }

    @Test
    void aServerThatWarnsOfTheSameCredentialAfterEachWelcomeMakesAStormOfHandovers() {
        openWith(Credential.bearer("one"));
        long c = 1;
        for (int i = 0; i < 1000; i++) {
            perform(machine.onCredentialExpiring(
                    c, 5 * SECOND, 0)); // {"t":"auth","ok":false,"code":"expiring","inMs":5000}
            perform(machine.onCredential(2 + i, Credential.bearer("one").withLifetime(Duration.ofSeconds(1000)), 0));
            c++;
            perform(machine.onOpen(c, 0));
            perform(machine.onWelcome(c, resumed(0), 0));
            perform(machine.onLive(c, 0));
        }
        long connections =
                effects.take().stream().filter(s -> s.startsWith("candidate")).count();
        assertTrue(connections < 10, connections + " connections in the same nanosecond");
    }

    @Test
    void whoWaitsForATurnTakesTwo() {
        int[] turns = {0};
        machine = machine(settings(true).gate((endpoint, now) -> {
            turns[0]++;
            return turns[0] == 1 ? SECOND : 0;
        }));
        perform(machine.connect(0));
        perform(machine.onFailed(1, REFUSED, 0));
        perform(machine.onTimer(SECOND, 0, 0));
        perform(machine.onTimer(2 * SECOND, 0, 0));
        assertTrue(effects.take().contains("connect 2"));
        assertEquals(1, turns[0]);
    }

    @Test
    void whoDoesNotUseItsTurnGivesItBack() {
        int[] turns = {0};
        machine = machine(settings(true).gate(new SessionSettings.Gate() {
            @Override
            public long reserve(int endpoint, long now) {
                turns[0]++;
                return 5 * SECOND;
            }

            @Override
            public void giveBack(int endpoint) {
                turns[0]--;
            }
        }));
        perform(machine.connect(0));
        perform(machine.onFailed(1, REFUSED, 0));
        perform(machine.onTimer(SECOND, 0, 0));
        assertEquals(1, turns[0]);
        perform(machine.connect(SECOND));
        assertEquals(0, turns[0]);
        perform(machine.onFailed(2, REFUSED, SECOND));
        perform(machine.onTimer(9 * SECOND, 0, 0));
        assertEquals(1, turns[0]);
        perform(machine.onNetworkLost(9 * SECOND));
        assertEquals(0, turns[0]);
        perform(machine.onNetworkAvailable(10 * SECOND));
        assertEquals(1, turns[0]);
        perform(machine.disconnect(10 * SECOND));
        assertEquals(0, turns[0]);
    }

    @Test
    void aClientThatHasEndedTakesNoTurn() {
        for (boolean ended : new boolean[] {false, true}) {
            int[] turns = {0};
            machine = machine(settings(true).gate((endpoint, now) -> {
                turns[0]++;
                return 0;
            }));
            send(message("m", 1));
            perform(machine.connect(0));
            perform(machine.onNetworkLost(0));
            perform(machine.close(0));
            if (ended) perform(machine.cancel());
            effects.take();
            int before = turns[0];
            perform(machine.connectNow(SECOND));
            saw();
            assertEquals(before, turns[0]);
        }
    }

    @Test
    void aNetworkThatComesOrChangesIgnoresWhatTheServerAskedForAndTheBudget() {
        int[] turns = {0};
        machine = machine(settings(true).gate((endpoint, now) -> {
            turns[0]++;
            return 0;
        }));
        perform(machine.connect(0));
        perform(machine.onFailed(1, Loss.refused("HTTP 503", 503, 600 * SECOND, null), 0));
        effects.take();
        perform(machine.onNetworkChanged(SECOND));
        assertFalse(
                effects.take().contains("connect 2"), "told to wait 600 s, came after 1 s; turns taken " + turns[0]);
    }

    @Test
    void aClockSetByHandCutsShortWhatTheServerAskedFor() {
        perform(machine.connect(0));
        perform(machine.onFailed(1, Loss.refused("HTTP 503", 503, 600 * SECOND, null), 0));
        effects.take();
        perform(machine.onSuspended(6 * SECOND));
        perform(machine.onTimer(6 * SECOND, 0, 0));
        assertFalse(effects.take().contains("connect 2"));
    }

    @Test
    void aNetworkChangeForgetsWhereTheServerSaidAMoveGoes() {
        open();
        perform(machine.onReconnect(1, 100 * SECOND, "ws://other.example/", 12 * SECOND));
        perform(machine.onNetworkChanged(13 * SECOND));
        effects.take();
        perform(machine.onFailed(2, REFUSED, 14 * SECOND));
        effects.take();
        perform(machine.onPingWritten(1, 14 * SECOND));
        perform(machine.onPong(1, 1, 14 * SECOND));
        perform(machine.onTimer(110 * SECOND, 110 * SECOND, 0));
        List<String> seen = effects.take();
        assertTrue(seen.contains("candidate 3 ws://other.example/"), seen.toString());
    }

    @Test
    void aMoveThatFailsOnceIsNotTriedAgain() {
        open();
        perform(machine.onReconnect(1, 100 * SECOND, null, 12 * SECOND));
        perform(machine.onTimer(110 * SECOND, 110 * SECOND, 0));
        assertTrue(effects.take().contains("candidate 2"));
        perform(machine.onFailed(2, REFUSED, 110 * SECOND));
        perform(machine.onPingWritten(1, 110 * SECOND));
        perform(machine.onPong(1, 1, 110 * SECOND));
        effects.take();
        List<String> seen = new ArrayList<>();
        for (long t = 110; t < 1000; t++) {
            perform(machine.onTimer(t * SECOND, t * SECOND, 0));
            seen.addAll(effects.take());
        }
        assertTrue(seen.stream().anyMatch(s -> s.startsWith("candidate")), "no further handover: " + seen);
    }

    @Test
    void aRenewalThatAHandoverReplacedIsForgottenWithIt() {
        openWith(Credential.inOpen("one").withLifetime(Duration.ofSeconds(1000)));
        perform(machine.onTimer(900 * SECOND, 900 * SECOND, 0));
        saw("ask 2 EXPIRING");
        perform(machine.onNetworkChanged(901 * SECOND));
        saw("ask 3 RECONNECT");
        perform(machine.onNetworkLost(902 * SECOND));
        perform(machine.onNetworkAvailable(903 * SECOND));
        perform(machine.onPingWritten(1, 903 * SECOND));
        perform(machine.onPong(1, 1, 903 * SECOND));
        effects.take();
        List<String> seen = new ArrayList<>();
        for (long t = 903; t < 1000; t++) {
            perform(machine.onTimer(t * SECOND, t * SECOND, 0));
            seen.addAll(effects.take());
        }
        assertTrue(seen.stream().anyMatch(s -> s.startsWith("ask")), "nobody asked: " + seen);
    }

    @Test
    void slowConnectIsCutByEachChange() {
        perform(machine.connect(0));
        for (int i = 1; i <= 100; i++) perform(machine.onNetworkChanged(2 * SECOND * i));
        long n = effects.take().stream().filter(s -> s.startsWith("connect")).count();
        assertTrue(n < 20, n + " attempts");
    }

    @Test
    void renewalByHeaderWhoseHandoverFails() {
        openWith(Credential.bearer("one").withLifetime(Duration.ofSeconds(1000)));
        perform(machine.onTimer(900 * SECOND, 900 * SECOND, 0));
        perform(machine.onCredential(2, Credential.bearer("two").withLifetime(Duration.ofSeconds(1000)), 900 * SECOND));
        perform(machine.onFailed(2, REFUSED, 901 * SECOND));
        perform(machine.onPingWritten(1, 901 * SECOND));
        perform(machine.onPong(1, 1, 901 * SECOND));
        effects.take();
        List<String> seen = new ArrayList<>();
        for (long t = 902; t < 1000; t++) {
            perform(machine.onTimer(t * SECOND, t * SECOND, 0));
            seen.addAll(effects.take());
        }
        assertTrue(
                seen.stream().anyMatch(s -> s.startsWith("candidate")),
                "credential one expires on the connection: " + seen);
    }

    @Test
    void aRenewalByHeaderWithoutALifeAsksTwice() {
        openWith(Credential.bearer("one"));
        perform(machine.onCredentialExpiring(1, 5 * SECOND, 0));
        perform(machine.onCredential(2, Credential.bearer("two"), 0));
        saw("ask 2 EXPIRING", "candidate 2 as Bearer two");
    }

    @Test
    void aSupplierThatKeepsItsTokenUntilItExpiresIsAskedFasterAndFaster() {
        openWith(Credential.bearer("one").withLifetime(Duration.ofSeconds(10)));
        long c = 1, q = 2;
        int n = 0;
        for (long t = machine.nextTimer(); t < 10 * SECOND; t = machine.nextTimer()) {
            perform(machine.onTimer(t, t, 0));
            if (!effects.take().contains("ask " + q + " EXPIRING")) continue;
            perform(machine.onCredential(
                    q++, Credential.bearer("one").withLifetime(Duration.ofNanos(10 * SECOND - t)), t));
            c++;
            n++;
            perform(machine.onOpen(c, t));
            perform(machine.onWelcome(c, resumed(0), t));
            perform(machine.onLive(c, t));
        }
        assertTrue(n < 3, n + " handovers");
    }

    @Test
    void retriesIgnoreThatAQueuedTurnIsPendingAfterASuspension() {
        machine = machine(settings(true).gate((endpoint, now) -> 100 * SECOND));
        perform(machine.connect(0));
        perform(machine.onFailed(1, REFUSED, 0));
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onSuspended(7 * SECOND));
        perform(machine.onTimer(7 * SECOND, 0, 0));
        assertFalse(effects.take().contains("connect 2"));
    }
}
