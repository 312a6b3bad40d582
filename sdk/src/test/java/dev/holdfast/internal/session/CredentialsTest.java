package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is asked for a credential, when and why. Times in seconds. */
class CredentialsTest extends MachineRig {
    private static final Loss RESET = Loss.of(Phase.SESSION, "reset", null);
    private static final Loss UNAUTHORIZED = Loss.refused("HTTP 401", 401, 0, null);

    @BeforeEach
    void supply() {
        machine = machine(settings(true).credentials(true));
    }

    private void openWith(Credential credential) {
        perform(machine.connect(0));
        perform(machine.onCredential(1, credential, 0));
        perform(machine.onOpen(1, 0));
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
    }

    @Test
    void oneWithoutAnEndIsAskedForAtEveryAttempt() {
        perform(machine.connect(0));
        saw("CONNECTING", "ask 1 FIRST");
        perform(machine.onCredential(1, Credential.header("X", "one"), 0));
        saw("connect 1 as one");
        perform(machine.onFailed(1, RESET, 0));
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        saw("CONNECTING", "ask 2 RECONNECT");
        // An answer to a question that does not count any more.
        perform(machine.onCredential(1, Credential.header("X", "late"), SECOND));
        saw();
        perform(machine.onCredential(2, Credential.header("X", "two"), SECOND));
        saw("connect 2 as two");
    }

    @Test
    void oneThatIsGoodIsUsedAgain() {
        openWith(Credential.inOpen("one").expiresIn(Duration.ofSeconds(100)));
        perform(machine.onFailed(1, RESET, 0));
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        saw("CONNECTING", "connect 2 as one");
        perform(machine.onOpen(2, SECOND));
        saw("RESUMING", "open s k s-0 one");
    }

