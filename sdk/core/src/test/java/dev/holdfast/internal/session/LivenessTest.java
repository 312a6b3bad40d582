package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Heartbeat;
import dev.holdfast.internal.settings.HeartbeatTimes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Times in nanoseconds: an interval of 20, a deadline of 10. */
class LivenessTest {
    private static final long NEVER = SessionMachine.NEVER;

    private final Liveness liveness = new Liveness(
            new HeartbeatTimes(Heartbeat.every(Duration.ofNanos(20)).withDeadline(Duration.ofNanos(10))));

    private enum Seen {
        ALIVE,
        PING,
        DEAD,
        /** The server sends, and does not answer a ping. */
        DEAF
    }

    private static Seen check(Liveness liveness, long now, long lastInboundAt, long unansweredSince) {
        List<Effect> effects = new ArrayList<>();
        if (liveness.check(now, lastInboundAt, unansweredSince, effects) == Liveness.Verdict.DEAD) {
            assertTrue(effects.isEmpty());
            return liveness.reason().startsWith("no answer") ? Seen.DEAF : Seen.DEAD;
        }
        return effects.isEmpty() ? Seen.ALIVE : Seen.PING;
    }

    @Test
    void pingsOnlyAfterAnIntervalOfSilence() {
        liveness.start(0);
        assertEquals(20, liveness.due(NEVER));
        assertEquals(Seen.ALIVE, check(liveness, 20, 15, NEVER));
        assertEquals(35, liveness.due(NEVER));
        assertEquals(Seen.PING, check(liveness, 35, 15, NEVER));
    }

    @Test
    void theDeadlineRunsFromWhenThePingWasWritten() {
        ping();
        assertEquals(SessionMachine.NEVER, liveness.due(NEVER));
        // Behind a long upload the ping waits; that proves nothing.
        assertEquals(Seen.ALIVE, check(liveness, 500, 0, NEVER));
        liveness.onPingWritten(600);
        assertEquals(608, liveness.due(NEVER));
        assertEquals(Seen.ALIVE, check(liveness, 608, 0, NEVER));
        assertEquals(610, liveness.due(NEVER));
        assertEquals(Seen.ALIVE, check(liveness, 609, 0, NEVER));
        assertEquals(Seen.DEAD, check(liveness, 610, 0, NEVER));
    }

