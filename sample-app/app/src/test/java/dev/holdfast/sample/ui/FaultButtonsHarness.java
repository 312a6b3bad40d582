package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.ClientState;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A window in which faults are applied, and whose totals say afterwards that nothing got lost. */
abstract class FaultButtonsHarness extends WindowHarness {
    /** Fast enough for a test not to wait for the next message. */
    private static final int MESSAGES_PER_SECOND = 10;

    /** What the test made the server forget, which the client must be told. */
    int sessionsForgotten;

    @AfterEach
    void nothingWasLost() {
        if (view == null) return;
        awaitProgress();
        await("totals on the screen", () -> shown("to-server-sent") > 0 && shown("from-server-arrived") > 0);
        // The screen may be a tick behind.
        await("the lost sessions on the screen", () -> shown("sessions-lost") == sessionsForgotten);
        assertEquals(0, shownBothWays("silently-lost"));
        assertEquals(0, shownBothWays("duplicated"));
        assertEquals(0, shownBothWays("reordered"));
        if (sessionsForgotten == 0) assertEquals(0, shownBothWays("in-doubt"));
    }

    @BeforeEach
    void talkFast() {
        speak(true);
    }

    /** Lets both sides send, or nobody. */
    void speak(boolean on) {
        robot.interact(() -> demonstration.messagesPerSecond().set(on ? MESSAGES_PER_SECOND : 0));
    }

    void awaitReconnect() {
        await("a reconnect", () -> shown("reconnects") == 1 && state() == ClientState.OPEN);
    }

    /** Waits until everything that was clicked so far has been done to the server and the network. */
    void awaitFaultsApplied() {
        CompletableFuture<Void> settled = onWindow(() -> demonstration.faults().settled());
        await("the faults", settled::isDone);
    }
}