    @Test
    void oneThatIsRefusedIsReplacedAtOnceAndOnce() {
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.inOpen("one").expiresIn(Duration.ofSeconds(100)), 0));
        effects.take();
        perform(machine.onFailed(1, UNAUTHORIZED, 0));
        saw("failed UPGRADE HTTP 401, retry in 0", "WAITING");
        perform(machine.onTimer(0, 0, 0));
        saw("CONNECTING", "ask 2 REFUSED");
        perform(machine.onCredential(2, Credential.inOpen("two"), 0));
        effects.take();
        perform(machine.onFailed(2, UNAUTHORIZED, 0));
        saw("failed UPGRADE HTTP 401, stop: a fresh credential is refused", "IDLE");
        perform(machine.connect(0));
        saw("CONNECTING", "ask 3 REFUSED");
    }

    @Test
    void whoConnectsAgainIsNotHeldToAnEarlierRefusal() {
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.inOpen("one"), 0));
        perform(machine.onFailed(1, UNAUTHORIZED, 0));
        perform(machine.onTimer(0, 0, 0));
        perform(machine.onCredential(2, Credential.inOpen("two").expiresIn(Duration.ofSeconds(100)), 0));
        perform(machine.onFailed(2, RESET, 0));
        perform(machine.disconnect(0));
        perform(machine.connect(20 * SECOND));
        effects.take();
        perform(machine.onFailed(3, UNAUTHORIZED, 20 * SECOND));
        perform(machine.onTimer(20 * SECOND, 0, 0));
        saw("failed UPGRADE HTTP 401, retry in 0", "WAITING", "CONNECTING", "ask 3 REFUSED");
    }

    @Test
    void oneThatIsRefusedAfterAnotherFailureIsReplacedOnceMore() {
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.inOpen("one"), 0));
        perform(machine.onFailed(1, UNAUTHORIZED, 0));
        perform(machine.onTimer(0, 0, 0));
        perform(machine.onCredential(2, Credential.inOpen("two").expiresIn(Duration.ofSeconds(100)), 0));
        perform(machine.onFailed(2, RESET, 0));
        perform(machine.onTimer(20 * SECOND, 0, 0));
        effects.take();
        perform(machine.onFailed(3, UNAUTHORIZED, 20 * SECOND));
        perform(machine.onTimer(40 * SECOND, 0, 0));
        assertEquals("ask 3 REFUSED", effects.take().get(3));
    }

    @Test
    void oneThatExpiresInUseIsReplaced() {
        openWith(Credential.header("X", "one"));
        perform(machine.onClosed(1, new CloseReason(4401, ""), Loss.closed(Phase.SESSION, 4401, ""), 20 * SECOND));
        saw("failed SESSION server closed with 4401, retry in 0", "WAITING");
        perform(machine.onTimer(20 * SECOND, 0, 0));
        saw("CONNECTING", "ask 2 REFUSED");
    }

    @Test
    void oneInTheSessionIsRenewedOnTheSameConnection() {
        openWith(Credential.inOpen("one").expiresIn(Duration.ofSeconds(10)));
        assertEquals(9 * SECOND, machine.nextTimer());
        perform(machine.onTimer(9 * SECOND, 9 * SECOND, 0));
        saw("ask 2 EXPIRING");
        perform(machine.onCredential(2, Credential.inOpen("two").expiresIn(Duration.ofSeconds(10)), 9 * SECOND));
        saw("auth two");
        assertEquals(18 * SECOND, machine.nextTimer());
    }

    @Test
    void oneInAHeaderIsRenewedByAHandover() {
        openWith(Credential.bearer("one").expiresIn(Duration.ofSeconds(10)));
        perform(machine.onTimer(9 * SECOND, 9 * SECOND, 0));
        effects.take();
        perform(machine.onCredential(2, Credential.bearer("two").expiresIn(Duration.ofSeconds(10)), 9 * SECOND));
        saw("candidate 2 as Bearer two");
    }

    @Test
    void theServerMayAskForARenewal() {
        openWith(Credential.inOpen("one"));
        perform(machine.onCredentialExpiring(1, 5 * SECOND, 0));
        saw("ask 2 EXPIRING");
        perform(machine.onCredentialFailed(2, "no credential: IOException", null, SECOND));
        saw();
        assertEquals(3 * SECOND, machine.nextTimer());
        perform(machine.onTimer(3 * SECOND, 0, 0));
        saw("ask 3 EXPIRING");
    }

    @Test
    void aSupplierThatFailsIsAFailedAttempt() {
        perform(machine.connect(0));
        effects.take();
        perform(machine.onCredentialFailed(1, "no credential: IOException", null, 0));
        saw("failed CREDENTIAL no credential: IOException, retry in " + SECOND, "WAITING");
    }

    @Test
    void aSupplierThatNeverAnswersIsAFailedAttempt() {
        perform(machine.connect(0));
        effects.take();
        assertEquals(15 * SECOND, machine.nextTimer());
        perform(machine.onTimer(15 * SECOND, 0, 0));
        saw("failed CREDENTIAL no credential in time, retry in " + SECOND, "WAITING");
        perform(machine.onCredential(1, Credential.inOpen("late"), 15 * SECOND));
        saw();
    }

    @Test
    void oneThatIsRefusedIsNotUsedAgainWhereThereIsNoOther() {
        openWith(Credential.inOpen("one").expiresIn(Duration.ofSeconds(100)));
        perform(machine.onClosed(1, new CloseReason(4401, ""), Loss.closed(Phase.SESSION, 4401, ""), 20 * SECOND));
        perform(machine.onTimer(20 * SECOND, 0, 0));
        effects.take();
        perform(machine.onCredentialFailed(2, "no credential: IOException", null, 20 * SECOND));
        perform(machine.onTimer(30 * SECOND, 0, 0));
        assertEquals("ask 3 REFUSED", effects.take().get(3));
    }

    @Test
    void aHandoverAsksToo() {
        openWith(Credential.inOpen("one"));
        perform(machine.onNetworkChanged(0));
        saw("ask 2 RECONNECT");
        perform(machine.onFailed(1, RESET, 0));
        saw("failed SESSION reset, retry in 0", "promote", "CONNECTING");
        perform(machine.onCredential(2, Credential.inOpen("two"), 0));
        saw("connect 2 as two");
    }

    @Test
    void aHandoverWithoutACredentialLeavesTheOldConnection() {
        openWith(Credential.inOpen("one"));
        perform(machine.onNetworkChanged(0));
        perform(machine.onCredentialFailed(2, "no credential: IOException", null, 0));
        saw("ask 2 RECONNECT", "drop candidate", "ping 1");
        perform(machine.onFailed(1, RESET, 0));
        saw("failed SESSION reset, retry in " + SECOND, "WAITING");
    }
}