    @Test
    void anyByteProvesLife() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Seen.ALIVE, check(liveness, 30, 21, NEVER));
        assertEquals(40, liveness.due(NEVER));
        assertEquals(Seen.PING, check(liveness, 40, 21, NEVER));
    }

    @Test
    void aDeadlineLongerThanTheIntervalDelaysNoOther() {
        Liveness patient = new Liveness(
                new HeartbeatTimes(Heartbeat.every(Duration.ofNanos(20)).withDeadline(Duration.ofNanos(500))));
        patient.start(0);
        assertEquals(Seen.PING, check(patient, 20, 0, NEVER));
        patient.onPingWritten(20);
        assertEquals(40, patient.due(NEVER));
        assertEquals(Seen.ALIVE, check(patient, 40, 0, NEVER));
        assertEquals(60, patient.due(NEVER));
        // The last byte that ever comes in.
        assertEquals(Seen.PING, check(patient, 60, 40, NEVER));
        patient.onPingWritten(60);
        while (patient.due(NEVER) < 560) assertEquals(Seen.ALIVE, check(patient, patient.due(NEVER), 40, NEVER));
        assertEquals(Seen.DEAD, check(patient, 560, 40, NEVER));
    }

    @Test
    void whatCameBeforeThePingProvesNothing() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 40, 20, NEVER));
        liveness.onPingWritten(40);
        assertEquals(Seen.ALIVE, check(liveness, 48, 40, NEVER));
        assertEquals(Seen.DEAD, check(liveness, 50, 40, NEVER));
    }

    /** The process did not run when the deadline ran out, and its reader has not had its turn yet. */
    @Test
    void whoLooksLateLooksAgain() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Seen.ALIVE, check(liveness, 100, 0, NEVER));
        assertEquals(102, liveness.due(NEVER));
        assertEquals(Seen.ALIVE, check(liveness, 102, 101, NEVER));
        assertEquals(120, liveness.due(NEVER));
    }

    @Test
    void whoLooksLateLooksAgainOnce() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Seen.ALIVE, check(liveness, 100, 0, NEVER));
        assertEquals(Seen.DEAD, check(liveness, 102, 0, NEVER));
    }

    @Test
    void aServerThatShouldPingIsJudgedTheSame() {
        Liveness listening = new Liveness(new HeartbeatTimes(Heartbeat.serverPings(Duration.ofNanos(20))));
        listening.start(0);
        assertEquals(15, listening.due(NEVER));
        assertEquals(Seen.ALIVE, check(listening, 15, 0, NEVER));
        assertEquals(20, listening.due(NEVER));
        assertEquals(Seen.ALIVE, check(listening, 20, 10, NEVER));
        assertEquals(25, listening.due(NEVER));
        assertEquals(Seen.ALIVE, check(listening, 25, 10, NEVER));
        assertEquals(Seen.DEAD, check(listening, 30, 10, NEVER));
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

    /** Each pong comes just after the next ping was sent: round trips of about an interval are measured all the same. */
    @Test
    void measuresARoundTripThatIsLongerThanTheInterval() {
        Liveness slow = new Liveness(
                new HeartbeatTimes(Heartbeat.every(Duration.ofNanos(20)).withDeadline(Duration.ofNanos(100))));
        slow.start(0);
        assertEquals(Seen.PING, check(slow, 20, 0, NEVER));
        slow.onPingWritten(21);
        assertEquals(Seen.PING, check(slow, 40, 22, NEVER));
        slow.onPingWritten(41);
        assertEquals(21, slow.onPong(1, 42));
        assertEquals(Seen.PING, check(slow, 60, 42, NEVER));
        slow.onPingWritten(61);
        assertEquals(-1, slow.onPong(2, 62));
        assertEquals(Seen.PING, check(slow, 80, 62, NEVER));
        slow.onPingWritten(81);
        assertEquals(21, slow.onPong(3, 82));
    }

    /** RFC 6455 section 5.5.3: a peer may answer the newest ping alone. */
    @Test
    void aPongForALaterPingEndsTheMeasurementOfAnEarlierOne() {
        ping();
        liveness.onPingWritten(20);
        assertEquals(Seen.PING, check(liveness, 40, 21, NEVER));
        liveness.onPingWritten(40);
        assertEquals(-1, liveness.onPong(2, 44));
        assertEquals(Seen.PING, check(liveness, 60, 44, NEVER));
        liveness.onPingWritten(61);
        assertEquals(4, liveness.onPong(3, 65));
    }

    @Test
    void aMessageWithoutAnswerIsReasonForAPingWhateverComesIn() {
        liveness.start(0);
        assertEquals(Seen.ALIVE, check(liveness, 20, 19, 7));
        assertEquals(27, liveness.due(7));
        assertEquals(Seen.ALIVE, check(liveness, 26, 26, 7));
        assertEquals(Seen.PING, check(liveness, 27, 26, 7));
        liveness.onPingWritten(28);
        liveness.heard(36);
        assertEquals(Seen.ALIVE, check(liveness, 36, 35, 7));
        assertEquals(Seen.DEAF, check(liveness, 38, 37, 7));
    }

    @Test
    void aPongProvesThatTheServerReadsUntilAnIntervalIsOver() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 27, 26, 7));
        liveness.onPingWritten(28);
        assertEquals(3, liveness.onPong(1, 31));
        assertEquals(47, liveness.due(7));
        assertEquals(Seen.PING, check(liveness, 47, 46, 7));
    }

    @Test
    void anAcknowledgementOfAllBeforeThePingIsAProofToo() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 27, 26, 7));
        liveness.onPingWritten(28);
        liveness.heard(29);
        assertEquals(Seen.ALIVE, check(liveness, 36, 30, 28));
        assertEquals(48, liveness.due(28));
        assertEquals(Seen.ALIVE, check(liveness, 47, 30, NEVER));
        assertEquals(Seen.PING, check(liveness, 50, 30, NEVER));
    }

    @Test
    void aPingThatIsOutBecomesTheProof() {
        ping();
        liveness.onPingWritten(21);
        assertEquals(25, liveness.due(5));
        assertEquals(Seen.ALIVE, check(liveness, 25, 0, 5));
        liveness.heard(26);
        assertEquals(Seen.ALIVE, check(liveness, 29, 26, 5));
        assertEquals(Seen.DEAF, check(liveness, 31, 26, 5));
    }

    @Test
    void aPongHasItsTimeFromTheEndOfALongMessageOn() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 20, 19, 0));
        liveness.onPingWritten(20);
        // Bytes come in, and no message is complete.
        assertEquals(Seen.ALIVE, check(liveness, 28, 27, 0));
        assertEquals(Seen.ALIVE, check(liveness, 30, 29, 0));
        assertEquals(Seen.ALIVE, check(liveness, 38, 37, 0));
        liveness.heard(39);
        assertEquals(Seen.ALIVE, check(liveness, liveness.due(0), 39, 0));
        assertEquals(47, liveness.due(0));
        assertEquals(Seen.ALIVE, check(liveness, 47, 46, 0));
        assertEquals(Seen.DEAF, check(liveness, 49, 46, 0));
    }

    @Test
    void aServerThatSendsItsOwnPingsCouldHaveSentAPong() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 20, 19, 0));
        liveness.onPingWritten(20);
        liveness.heard(27);
        assertEquals(Seen.ALIVE, check(liveness, 28, 27, 0));
        liveness.heard(29);
        assertEquals(Seen.DEAF, check(liveness, 30, 29, 0));
    }

    @Test
    void aPingAfterALongMessageGivesThePongItsTimeOnce() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 20, 19, 0));
        liveness.onPingWritten(20);
        assertEquals(Seen.ALIVE, check(liveness, 28, 27, 0));
        assertEquals(Seen.ALIVE, check(liveness, 30, 29, 0));
        liveness.heard(31);
        long now = 31;
        while (liveness.due(0) < 41) {
            now = liveness.due(0);
            liveness.heard(now);
            assertEquals(Seen.ALIVE, check(liveness, now, now - 1, 0));
        }
        assertEquals(Seen.DEAF, check(liveness, 41, 40, 0));
    }

    @Test
    void theRestOfALongMessageIsNotWaitedForInSilence() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 20, 19, 0));
        liveness.onPingWritten(20);
        assertEquals(Seen.ALIVE, check(liveness, 28, 27, 0));
        assertEquals(Seen.ALIVE, check(liveness, 30, 29, 0));
        assertEquals(Seen.ALIVE, check(liveness, 38, 29, 0));
        assertEquals(Seen.DEAD, check(liveness, 40, 29, 0));
    }

    @Test
    void noProofIsJudgedWhileReadingIsStopped() {
        liveness.start(0);
        assertEquals(Seen.PING, check(liveness, 20, 19, 0));
        liveness.onPingWritten(20);
        liveness.heard(21);
        for (long now = 28; now < 200; now = liveness.due(0)) assertEquals(Seen.ALIVE, check(liveness, now, now, 0));
        assertEquals(-1, liveness.onPong(7, 200));
    }

    @Test
    void aServerThatShouldPingIsAskedForNoProof() {
        Liveness listening = new Liveness(new HeartbeatTimes(Heartbeat.serverPings(Duration.ofNanos(20))));
        listening.start(0);
        assertEquals(Seen.ALIVE, check(listening, 100, 99, 0));
        Liveness none = new Liveness(new HeartbeatTimes(Heartbeat.none()));
        none.start(0);
        assertEquals(NEVER, none.due(0));
    }

    private void ping() {
        liveness.start(0);
        List<Effect> effects = new ArrayList<>();
        liveness.check(20, 0, NEVER, effects);
        RecordingEffects seen = new RecordingEffects();
        effects.forEach(effect -> effect.perform(seen));
        assertEquals(List.of("ping 1"), seen.take());
    }
}
