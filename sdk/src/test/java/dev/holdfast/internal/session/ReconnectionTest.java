package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

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
    void atOnceIsForTheFirstTimeOnly() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().onClose(1001, Reaction.now()));
        assertEquals(0, reconnection.after(closed(1001), 0).delayNanos());
        assertEquals(2 * SECOND, reconnection.after(closed(1001), 0).delayNanos());
        reconnection.held();
        assertEquals(0, reconnection.after(closed(1001), 0).delayNanos());
    }

    @Test
    void whatTheServerAskedForComesFirst() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().onHttpStatus(503, Reaction.now()));
        Decision decision = reconnection.after(Loss.refused("HTTP 503", 503, 7 * SECOND, null), 0);
        assertEquals(8 * SECOND, decision.delayNanos());
        assertEquals("as the server asked, and backoff", decision.reason());
    }

    @Test
    void exceptionsAreKnownByTheirCauses() {
        ReconnectPolicy policy = ReconnectPolicy.standard()
                .onException(IOException.class, Reaction.backoff())
                .onException(ProtocolException.class, Reaction.stop("no use"));
        assertTrue(reconnection(policy).after(thrown(new EOFException()), 0).isRetry());
        Decision decision = reconnection(policy).after(thrown(new RuntimeException(new ProtocolException())), 0);
        assertEquals("no use", decision.reason());
    }

    @Test
    void whatNoLineNamesIsForTheDefault() {
        ReconnectPolicy policy = ReconnectPolicy.standard().otherwise(Reaction.stop("never"));
        assertEquals("never", reconnection(policy).after(thrown(null), 0).reason());
    }

    @Test
    void attemptsAreBudgeted() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().maxAttempts(2));
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
        assertEquals(
                "2 attempts have failed", reconnection.after(thrown(null), 0).reason());
        assertTrue(reconnection.after(thrown(null), 0).isRetry());
    }

    @Test
    void timeIsBudgeted() {
        Reconnection reconnection = reconnection(ReconnectPolicy.standard().giveUpAfter(Duration.ofSeconds(10)));
        assertTrue(reconnection.after(thrown(null), 100 * SECOND).isRetry());
        assertTrue(reconnection.after(thrown(null), 108 * SECOND).isRetry());
        assertEquals(
                "the time for it is up",
                reconnection.after(thrown(null), 109 * SECOND).reason());
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
