package dev.holdfast.internal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Credential;
import dev.holdfast.Reaction;
import dev.holdfast.ReconnectPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The requests for credentials: to which provider, when and why. Times in seconds. */
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

    /** A server that says every 100 ms that the credential expires, and refuses the connection with the next one. */
    @Test
    void aServerThatRepeatsItselfAndRefusesTheNextConnectionIsNotHammered() {
        for (Credential credential :
                List.of(Credential.bearer("x"), Credential.bearer("x").withLifetime(Duration.ofHours(1)))) {
            machine = machine(settings(true).credentials(true));
            perform(machine.connect(0));
            perform(machine.onCredential(1, credential, 0));
            perform(machine.onOpen(1, 0));
            perform(machine.onWelcome(1, welcome("new", 0), 0));
            perform(machine.onLive(1, 0));
            effects.take();
            int asked = 0;
            int candidates = 0;
            long candidate = 0;
            for (long now = SECOND; now < 61 * SECOND; now += SECOND / 10) {
                perform(machine.onCredentialExpiring(1, 0, now));
                if (candidate != 0) {
                    perform(machine.onFailed(candidate, Loss.refused("HTTP 503", 503, 0, null), now));
                    candidate = 0;
                }
                perform(machine.onTimer(now, now - 1, now - 1));
                for (List<String> seen = effects.take(); !seen.isEmpty(); seen = effects.take()) {
                    for (String effect : seen) {
                        List<String> words = List.of(effect.split(" ", -1));
                        if (words.get(0).equals("ask")) {
                            asked++;
                            perform(machine.onCredential(Long.parseLong(words.get(1)), credential, now));
                        } else if (words.get(0).equals("candidate")) {
                            candidates++;
                            candidate = Long.parseLong(words.get(1));
                        }
                    }
                }
            }
            assertTrue(asked >= 2 && asked <= 12, "asked " + asked + " times");
            assertTrue(candidates >= 2 && candidates <= 12, candidates + " attempts");
        }
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
        openWith(Credential.inOpen("one").withLifetime(Duration.ofSeconds(100)));
        perform(machine.onFailed(1, RESET, 0));
        effects.take();
        perform(machine.onTimer(SECOND, 0, 0));
        saw("CONNECTING", "connect 2 as one");
        perform(machine.onOpen(2, SECOND));
        saw("RESUMING", "open s k s-0 one");
    }

    @Test
    void aServerThatMustNotGetSecretsGetsNoneOfThem() {
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.inOpen("one").withLifetime(Duration.ofSeconds(100)), 0));
        effects.take();
        perform(machine.onOpen(1, true, false, 0));
        saw("RESUMING", "open null null null");
        perform(machine.onWelcome(1, welcome("new", 0), 0));
        perform(machine.onLive(1, 0));
        effects.take();
        perform(machine.onTimer(90 * SECOND, 90 * SECOND, 90 * SECOND));
        saw("ask 2 EXPIRING");
        perform(machine.onCredential(2, Credential.inOpen("two"), 90 * SECOND));
        saw();
        // The next server is the client's own again.
        perform(machine.onFailed(1, RESET, 91 * SECOND));
        perform(machine.onTimer(92 * SECOND, 0, 0));
        perform(machine.onCredential(3, Credential.inOpen("three"), 92 * SECOND));
        effects.take();
        perform(machine.onOpen(2, 92 * SECOND));
        saw("RESUMING", "open s k s-0 three");
    }

    @Test
    void oneThatIsRefusedIsReplacedAtOnceAndOnce() {
        perform(machine.connect(0));
        perform(machine.onCredential(1, Credential.inOpen("one").withLifetime(Duration.ofSeconds(100)), 0));
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
        perform(machine.onCredential(2, Credential.inOpen("two").withLifetime(Duration.ofSeconds(100)), 0));
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
        perform(machine.onCredential(2, Credential.inOpen("two").withLifetime(Duration.ofSeconds(100)), 0));
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

    private static final String REFUSED = ", stop: a fresh credential is refused";

    private void closed(long connection, int code, long now) {
        perform(machine.onClosed(connection, new CloseReason(code, ""), Loss.closed(Phase.SESSION, code, ""), now));
    }

    /** Connects as often as the machine likes, {@code held} after each welcome closed with {@code code}. */
    private List<String> refusedAfterTheWelcome(boolean resumable, int code, long held, boolean message) {
        perform(machine.connect(0));
        long now = 0;
        for (int connection = 1; connection <= 5; connection++) {
            perform(machine.onCredential(connection, Credential.header("X", "one"), now));
            perform(machine.onOpen(connection, now));
            if (resumable) perform(machine.onWelcome(connection, welcome("new", 0), now));
            if (message) {
                perform(machine.onMessage(connection, resumable ? "s-1" : null, Payload.text("hi"), 1, now));
            }
            effects.take();
            now += held;
            closed(connection, code, now);
            List<String> after = effects.take();
            if (after.contains("IDLE")) return List.of(connection + ": " + after.get(0));
            now = machine.nextTimer();
            perform(machine.onTimer(now, now, now));
            effects.take();
        }
        return List.of("goes on");
    }

    @ParameterizedTest
    @CsvSource({
        // Resumable, code, seconds that it held, whether a message came, what comes of it.
        "false, 4401, 0, false, stops",
        "false, 4401, 0, true, stops",
        "false, 4401, 9, true, stops",
        "false, 4401, 10, true, goes on",
        "false, 4401, 59, false, stops",
        "false, 4401, 60, false, goes on",
        "false, 1008, 0, false, stops",
        "false, 1008, 10, true, goes on",
        "false, 4403, 0, false, forbidden",
        "true, 4401, 0, false, stops",
        "true, 4401, 9, true, stops",
        "true, 1008, 0, true, stops",
    })
    void anEarlyCloseIsARefusal(boolean resumable, int code, long held, boolean message, String expected) {
        machine = machine(settings(resumable).credentials(true));
        String came =
                refusedAfterTheWelcome(resumable, code, held * SECOND, message).get(0);
        String told = "failed SESSION server closed with " + code;
        if (expected.equals("stops")) {
            assertEquals("2: " + told + REFUSED, came);
        } else if (expected.equals("forbidden")) {
            assertEquals("1: " + told + ", stop: forbidden", came);
        } else {
            assertEquals(expected, came);
        }
    }

    @Test
    void oneThatTheSessionCannotCarryIsAConfigurationErrorAndStops() {
        machine = machine(settings(false).credentials(true));
        perform(machine.connect(0));
        effects.take();
        perform(machine.onCredential(1, Credential.inOpen("secret"), 0));
        saw(
                "failed CONFIGURATION a credential of Credential.inOpen goes in the first envelope of a resumable session,"
                        + " and this session is not resumable: use bearer, header or query,"
                        + " stop: another attempt would fail in the same way",
                "IDLE");
        assertEquals(SessionMachine.NEVER, machine.nextTimer());
    }

    @Test
    void anEarlyCloseOfOneWhoseLifeIsOverIsAnExpiry() {
        machine = machine(settings(false).credentials(true));
        perform(machine.connect(0));
        long now = 0;
        for (int connection = 1; connection <= 10; connection++) {
            perform(machine.onCredential(connection, Credential.bearer("t").withLifetime(Duration.ofSeconds(2)), now));
            perform(machine.onOpen(connection, now));
            now += 2 * SECOND;
            effects.take();
            closed(connection, 4401, now);
            assertTrue(effects.take().get(0).contains("retry in"));
            now = machine.nextTimer();
            perform(machine.onTimer(now, now, now));
        }
    }

    @Test
    void anEarlyPolicyViolationIsAskedForAFreshCredentialOnceUnlessThePolicyKnowsBetter() {
        machine = machine(settings(false)
                .credentials(true)
                .policy(ReconnectPolicy.standard().withCloseReaction(1008, Reaction.backoff())));
        assertEquals(List.of("goes on"), refusedAfterTheWelcome(false, 1008, 0, false));
        machine = machine(settings(false));
        perform(machine.connect(0));
        perform(machine.onOpen(1, 0));
        effects.take();
        closed(1, 1008, 0);
        saw("failed SESSION server closed with 1008, retry in " + SECOND, "WAITING");
    }

    @Test
    void oneInTheSessionIsRenewedOnTheSameConnection() {
        openWith(Credential.inOpen("one").withLifetime(Duration.ofSeconds(10)));
        assertEquals(9 * SECOND, machine.nextTimer());
        perform(machine.onTimer(9 * SECOND, 9 * SECOND, 0));
        saw("ask 2 EXPIRING");
        perform(machine.onCredential(2, Credential.inOpen("two").withLifetime(Duration.ofSeconds(10)), 9 * SECOND));
        saw("auth two");
        assertEquals(18 * SECOND, machine.nextTimer());
    }

    @Test
    void oneInAHeaderIsRenewedByAHandover() {
        openWith(Credential.bearer("one").withLifetime(Duration.ofSeconds(10)));
        perform(machine.onTimer(9 * SECOND, 9 * SECOND, 0));
        effects.take();
        perform(machine.onCredential(2, Credential.bearer("two").withLifetime(Duration.ofSeconds(10)), 9 * SECOND));
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

    @ParameterizedTest
    @ValueSource(longs = {1, 6, 10, 15})
    void aShortLivedOneIsRenewedAtNineTenthsForAsLongAsItGoesOn(long life) {
        Credential credential = Credential.inOpen("x").withLifetime(Duration.ofSeconds(life));
        openWith(credential);
        long now = 0;
        for (int renewal = 1; renewal <= 20; renewal++) {
            now += life * SECOND * 9 / 10;
            // Looks of the heartbeat.
            for (long due; (due = machine.nextTimer()) < now; ) perform(machine.onTimer(due, due, due));
            assertEquals(now, machine.nextTimer());
            effects.take();
            perform(machine.onTimer(now, now, now));
            saw("ask " + (renewal + 1) + " EXPIRING");
            perform(machine.onCredential(renewal + 1, credential, now));
            saw("auth x");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 10, 15})
    void aServerMayWarnOfEachOfManyShortLivedOnes(long life) {
        openWith(Credential.inOpen("x"));
        for (int renewal = 1; renewal <= 20; renewal++) {
            long now = renewal * life * SECOND;
            perform(machine.onCredentialExpiring(1, SECOND, now));
            saw("ask " + (renewal + 1) + " EXPIRING");
            perform(machine.onCredential(renewal + 1, Credential.inOpen("x"), now));
            saw("auth x");
        }
    }

    @Test
    void aServerThatWarnsWithoutEndDoesNotDriveTheSupplier() {
        openWith(Credential.inOpen("x"));
        int asked = 1;
        for (long now = 0; now < 600 * SECOND; now += SECOND / 10) {
            perform(machine.onTimer(now, now, now));
            perform(machine.onCredentialExpiring(1, SECOND, now));
            if (effects.take().contains("ask " + (asked + 1) + " EXPIRING")) {
                asked++;
                perform(machine.onCredential(asked, Credential.inOpen("x"), now));
                effects.take();
            }
        }
        // At 0, 2, 6, 14, 30, 62, 126, 254 and 510 s.
        assertEquals(10, asked);
    }

    @Test
    void aServerThatWarnsWithoutEndDoesNotDelayWhatTheCredentialItselfCallsFor() {
        Credential credential = Credential.inOpen("x").withLifetime(Duration.ofSeconds(10));
        openWith(credential);
        int asked = 1;
        long last = 0;
        long longest = 0;
        for (long now = 0; now < 300 * SECOND; now += SECOND / 10) {
            perform(machine.onTimer(now, now, now));
            perform(machine.onCredentialExpiring(1, 20 * SECOND, now));
            if (effects.take().contains("ask " + (asked + 1) + " EXPIRING")) {
                longest = Math.max(longest, now - last);
                last = now;
                asked++;
                perform(machine.onCredential(asked, credential, now));
                effects.take();
            }
        }
        assertEquals(9 * SECOND, longest);
    }

    @Test
    void oneWithHardlyAnyLifeIsNotRenewedWithoutAPause() {
        Credential credential = Credential.inOpen("x").withLifetime(Duration.ofNanos(1));
        openWith(credential);
        perform(machine.onTimer(SECOND, SECOND, SECOND));
        effects.take();
        perform(machine.onCredential(2, credential, SECOND));
        assertEquals(SECOND + SECOND / 10, machine.nextTimer());
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
        openWith(Credential.inOpen("one").withLifetime(Duration.ofSeconds(100)));
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
