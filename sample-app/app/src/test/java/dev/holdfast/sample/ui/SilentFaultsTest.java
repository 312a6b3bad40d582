package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.Heartbeat;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.model.Conversation;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that only a heartbeat notices, found sooner than in the window that people see. */
@Timeout(180)
class SilentFaultsTest extends FaultButtonsHarness {
    SilentFaultsTest() {
        policies = new Conversation.Policies(
                Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200)),
                Heartbeat.every(Duration.ofMillis(250)).withDeadline(Duration.ofSeconds(1)));
    }

    /** A busy machine may make the heartbeat find one connection more. */
    @Override
    void awaitReconnect() {
        await("a reconnect", () -> shown("reconnects") >= 1 && state() == ClientState.OPEN);
    }

    /** Whatever comes in would prove that the connection lives. */
    private void awaitSilence() {
        speak(false);
        await("the end of what was sent", () -> totals().underWay() == 0);
    }

    @Test
    void forget() {
        awaitSilence();
        click(Fault.FORGET);
        awaitReconnect();
        awaitLogged("no sign of life since a ping");
        speak(true);
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
        awaitSilence();
        click(fault);
        await("a dead connection", () -> state() != ClientState.OPEN);
        click(fault);
        await("an open connection", () -> state() == ClientState.OPEN);
        speak(true);
        awaitReconnect();
    }

    @Test
    void networkOffAndOn() {
        click(Fault.NETWORK_OFF);
        await("being offline", () -> state() == ClientState.OFFLINE);
        await("words for it", () -> text("#decided").contains("before there is a network"));
        click(Fault.NETWORK_OFF);
        awaitReconnect();
    }
}
