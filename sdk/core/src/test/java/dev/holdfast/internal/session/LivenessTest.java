package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Heartbeat;
import dev.holdfast.internal.session.Liveness.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Times in nanoseconds: an interval of 20, a deadline of 10. */
class LivenessTest {
    private static final long NEVER = SessionMachine.NEVER;

    private final Liveness liveness =
            new Liveness(Heartbeat.every(Duration.ofNanos(20)).deadline(Duration.ofNanos(10)));

    @Test
    void pingsOnlyAfterAnIntervalOfSilence() {
        liveness.start(0);
        assertEquals(20, liveness.due(NEVER));
        assertEquals(Verdict.ALIVE, liveness.check(20, 15, NEVER));
        assertEquals(35, liveness.due(NEVER));
        assertEquals(Verdict.PING, liveness.check(35, 15, NEVER));
    }

    @Test
    void theDeadlineRunsFromWhenThePingWasWritten() {
        ping();
        assertEquals(SessionMachine.NEVER, liveness.due(NEVER));
        // Behind a long upload the ping waits; that proves nothing.
        assertEquals(Verdict.ALIVE, liveness.check(500, 0, NEVER));
        liveness.onPingWritten(600);
        assertEquals(608, liveness.due(NEVER));
        assertEquals(Verdict.ALIVE, liveness.check(608, 0, NEVER));
        assertEquals(610, liveness.due(NEVER));
        assertEquals(Verdict.ALIVE, liveness.check(609, 0, NEVER));
        assertEquals(Verdict.DEAD, liveness.check(610, 0, NEVER));
    }

