package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When an application is asked for an endpoint, with which reason, and what its answer does. Times in seconds. */
class EndpointsTest extends MachineRig {
    private static final Loss RESET = Loss.of(Phase.SESSION, "reset", null);
    private static final Loss UNAUTHORIZED = Loss.refused("HTTP 401", 401, 0, null);

    @BeforeEach
    void supply() {
        machine = machine(settings(true).suppliesEndpoints(true));
    }

    private void openAt(String endpoint) {
        perform(machine.connect(0));
        perform(machine.onEndpoint(1, endpoint, 0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
    }

    @Test
    void eachAttemptAsks() {
        perform(machine.connect(0));
        saw("CONNECTING", "ask endpoint 1 FIRST");
        perform(machine.onEndpoint(1, "a", 0));
        saw("connect 1 to a");
        perform(machine.onFailed(1, RESET, 0));
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        saw("CONNECTING", "ask endpoint 2 RECONNECT");
        perform(machine.onEndpoint(2, "b", SECOND));
        saw("connect 2 to b");
    }

    @Test
    void aLateAnswerIsIgnored() {
        perform(machine.connect(0));
        perform(machine.onTimer(15 * SECOND, 0, 0));
        effects.take();
        perform(machine.onEndpoint(1, "late", 15 * SECOND));
        saw();
        perform(machine.onTimer(16 * SECOND, 0, 0));
        saw("CONNECTING", "ask endpoint 2 FIRST");
        perform(machine.onEndpoint(1, "late", 16 * SECOND));
        perform(machine.onEndpointFailed(1, "late", null, 16 * SECOND));
        saw();
        perform(machine.onEndpoint(2, "b", 16 * SECOND));
        saw("connect 2 to b");
        // The question has its answer.
        perform(machine.onEndpoint(2, "c", 16 * SECOND));
        saw();
    }

    @Test
    void aProviderThatNeverAnswersIsAFailedAttempt() {
        perform(machine.connect(0));
        effects.take();
        assertEquals(15 * SECOND, machine.nextTimer());
        perform(machine.onTimer(15 * SECOND, 0, 0));
        saw("failed ENDPOINT no endpoint in time, retry in " + SECOND, "WAITING");
    }

    @Test
    void aProviderThatFailsIsAFailedAttemptWithBackoff() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onEndpointFailed(1, "no endpoint: IOException", null, 0));
        saw("failed ENDPOINT no endpoint: IOException, retry in " + SECOND, "WAITING");
        perform(machine.onTimer(SECOND, 0, 0));
        effects.take();
        perform(machine.onEndpointFailed(2, "no endpoint: IOException", null, SECOND));
        saw("failed ENDPOINT no endpoint: IOException, retry in " + 2 * SECOND, "WAITING");
    }

