package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Collectors;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every fault button does what it says, and afterwards the totals say that nothing got lost. */
@Timeout(120)
class FaultButtonsTest extends WindowHarness {
    /** What the test made the server forget, which the client must be told. */
    private int sessionsForgotten;

    @AfterEach
    void nothingWasLost() {
        if (view == null) return;
        awaitProgress();
        await("totals on the screen", () -> shown("sent") > 0 && shown("received") > 0);
        assertEquals(0, shown("lost"));
        assertEquals(0, shown("duplicated"));
        assertEquals(0, shown("reordered"));
        assertEquals(sessionsForgotten, shown("sessions-lost"));
    }

    private void awaitReconnect() {
        await("a reconnect", () -> shown("reconnects") == 1 && state() == ClientState.OPEN);
    }

    private void breaks(Fault fault) {
        awaitProgress();
        click(fault);
        awaitReconnect();
        assertTrue(logged(fault.label()));
        assertTrue(text("#happened").startsWith("Last failure, session: "), text("#happened"));
    }

    @Test
    void cut() {
        breaks(Fault.CUT);
    }

    @Test
    void end() {
        breaks(Fault.END);
    }

    @Test
    void forget() {
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        click(Fault.FORGET);
        awaitReconnect();
        assertTrue(logged("no sign of life since a ping"));
        robot.interact(() -> demonstration.messagesPerSecond().set(1));
    }

    @Test
    void restart() {
        awaitProgress();
        click(Fault.RESTART);
        awaitReconnect();
    }

    @Test
    void restartWithoutTheLog() {
        awaitProgress();
        click(Fault.RESTART_WITHOUT_LOG);
        sessionsForgotten = 1;
        awaitReconnect();
        assertTrue(logged("session lost (epoch)"));
    }

    @Test
    void expireTheSession() {
        awaitProgress();
        click(Fault.EXPIRE_SESSION);
        sessionsForgotten = 1;
        awaitReconnect();
        assertTrue(logged("session lost (expired)"));
    }

    @Test
    void expireTheCredential() {
        click(Fault.EXPIRE_CREDENTIAL);
        awaitReconnect();
        assertTrue(logged("asked for one: REFUSED"));
    }

    @Test
    void drain() {
        click(Fault.DRAIN);
        await("a handover", () -> logged("has taken over"));
        awaitProgress();
        assertFalse(logged("WAITING"));
    }

    @Test
    void suspend() {
        Assumptions.assumeTrue(Fault.SUSPEND.isPossible(), "no signals on this system");
        long before = System.nanoTime();
        click(Fault.SUSPEND);
        await("a pause", () -> logged("the process did not run for about"));
        assertTrue(System.nanoTime() - before >= Duration.ofSeconds(6).toNanos());
    }

    @Test
    void blackHoleOut() {
        noticedAndMended(Fault.BLACK_HOLE_OUT);
    }

    @Test
    void blackHoleIn() {
        noticedAndMended(Fault.BLACK_HOLE_IN);
    }

    @Test
    void blackHole() {
        noticedAndMended(Fault.BLACK_HOLE);
    }

    @Test
    void twoFaultsOfTheNetworkExcludeEachOther() {
        click(Fault.BLACK_HOLE_OUT);
        click(Fault.NETWORK_OFF);
        await("being offline", () -> state() == ClientState.OFFLINE);
        assertFalse(
                onWindow(() -> demonstration.faults().on(Fault.BLACK_HOLE_OUT).get()));
        click(Fault.BLACK_HOLE_IN);
        await("the network", () -> logged("Network off: over"));
        click(Fault.BLACK_HOLE_IN);
        awaitReconnect();
    }

    private void noticedAndMended(Fault fault) {
        // Whatever comes in would prove that the connection lives.
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        click(fault);
        await("a dead connection", () -> state() != ClientState.OPEN);
        click(fault);
        await("an open connection", () -> state() == ClientState.OPEN);
        robot.interact(() -> demonstration.messagesPerSecond().set(1));
        await("a reconnect", () -> shown("reconnects") == 1);
    }

    @Test
    void refuse() {
        awaitProgress();
        click(Fault.REFUSE);
        await("refused attempts", () -> logged("attempt 2 in"));
        await("a countdown on the screen", () -> text("#decided").startsWith("Attempt "));
        click(Fault.REFUSE);
        awaitReconnect();
    }

    @Test
    void connectNowDoesNotWait() {
        click(Fault.REFUSE);
        await(
                "a long wait",
                () -> state() == ClientState.WAITING
                        && conversation().nextAttempt().secondsLeft(System.nanoTime()) > 1.5);
        click(Fault.REFUSE);
        long before = System.nanoTime();
        await("the refusal's end", () -> logged("Refuse: over"));
        click("#connect-now");
        awaitReconnect();
        assertTrue(System.nanoTime() > before);
    }

    @Test
    void networkOffAndOn() {
        click(Fault.NETWORK_OFF);
        await("being offline", () -> state() == ClientState.OFFLINE);
        await("words for it", () -> text("#decided").contains("before there is a network"));
        click(Fault.NETWORK_OFF);
        awaitReconnect();
    }

    @Test
    void delay() {
        robot.interact(() -> node("#delay").requestFocus());
        for (int i = 0; i < 4; i++) robot.type(KeyCode.RIGHT);
        assertEquals(250, demonstration.faults().delayMillis().get());
        // While messages come there is no need for a ping.
        robot.interact(() -> demonstration.messagesPerSecond().set(0));
        await(
                "a slow heartbeat",
                () -> onWindow(() -> {
                    var samples = conversation().history().samples();
                    return samples.get(samples.size() - 1).heartbeatMillis() >= 500;
                }));
        robot.interact(() -> demonstration.messagesPerSecond().set(1));
    }

    @Test
    void throttle() {
        // What repeats itself would be compressed to nothing.
        String noise = new Random(1)
                .ints(10_000, 'a', 'z')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        robot.interact(() -> node("#throttle").requestFocus());
        robot.type(KeyCode.END);
        assertEquals(1, demonstration.faults().kibibytesPerSecond().get());
        robot.interact(() -> conversation().send(noise));
        await("a backlog", () -> onWindow(() -> conversation().bufferedAmount()) > 0 || totals().underWay() > 2);
        robot.type(KeyCode.HOME);
        assertEquals(0, demonstration.faults().kibibytesPerSecond().get());
    }

    @Test
    void storm() {
        click("#storm");
        for (Fault fault : Fault.values()) {
            if (fault.isPossible()) await(fault.label(), () -> logged(fault.label()));
        }
        click("#storm");
        await("calm", () -> state() == ClientState.OPEN);
        // By then the client knows of every session that the storm took.
        awaitProgress();
        sessionsForgotten = totals().sessionsLost();
    }
}
