package dev.holdfast.sample.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.sample.demo.Fault;
import dev.holdfast.sample.demo.Peer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's side of the conversation, on a thread that stands in for the window's. */
@Timeout(60)
class ConversationTest {
    private static final Conversation.Policies SOON = new Conversation.Policies(
            Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(100)),
            Conversation.Policies.STANDARD.heartbeat());

    private final ExecutorService window = Executors.newSingleThreadExecutor();

    private <T> T onWindow(Callable<T> asked) throws Exception {
        return window.submit(asked).get();
    }

    private void await(Callable<Boolean> condition) throws Exception {
        while (!onWindow(condition)) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }

    /** The state band then tells of the failure as of one that is over. */
    @Test
    void aFailureBeforeTheFirstConnectionIsRecoveredFromByIt() throws Exception {
        EventLog log = new EventLog();
        try (Peer peer = new Peer();
                FaultDesk faults = new FaultDesk(peer, log)) {
            faults.on(Fault.REFUSE).set(true);
            await(() -> {
                log.flush();
                return log.text().contains("Refuse");
            });
            try (Conversation conversation = onWindow(() -> new Conversation(peer, SOON, window, log))) {
                await(() -> conversation.nextAttempt() != null);
                assertFalse(isRecovered(conversation));
                faults.on(Fault.REFUSE).set(false);
                await(() -> conversation.state() == ClientState.OPEN && log(log).contains("OPEN"));
                assertTrue(isRecovered(conversation));
                assertEquals(0, onWindow(conversation::totals).reconnects());
            }
        } finally {
            window.shutdownNow();
        }
    }

    @Test
    void aHandoverDoesNotChangeHowLongTheRecoveryTook() throws Exception {
        EventLog log = new EventLog();
        try (Peer peer = new Peer();
                FaultDesk faults = new FaultDesk(peer, log);
                Conversation conversation = onWindow(() -> new Conversation(peer, SOON, window, log))) {
            await(() -> conversation.state() == ClientState.OPEN);
            faults.strike(Fault.CUT);
            await(() -> conversation.nextAttempt() != null
                    && conversation.nextAttempt().isRecovered());
            long took = onWindow(conversation::nextAttempt).recoveredAfterNanos();
            faults.strike(Fault.DRAIN);
            await(() -> conversation.totals().reconnects() >= 2 && conversation.state() == ClientState.OPEN);
            assertEquals(took, onWindow(conversation::nextAttempt).recoveredAfterNanos());
        } finally {
            window.shutdownNow();
        }
    }

    private static String log(EventLog log) {
        log.flush();
        return log.text();
    }

    private boolean isRecovered(Conversation conversation) throws Exception {
        NextAttempt next = onWindow(conversation::nextAttempt);
        assertNotNull(next);
        return next.isRecovered();
    }
}
