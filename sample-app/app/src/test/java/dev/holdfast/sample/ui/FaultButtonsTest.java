package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Conversation;
import dev.holdfast.sample.model.History;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Collectors;
import javafx.scene.input.KeyCode;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every fault button does what it says, and afterwards the totals say that nothing got lost. */
@Timeout(180)
class FaultButtonsTest extends FaultButtonsHarness {
    private void breaks(Fault fault) {
        awaitProgress();
        click(fault);
        awaitReconnect();
        awaitLogged(fault.label());
        assertTrue(text("#happened").startsWith("Previous failure, SESSION: "), text("#happened"));
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
        awaitLogged("session lost (epoch)");
    }

    @Test
    void expireTheSession() {
        awaitProgress();
        click(Fault.EXPIRE_SESSION);
        sessionsForgotten = 1;
        awaitReconnect();
        awaitLogged("session lost (expired)");
    }

    @Test
    void expireTheCredential() {
        click(Fault.EXPIRE_CREDENTIAL);
        awaitReconnect();
        awaitLogged("requested: the server refused the last one");
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
        awaitProgress();
        assertEquals(1, onWindow(() -> demonstration.log().text().split("the process did not run", -1).length - 1));
        assertEquals(1, onWindow(() -> conversation().history().suspensions().size()));
    }

    @Test
    void refuse() {
        awaitProgress();
        click(Fault.REFUSE);
        await("refused attempts", () -> logged("attempt 2 in"));
        await("a countdown on the screen", () -> text("#decided").startsWith("Attempt "));
        // Its acknowledgement can't come earlier than 500 ms after the send, however long the outage was before.
        await("a message that waits", () -> waitingForMillis() > 500);
        click(Fault.REFUSE);
        awaitReconnect();
        await("the wait of the outage in the chart", () -> slowestAckMillis() > 400);
        boolean blank = onWindow(() -> conversation().history().samples().stream()
                .anyMatch(sample -> Double.isNaN(sample.ackMillis())
                        && Double.isNaN(sample.heartbeatMillis())
                        && sample.queued() > 0));
        assertTrue(blank, "latencies are blank while messages wait for a connection");
    }

    /** Returns how long messages have been waiting in the queue by now. */
    private double waitingForMillis() {
        return onWindow(() -> {
            double waiting = 0;
            long since = -1;
            for (History.Sample sample : conversation().history().samples()) {
                if (sample.queued() == 0) since = -1;
                else if (since < 0) since = sample.nanoTime();
                waiting = since < 0 ? 0 : (sample.nanoTime() - since) / 1e6;
            }
            return waiting;
        });
    }

    private double slowestAckMillis() {
        return onWindow(() -> conversation().history().samples().stream()
                .mapToDouble(History.Sample::ackMillis)
                .filter(millis -> !Double.isNaN(millis))
                .max()
                .orElse(0));
    }

    @Test
    void connectNowDoesNotWait() throws Exception {
        close();
        policies = new Conversation.Policies(
                Backoff.exponential(Duration.ofHours(1), Duration.ofHours(1)).withoutJitter(), policies.heartbeat());
        open();
        click(Fault.REFUSE);
        await("a long wait", () -> state() == ClientState.WAITING);
        click(Fault.REFUSE);
        awaitFaultsApplied();
        click("#connect-now");
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

    /** Nothing is in doubt in it, since the session is kept. */
    @Test
    void storm() {
        click("#storm");
        for (Fault fault : Fault.values()) {
            if (fault.isPossible() && !fault.losesSession()) await(fault.label(), () -> logged(fault.label()));
        }
        calm();
        assertEquals(0, totals().sessionsLost());
    }

    @Test
    void stormThatMayLoseTheSession() {
        click("#storm-loses-sessions");
        click("#storm");
        await("a lost session", () -> logged("session lost ("));
        calm();
        sessionsForgotten = totals().sessionsLost();
    }

    /** Ends the storm. Afterwards the client knows of every session that the storm took. */
    private void calm() {
        click("#storm");
        awaitFaultsApplied();
        await("calm", () -> state() == ClientState.OPEN);
        awaitProgress();
    }
}