    @Test
    void anyByteProvesLife() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(30, 21, NEVER));
        assertEquals(40, liveness.due(NEVER));
        assertEquals(Verdict.PING, liveness.check(40, 21, NEVER));
    }

    @Test
    void aDeadlineLongerThanTheIntervalDelaysNoOther() {
        Liveness patient = new Liveness(Heartbeat.every(Duration.ofNanos(20)).deadline(Duration.ofNanos(500)));
        patient.start(0);
        assertEquals(Verdict.PING, patient.check(20, 0, NEVER));
        patient.onPingWritten(20);
        assertEquals(40, patient.due(NEVER));
        assertEquals(Verdict.ALIVE, patient.check(40, 0, NEVER));
        assertEquals(60, patient.due(NEVER));
        // The last byte that ever comes in.
        assertEquals(Verdict.PING, patient.check(60, 40, NEVER));
        patient.onPingWritten(60);
        while (patient.due(NEVER) < 560) assertEquals(Verdict.ALIVE, patient.check(patient.due(NEVER), 40, NEVER));
        assertEquals(Verdict.DEAD, patient.check(560, 40, NEVER));
    }

    @Test
    void whatCameBeforeThePingProvesNothing() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(40, 20, NEVER));
        liveness.onPingWritten(40);
        assertEquals(Verdict.ALIVE, liveness.check(48, 40, NEVER));
        assertEquals(Verdict.DEAD, liveness.check(50, 40, NEVER));
    }

    /** The process did not run when the deadline ran out, and its reader has not had its turn yet. */
    @Test
    void whoLooksLateLooksAgain() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(100, 0, NEVER));
        assertEquals(102, liveness.due(NEVER));
        assertEquals(Verdict.ALIVE, liveness.check(102, 101, NEVER));
        assertEquals(120, liveness.due(NEVER));
    }

    @Test
    void whoLooksLateLooksAgainOnce() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(100, 0, NEVER));
        assertEquals(Verdict.DEAD, liveness.check(102, 0, NEVER));
    }

    @Test
    void aServerThatShouldPingIsJudgedTheSame() {
        Liveness listening = new Liveness(Heartbeat.serverPings(Duration.ofNanos(20)));
        listening.start(0);
        assertEquals(15, listening.due(NEVER));
        assertEquals(Verdict.ALIVE, listening.check(15, 0, NEVER));
        assertEquals(20, listening.due(NEVER));
        assertEquals(Verdict.ALIVE, listening.check(20, 10, NEVER));
        assertEquals(25, listening.due(NEVER));
        assertEquals(Verdict.ALIVE, listening.check(25, 10, NEVER));
        assertEquals(Verdict.DEAD, listening.check(30, 10, NEVER));
    }

    @Test
    void pingsKeepToAFourthOfTheInterval() {
        for (long opened = 0; opened < 40; opened++) {
            liveness.start(opened);
            assertEquals(0, liveness.due(NEVER) % 5);
            assertTrue(liveness.due(NEVER) <= opened + 20);
            assertTrue(liveness.due(NEVER) > opened + 15);
        }
    }

    @Test
    void measuresTheRoundTrip() {
        ping();
        liveness.onPingWritten(22);
        assertEquals(-1, liveness.onPong(7, 25));
        assertEquals(5, liveness.onPong(1, 27));
        assertEquals(45, liveness.due(NEVER));
        assertEquals(-1, liveness.onPong(1, 28));
    }

    @Test
    void aPongMayOvertakeTheWritersWord() {
        ping();
        assertEquals(3, liveness.onPong(1, 23));
        liveness.onPingWritten(24);
        assertEquals(40, liveness.due(NEVER));
    }

    @Test
    void aMessageWithoutAnswerIsReasonForAPingWhateverComesIn() {
        liveness.start(0);
        assertEquals(Verdict.ALIVE, liveness.check(20, 19, 7));
        assertEquals(27, liveness.due(7));
        assertEquals(Verdict.ALIVE, liveness.check(26, 26, 7));
        assertEquals(Verdict.PING, liveness.check(27, 26, 7));
        liveness.onPingWritten(28);
        liveness.heard(36);
        assertEquals(Verdict.ALIVE, liveness.check(36, 35, 7));
        assertEquals(Verdict.DEAF, liveness.check(38, 37, 7));
    }

    @Test
    void aPongProvesThatTheServerReadsUntilAnIntervalIsOver() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(27, 26, 7));
        liveness.onPingWritten(28);
        assertEquals(3, liveness.onPong(1, 31));
        assertEquals(47, liveness.due(7));
        assertEquals(Verdict.PING, liveness.check(47, 46, 7));
    }

    @Test
    void anAcknowledgementOfAllBeforeThePingIsAProofToo() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(27, 26, 7));
        liveness.onPingWritten(28);
        liveness.heard(29);
        assertEquals(Verdict.ALIVE, liveness.check(36, 30, 28));
        assertEquals(48, liveness.due(28));
        assertEquals(Verdict.ALIVE, liveness.check(47, 30, NEVER));
        assertEquals(Verdict.PING, liveness.check(50, 30, NEVER));
    }

    @Test
    void aPingThatIsOutBecomesTheProof() {
        ping();
        liveness.onPingWritten(21);
        assertEquals(25, liveness.due(5));
        assertEquals(Verdict.ALIVE, liveness.check(25, 0, 5));
        liveness.heard(26);
        assertEquals(Verdict.ALIVE, liveness.check(29, 26, 5));
        assertEquals(Verdict.DEAF, liveness.check(31, 26, 5));
    }

    @Test
    void aPongHasItsTimeFromTheEndOfALongMessageOn() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 19, 0));
        liveness.onPingWritten(20);
        // Bytes come in, and no message is complete.
        assertEquals(Verdict.ALIVE, liveness.check(28, 27, 0));
        assertEquals(Verdict.ALIVE, liveness.check(30, 29, 0));
        assertEquals(Verdict.ALIVE, liveness.check(38, 37, 0));
        liveness.heard(39);
        assertEquals(Verdict.ALIVE, liveness.check(liveness.due(0), 39, 0));
        assertEquals(47, liveness.due(0));
        assertEquals(Verdict.ALIVE, liveness.check(47, 46, 0));
        assertEquals(Verdict.DEAF, liveness.check(49, 46, 0));
    }

    @Test
    void aServerThatSendsItsOwnPingsCouldHaveSentAPong() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 19, 0));
        liveness.onPingWritten(20);
        liveness.heard(27);
        assertEquals(Verdict.ALIVE, liveness.check(28, 27, 0));
        liveness.heard(29);
        assertEquals(Verdict.DEAF, liveness.check(30, 29, 0));
    }

    @Test
    void aPingAfterALongMessageGivesThePongItsTimeOnce() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 19, 0));
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(28, 27, 0));
        assertEquals(Verdict.ALIVE, liveness.check(30, 29, 0));
        liveness.heard(31);
        long now = 31;
        while (liveness.due(0) < 41) {
            now = liveness.due(0);
            liveness.heard(now);
            assertEquals(Verdict.ALIVE, liveness.check(now, now - 1, 0));
        }
        assertEquals(Verdict.DEAF, liveness.check(41, 40, 0));
    }

    @Test
    void theRestOfALongMessageIsNotWaitedForInSilence() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 19, 0));
        liveness.onPingWritten(20);
        assertEquals(Verdict.ALIVE, liveness.check(28, 27, 0));
        assertEquals(Verdict.ALIVE, liveness.check(30, 29, 0));
        assertEquals(Verdict.ALIVE, liveness.check(38, 29, 0));
        assertEquals(Verdict.DEAD, liveness.check(40, 29, 0));
    }

    @Test
    void noProofIsJudgedWhileReadingIsStopped() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 19, 0));
        liveness.onPingWritten(20);
        liveness.heard(21);
        for (long now = 28; now < 200; now = liveness.due(0)) assertEquals(Verdict.ALIVE, liveness.check(now, now, 0));
        assertEquals(-1, liveness.onPong(7, 200));
    }

    @Test
    void aServerThatShouldPingIsAskedForNoProof() {
        Liveness listening = new Liveness(Heartbeat.serverPings(Duration.ofNanos(20)));
        listening.start(0);
        assertEquals(Verdict.ALIVE, listening.check(100, 99, 0));
        Liveness none = new Liveness(Heartbeat.none());
        none.start(0);
        assertEquals(NEVER, none.due(0));
    }

    private void ping() {
        liveness.start(0);
        assertEquals(Verdict.PING, liveness.check(20, 0, NEVER));
        assertEquals(1, liveness.nonce());
    }
}
