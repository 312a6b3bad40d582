package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.Heartbeat;
import dev.holdfast.RateLimit;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The policy's table, its budgets, and the endpoints in their turn. Times in seconds. */
class ReconnectionTest extends MachineRig {
    private Reconnection reconnection(ReconnectPolicy policy) {
        return new Reconnection(settings(true).policy(policy), new Random(1));
    }

    private static Loss closed(int code) {
        return Loss.closed(Phase.SESSION, code, "");
    }

    private static Loss thrown(Throwable cause) {
        return Loss.of(Phase.TCP, "failed", cause);
    }

    @Test
    void restartsAreSpreadOverAWindow() {
        long least = Long.MAX_VALUE;
        long most = 0;
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            Reconnection reconnection = new Reconnection(settings(true), random);
            long delay = reconnection.after(closed(1012), 0).delayNanos();
            least = Math.min(least, delay);
            most = Math.max(most, delay);
        }
        assertTrue(least < SECOND && most > 29 * SECOND && most < 30 * SECOND, least + " to " + most);
    }

    @Test
    void afterARestartAttemptsStaySpreadUntilOneHolds() {
        Random random = new Random(1);
        long sum = 0;
        for (int i = 0; i < 200; i++) {
            Reconnection reconnection = new Reconnection(settings(true), random);
            reconnection.after(closed(1012), 0);
            sum += reconnection.after(thrown(null), 0).delayNanos();
        }
        // Half a window and a second of backoff.
        assertEquals(16, sum / (200.0 * SECOND), 1.5);
        Reconnection reconnection = new Reconnection(settings(true), random);
        reconnection.after(closed(1012), 0);
        reconnection.held();
        assertEquals(SECOND, reconnection.after(thrown(null), 0).delayNanos());
    }

    @Test
    void classesThatDoNotFitTogetherAreNotTriedAgain() {
        ReconnectPolicy policy = ReconnectPolicy.standard().withExceptionReaction(Throwable.class, Reaction.now());
        for (Throwable cause : List.of(new NoSuchMethodError("x"), new IOException(new NoClassDefFoundError("x")))) {
            assertFalse(reconnection(policy).after(thrown(cause), 0).isRetry(), cause.toString());
        }
        IOException circle = new IOException("one");
        circle.initCause(new IOException("other", circle));
        assertTrue(reconnection(policy).after(thrown(circle), 0).isRetry());
    }

    @Test
    void atOnceIsForTheFirstTimeOnly() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().withCloseReaction(1001, Reaction.now()));
        assertEquals(0, reconnection.after(closed(1001), 0).delayNanos());
        assertEquals(2 * SECOND, reconnection.after(closed(1001), 0).delayNanos());
        reconnection.held();
        assertEquals(0, reconnection.after(closed(1001), 0).delayNanos());
    }

    @Test
    void whatTheServerAskedForComesFirst() {
        Reconnection reconnection =
                reconnection(ReconnectPolicy.standard().withHttpStatusReaction(503, Reaction.now()));
        Decision decision = reconnection.after(Loss.refused("HTTP 503", 503, 7 * SECOND, null), 0);
        assertEquals(8 * SECOND, decision.delayNanos());
        assertEquals("as the server asked, and backoff", decision.reason());
    }

    @Test
    void exceptionsAreKnownByTheirCauses() {
        ReconnectPolicy policy = ReconnectPolicy.standard()
                .withExceptionReaction(IOException.class, Reaction.backoff())
                .withExceptionReaction(ProtocolException.class, Reaction.stop("no use"));
        assertTrue(reconnection(policy).after(thrown(new EOFException()), 0).isRetry());
        Decision decision = reconnection(policy).after(thrown(new RuntimeException(new ProtocolException())), 0);
        assertEquals("no use", decision.reason());
    }

    @Test
    void aConnectionThatIsLostWithoutACloseFrameHasALineOfItsOwn() {
        ReconnectPolicy policy = ReconnectPolicy.standard().withConnectionLostReaction(Reaction.stop("lost"));
        Loss reset = Loss.of(Phase.SESSION, "reset", null);
        assertEquals("lost", reconnection(policy).after(reset, 0).reason());
        assertEquals(
                "lost",
                reconnection(policy).after(reset.withPhase(Phase.OPEN), 0).reason());
        for (Loss other : List.of(
                closed(1001),
                closed(1005),
                thrown(null),
                Loss.refused("HTTP 500", 500, 0, null),
                Loss.violation(Phase.SESSION, "nonsense", null),
                Loss.of(Phase.CREDENTIAL, "no credential", null))) {
            assertTrue(reconnection(policy).after(other, 0).isRetry(), other.message());
        }
    }

    @Test
    void theLineOfAnExceptionComesBeforeThatOfALostConnection() {
        ReconnectPolicy policy = ReconnectPolicy.standard()
                .withConnectionLostReaction(Reaction.stop("lost"))
                .withExceptionReaction(EOFException.class, Reaction.stop("end of file"));
        Loss loss = Loss.of(Phase.SESSION, "reset", new EOFException());
        assertEquals("end of file", reconnection(policy).after(loss, 0).reason());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, 999, 1004, 1006, 1015, 1016, 2999, 5000, Integer.MAX_VALUE})
    void aCodeThatNoCloseFrameHasIsRefused(int code) {
        assertThrows(
                IllegalArgumentException.class,
                () -> ReconnectPolicy.standard().withCloseReaction(code, Reaction.now()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1003, 1005, 1007, 1014, 3000, 4999})
    void aCodeThatACloseFrameCanHaveIsTaken(int code) {
        Reconnection reconnection =
                reconnection(ReconnectPolicy.standard().withCloseReaction(code, Reaction.stop("this one")));
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertEquals("this one", reconnection.after(closed(code), 0).reason());
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 99, 101, 600, Integer.MAX_VALUE})
    void aStatusThatNoRefusalHasIsRefused(int status) {
        assertThrows(
                IllegalArgumentException.class,
                () -> ReconnectPolicy.standard().withHttpStatusReaction(status, Reaction.now()));
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 200, 302, 503, 599})
    void aStatusThatARefusalCanHaveIsTaken(int status) {
        Reconnection reconnection =
                reconnection(ReconnectPolicy.standard().withHttpStatusReaction(status, Reaction.stop("this one")));
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertEquals(
                "this one",
                reconnection.after(Loss.refused("refused", status, 0, null), 0).reason());
    }

    @Test
    void whatNoLineNamesIsForTheDefault() {
        ReconnectPolicy policy = ReconnectPolicy.standard().withDefaultReaction(Reaction.stop("never"));
        assertEquals("never", reconnection(policy).after(thrown(null), 0).reason());
    }

    @Test
    void aConfigurationErrorStopsAtOnceWhateverThePolicy() {
        Reconnection reconnection =
                reconnection(ReconnectPolicy.standard().withExceptionReaction(SecurityException.class, Reaction.now()));
        Loss loss = Loss.of(Phase.CONFIGURATION, "no permission", new SecurityException());
        Decision decision = reconnection.after(loss, 0);
        assertFalse(decision.isRetry());
        assertEquals("another attempt would fail in the same way", decision.reason());
    }

    @Test
    void attemptsAreBudgeted() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().withMaxAttempts(2));
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertEquals(
                "2 attempts have failed", reconnection.after(thrown(null), 0).reason());
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
    }

    @Test
    void timeIsBudgeted() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().withGiveUpAfter(Duration.ofSeconds(10)));
        assertTrue(reconnection.after(thrown(null), 100 * SECOND).isRetry());
        assertTrue(reconnection.after(thrown(null), 108 * SECOND).isRetry());
        assertEquals(
                "the time for it is up",
                reconnection.after(thrown(null), 109 * SECOND).reason());
    }

    @Test
    void whatIsSetToForEverDoesNotOverflow() {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        long year = 365 * 24 * 3600 * SECOND;
        SessionSettings settings = new SessionSettings(
                        true,
                        Backoff.exponential(forEver, forEver).withoutJitter().withResetAfter(forEver),
                        Heartbeat.every(forEver).withDeadline(forEver).withAdaptiveDeadline(forEver),
                        10,
                        RateLimit.ofMessages(1).withBurst(forEver),
                        year,
                        year)
                .credentials(true)
                .policy(ReconnectPolicy.standard().withHttpStatusReaction(500, Reaction.spread(forEver)));
        machine = machine(settings);
        long now = year;
        perform(machine.connect(now));
        perform(machine.onCredential(1, Credential.inOpen("x").withLifetime(forEver), now));
        perform(machine.onOpen(1, now));
        assertEquals(2 * year - SECOND / 4, machine.nextTimer());
        perform(machine.onWelcome(1, welcome("new", 0), now));
        perform(machine.onLive(1, now));
        assertTrue(machine.nextTimer() > now + year / 2, "" + machine.nextTimer());
        perform(machine.onReconnect(1, 24 * 3600 * SECOND, null, now));
        assertTrue(machine.nextTimer() > now + year / 2, "" + machine.nextTimer());
        perform(machine.onFailed(1, Loss.of(Phase.SESSION, "reset", null), now));
        assertEquals(2 * year, machine.nextTimer());
        perform(machine.onTimer(2 * year, now, now));
        perform(machine.onFailed(2, Loss.refused("HTTP 500", 500, 24 * 3600 * SECOND, null), 2 * year));
        assertTrue(machine.nextTimer() > 3 * year && machine.nextTimer() < 5 * year, "" + machine.nextTimer());
        assertTrue(queue.offer(message("m", 1)).isTaken());
        perform(machine.close(2 * year));
        assertEquals(3 * year, machine.nextTimer());
    }

    @Test
    void endpointsTakeTurnsUntilOneAnswers() {
        Reconnection reconnection = new Reconnection(settings(true).endpoints(2), new Random(1));
        assertEquals(0, reconnection.endpoint());
        reconnection.after(thrown(null), 0);
        assertEquals(1, reconnection.endpoint());
        reconnection.after(Loss.of(Phase.SESSION, "reset", null), 0);
        assertEquals(1, reconnection.endpoint());
        reconnection.after(thrown(null), 0);
        assertEquals(0, reconnection.endpoint());
    }

    @Test
    void aSharedBudgetHoldsAttemptsBackButNotTheApplication() {
        machine = machine(settings(true).gate((endpoint, now) -> 5 * SECOND));
        perform(machine.connect(0));
        saw("CONNECTING", "connect 1");
        perform(machine.onFailed(1, thrown(null), 0));
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        saw();
        assertEquals(6 * SECOND, machine.nextTimer());
        perform(machine.onTimer(6 * SECOND, 0, 0));
        saw("CONNECTING", "connect 2");
    }
}
