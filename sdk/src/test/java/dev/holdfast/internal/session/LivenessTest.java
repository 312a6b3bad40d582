package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Heartbeat;
import dev.holdfast.internal.session.Liveness.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Times in nanoseconds: an interval of 20, a deadline of 10. */
class LivenessTest {
    private final Liveness liveness =
            new Liveness(Heartbeat.every(Duration.ofNanos(20)).deadline(Duration.ofNanos(10)));

    @Test
    void pingsOnlyAfterAnIntervalOfSilence() {
        liveness.start(0);
        assertEquals(20, liveness.due());
        assertEquals(Verdict.ALIVE, liveness.check(20, 15));
        assertEquals(35, liveness.due());
        assertEquals(Verdict.PING, liveness.check(35, 15));
    }

    @Test
    void theDeadlineRunsFromWhenThePingWasWritten() {
        ping();
        assertEquals(SessionMachine.NEVER, liveness.due());
        // Behind a long upload the ping waits; that proves nothing.
        assertEquals(Verdict.ALIVE, liveness.check(500, 0));
        liveness.onPingWritten(600);
        assertEquals(608, liveness.due());
        assertEquals(Verdict.ALIVE, liveness.check(608, 0));
        assertEquals(610, liveness.due());
        assertEquals(Verdict.ALIVE, liveness.check(609, 0));
        assertEquals(Verdict.DEAD, liveness.check(610, 0));
    }

    @Test
    void anyByteProvesLife() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(30, 21));
        assertEquals(40, liveness.due());
        assertEquals(Verdict.PING, liveness.check(40, 21));
    }

    @Test
    void aDeadlineLongerThanTheIntervalDelaysNoOther() {
        Liveness patient = new Liveness(Heartbeat.every(Duration.ofNanos(20)).deadline(Duration.ofNanos(500)));
        patient.start(0);
        assertEquals(Verdict.PING, patient.check(20, 0));
        patient.onPingWritten(20);
        assertEquals(40, patient.due());
        assertEquals(Verdict.ALIVE, patient.check(40, 0));
        assertEquals(60, patient.due());
        // The last byte that ever comes in.
        assertEquals(Verdict.PING, patient.check(60, 40));
        patient.onPingWritten(60);
        while (patient.due() < 560) assertEquals(Verdict.ALIVE, patient.check(patient.due(), 40));
        assertEquals(Verdict.DEAD, patient.check(560, 40));
    }

    @Test
    void whatCameBeforeThePingProvesNothing() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(40, 20));
        liveness.onPingWritten(40);
        assertEquals(Verdict.ALIVE, liveness.check(48, 40));
        assertEquals(Verdict.DEAD, liveness.check(50, 40));
    }

    /** The process did not run when the deadline ran out, and its reader has not had its turn yet. */
    @Test
    void whoLooksLateLooksAgain() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(100, 0));
        assertEquals(102, liveness.due());
        assertEquals(Verdict.ALIVE, liveness.check(102, 101));
        assertEquals(120, liveness.due());
    }

    @Test
    void whoLooksLateLooksAgainOnce() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(100, 0));
        assertEquals(Verdict.DEAD, liveness.check(102, 0));
    }

    @Test
    void aServerThatShouldPingIsJudgedTheSame() {
        Liveness listening = new Liveness(Heartbeat.serverPings(Duration.ofNanos(20)));
        listening.start(0);
        assertEquals(15, listening.due());
        assertEquals(Verdict.ALIVE, listening.check(15, 0));
        assertEquals(20, listening.due());
        assertEquals(Verdict.ALIVE, listening.check(20, 10));
        assertEquals(25, listening.due());
        assertEquals(Verdict.ALIVE, listening.check(25, 10));
        assertEquals(Verdict.DEAD, listening.check(30, 10));
    }

    @Test
    void pingsKeepToAFourthOfTheInterval() {
        for (long opened = 0; opened < 40; opened++) {
            liveness.start(opened);
            assertEquals(0, liveness.due() % 5);
            assertTrue(liveness.due() <= opened + 20);
            assertTrue(liveness.due() > opened + 15);
        }
    }

    @Test
    void measuresTheRoundTrip() {
        ping();
        liveness.onPingWritten(22);
        assertEquals(-1, liveness.onPong(7, 25));
        assertEquals(5, liveness.onPong(1, 27));
        assertEquals(45, liveness.due());
        assertEquals(-1, liveness.onPong(1, 28));
    }

    @Test
    void aPongMayOvertakeTheWritersWord() {
        ping();
        assertEquals(3, liveness.onPong(1, 23));
        liveness.onPingWritten(24);
        assertEquals(40, liveness.due());
    }

    private void ping() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 0));
        assertEquals(1, liveness.nonce());
    }
}