    @Test
    void aDisconnectForgetsTheQuestion() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.disconnect(0));
        saw("cancel", "IDLE");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
        perform(machine.onEndpoint(1, "a", 0));
        perform(machine.onEndpointFailed(1, "no endpoint", null, 0));
        saw();
        perform(machine.connect(5 * SECOND));
        saw("CONNECTING", "ask endpoint 2 FIRST");
    }

    @Test
    void theEndForgetsTheQuestion() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.cancel());
        effects.take();
        perform(machine.onEndpoint(1, "a", 0));
        perform(machine.onEndpointFailed(1, "no endpoint", null, 0));
        saw();
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void aCloseWithNothingToSendDoesNotWaitForTheEndpoint() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.close(0));
        saw("CLOSING", "cancel", "CLOSED", "closed 1000");
        perform(machine.onEndpoint(1, "a", 0));
        saw();
    }

    @Test
    void aCloseWithAMessageToSendWaitsForTheEndpointUntilItsTimeIsOver() {
        perform(machine.connect(0));
        send(message("hello", 5));
        effects.take();
        perform(machine.close(0));
        saw("CLOSING");
        assertEquals(10 * SECOND, machine.nextTimer());
        perform(machine.onEndpoint(1, "a", SECOND));
        saw("connect 1 to a");
        perform(machine.onTimer(10 * SECOND, 0, 0));
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void aHandoverAsksAndTheOldConnectionServesMeanwhile() {
        openAt("a");
        perform(machine.onNetworkChanged(0));
        saw("ask endpoint 2 MOVED");
        perform(machine.onMessage(1, "s-1", Payload.text("hi"), 1, 0));
        saw("deliver s-1 TEXT hi");
        perform(machine.onEndpoint(2, "b", 0));
        saw("candidate 2 to b");
        perform(machine.onOpen(2, 0));
        assertEquals("close 1001 moving", effects.take().get(0));
    }

    @Test
    void aHandoverWithoutAnEndpointLeavesTheOldConnectionAndIsTriedAgain() {
        openAt("a");
        perform(machine.onNetworkChanged(0));
        perform(machine.onEndpointFailed(2, "no endpoint: IOException", null, 0));
        saw("ask endpoint 2 MOVED", "drop candidate", "ping 1");
        perform(machine.onPong(1, 1, 0));
        effects.take();
        perform(machine.onTimer(2 * SECOND, 2 * SECOND, 0));
        saw("ask endpoint 3 MOVED");
        perform(machine.onTimer(17 * SECOND, 17 * SECOND, 0));
        saw("drop candidate", "ping 2");
    }

    @Test
    void theQuestionOfAHandoverBecomesThatOfTheAttempt() {
        openAt("a");
        perform(machine.onNetworkChanged(0));
        perform(machine.onFailed(1, RESET, 0));
        saw("ask endpoint 2 MOVED", "failed SESSION reset, retry in 0", "promote", "CONNECTING");
        perform(machine.onEndpoint(2, "b", 0));
        saw("connect 2 to b");
    }

    @Test
    void aDrainingServerMayNameTheUrlOfTheNextConnection() {
        openAt("a");
        perform(machine.onReconnect(1, 0, "wss://other.example", 0));
        long due = machine.nextTimer();
        perform(machine.onTimer(due, due, due));
        saw("ask endpoint 2 MOVED");
        perform(machine.onEndpoint(2, "b", due));
        saw("candidate 2 to b wss://other.example");
    }

    @Test
    void oneThatIsRefusedIsReplacedAtOnceAndOnce() {
        perform(machine.connect(0));
        perform(machine.onEndpoint(1, "a", 0));
        effects.take();
        perform(machine.onFailed(1, UNAUTHORIZED, 0));
        saw("failed UPGRADE HTTP 401, retry in 0", "WAITING");
        perform(machine.onTimer(0, 0, 0));
        saw("CONNECTING", "ask endpoint 2 REFUSED");
        perform(machine.onEndpoint(2, "b", 0));
        effects.take();
        perform(machine.onFailed(2, UNAUTHORIZED, 0));
        saw("failed UPGRADE HTTP 401, stop: a fresh endpoint is refused", "IDLE");
        perform(machine.connect(0));
        saw("CONNECTING", "ask endpoint 3 REFUSED");
        perform(machine.onEndpoint(3, "c", 0));
        perform(machine.onFailed(3, RESET, 0));
        perform(machine.onTimer(2 * SECOND, 0, 0));
        assertEquals("ask endpoint 4 RECONNECT", effects.take().get(4));
    }

    @Test
    void aRefusalIsRememberedWhileTheProviderFails() {
        perform(machine.connect(0));
        perform(machine.onEndpoint(1, "a", 0));
        perform(machine.onFailed(1, UNAUTHORIZED, 0));
        perform(machine.onTimer(0, 0, 0));
        perform(machine.onEndpointFailed(2, "no endpoint: IOException", null, 0));
        perform(machine.onTimer(10 * SECOND, 0, 0));
        effects.take();
        perform(machine.onEndpoint(3, "c", 10 * SECOND));
        perform(machine.onFailed(3, UNAUTHORIZED, 10 * SECOND));
        saw("connect 3 to c", "failed UPGRADE HTTP 401, stop: a fresh endpoint is refused", "IDLE");
    }

    @Test
    void theCredentialComesFirst() {
        machine = machine(settings(true).credentials(true).suppliesEndpoints(true));
        perform(machine.connect(0));
        saw("CONNECTING", "ask 1 FIRST");
        perform(machine.onCredential(1, Credential.bearer("one").withLifetime(Duration.ofSeconds(100)), 10 * SECOND));
        saw("ask endpoint 1 FIRST");
        // Each has its own time.
        assertEquals(25 * SECOND, machine.nextTimer());
        perform(machine.onEndpoint(1, "a", 10 * SECOND));
        saw("connect 1 to a as Bearer one");
        perform(machine.onFailed(1, RESET, 10 * SECOND));
        effects.take();
        perform(machine.onTimer(11 * SECOND, 0, 0));
        saw("CONNECTING", "ask endpoint 2 RECONNECT");
        perform(machine.onEndpoint(2, "b", 11 * SECOND));
        saw("connect 2 to b as Bearer one");
        perform(machine.onFailed(2, UNAUTHORIZED, 11 * SECOND));
        long due = machine.nextTimer();
        perform(machine.onTimer(due, 0, 0));
        assertEquals("ask 2 REFUSED", effects.take().get(3));
        perform(machine.onCredential(2, Credential.bearer("two"), due));
        saw("ask endpoint 3 REFUSED");
        perform(machine.onEndpoint(3, "c", due));
        effects.take();
        perform(machine.onFailed(3, UNAUTHORIZED, due));
        saw("failed UPGRADE HTTP 401, stop: a fresh credential is refused", "IDLE");
    }

    @Test
    void aRenewalByAHandoverAsksForAnEndpoint() {
        machine = machine(settings(true).credentials(true).suppliesEndpoints(true));
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.bearer("one").withLifetime(Duration.ofSeconds(10)), 0));
        perform(machine.onEndpoint(1, "a", 0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
        perform(machine.onTimer(9 * SECOND, 9 * SECOND, 0));
        saw("ask 2 EXPIRING");
        perform(machine.onCredential(2, Credential.bearer("two").withLifetime(Duration.ofSeconds(10)), 9 * SECOND));
        saw("ask endpoint 2 MOVED");
        perform(machine.onEndpoint(2, "b", 9 * SECOND));
        saw("candidate 2 to b as Bearer two");
    }

    @Test
    void aCredentialThatExpiresWhileTheEndpointIsAwaitedIsNotUsed() {
        machine = machine(settings(true).credentials(true).suppliesEndpoints(true));
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.bearer("one").withLifetime(Duration.ofSeconds(2)), 0));
        effects.take();
        perform(machine.onEndpoint(1, "a", 2 * SECOND));
        saw("failed CREDENTIAL credential expired before the connection was open, retry in " + SECOND, "WAITING");
    }

    @Test
    void aProcessThatWasSuspendedGivesTheProviderTime() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onSuspended(14 * SECOND));
        assertEquals(17 * SECOND, machine.nextTimer());
        perform(machine.onEndpoint(1, "a", 16 * SECOND));
        saw("connect 1 to a");
    }

    @Test
    void anAttemptThatTheNetworkEndsForgetsTheQuestion() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onNetworkLost(0));
        saw("cancel", "OFFLINE");
        perform(machine.onEndpoint(1, "a", 0));
        saw();
        perform(machine.onNetworkAvailable(SECOND));
        saw("CONNECTING", "ask endpoint 2 FIRST");
    }

    @Test
    void aCloseBeforeTheFirstMessageMayBeARefusalOfTheEndpoint() {
        machine = machine(settings(false).suppliesEndpoints(true));
        perform(machine.connect(0));
        perform(machine.onEndpoint(1, "a", 0));
        perform(machine.onOpen(1, 0));
        effects.take();
        perform(machine.onClosed(1, new CloseReason(4401, ""), Loss.closed(Phase.SESSION, 4401, ""), SECOND));
        saw("failed SESSION server closed with 4401, retry in 0", "WAITING");
        perform(machine.onTimer(SECOND, 0, 0));
        saw("CONNECTING", "ask endpoint 2 REFUSED");
    }
}
