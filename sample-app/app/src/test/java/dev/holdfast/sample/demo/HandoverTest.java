package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.RedirectPolicy;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that is sent elsewhere by its server or its network: the old connection serves until the new one is open. */
@Timeout(180)
class HandoverTest extends FaultHarness {
    /** Another port is another origin. */
    private static final RedirectPolicy ANOTHER_PORT = (from, to) ->
            from.host().equals(to.host()) ? RedirectPolicy.Answer.FOLLOW_WITH_SECRETS : RedirectPolicy.Answer.REFUSE;

    /** The server closes a second after this, and a busy machine needs part of that second for the handover. */
    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final ManualNetworkMonitor network = new ManualNetworkMonitor();

    @Test
    void aDrainingServerIsLeftWithoutAGap() {
        talk(builder().backoff(eager()));
        server.drain(DRAIN);
        awaitResumed(1);
        awaitExchange();
        assertNoGap(1);
    }

    @Test
    void aDrainingServerMayNameAnother() {
        FaultProxy other = otherWay();
        talk(builder().backoff(eager()).redirectPolicy(ANOTHER_PORT));
        server.drain(DRAIN, url(other.port()));
        awaitResumed(1);
        await("the old connection's end", () -> proxy.liveConnections() == 0);
        awaitExchange();
        assertEquals(1, other.liveConnections());
        assertNoGap(1);
    }

    @Test
    void theOldConnectionServesUntilTheNewOneIsOpen() {
        FaultProxy slow = otherWay();
        talk(builder().networkMonitor(network));
        slow.blackHole(Direction.BOTH, true);
        proxy.retarget(slow.port());
        network.changed();
        await("another connection", () -> slow.liveConnections() == 1);
        awaitExchange();
        awaitExchange();
        assertEquals(ClientState.OPEN, state());
        assertEquals(0, server.stats().resumed());

        slow.blackHole(Direction.BOTH, false);
        awaitResumed(1);
        await("the old connection's end", () -> proxy.liveConnections() == 1);
        awaitExchange();
        assertNoGap(1);
        assertEquals(1, slow.liveConnections());
    }

    @Test
    void aDrainingServerThatClosesMeanwhileDoesNotCallTheMoveOff() {
        FaultProxy slow = otherWay();
        talk(builder().backoff(patient().withResetAfter(Duration.ZERO)).redirectPolicy(ANOTHER_PORT));
        slow.blackHole(Direction.BOTH, true);
        server.drain(Duration.ofMillis(50), url(slow.port()));
        await("another connection", () -> slow.liveConnections() == 1);
        assertEquals(1001, awaitFailure(1).what().closeCode());
        slow.blackHole(Direction.BOTH, false);
        awaitResumed(1);
        awaitExchange();
        assertEquals(1, slow.liveConnections());
        assertEquals(0, told.times(ClientState.WAITING));
    }

    @Test
    void aHandoverThatFailsLeavesTheOldConnectionAlone() {
        AtomicInteger refused = new AtomicInteger();
        EventListener attempts = new EventListener() {
            @Override
            public void callFailed(Call call, IOException cause) {
                refused.incrementAndGet();
            }
        };
        talk(builder()
                .networkMonitor(network)
                .okHttpClient(new OkHttpClient.Builder().eventListener(attempts).build()));
        proxy.refuse(true);
        network.changed();
        await("a refusal, and five more when it is tried again", () -> refused.get() == 6);
        awaitExchange();
        assertEquals(1, told.times(ClientState.OPEN));
        assertEquals(0, server.stats().resumed());
        proxy.refuse(false);
        network.changed();
        awaitResumed(1);
        awaitExchange();
        assertNoGap(1);
    }

    @Test
    void oneHandoverAfterAnotherLosesNothing() {
        talk(builder().networkMonitor(network));
        for (int moves = 1; moves <= 50; moves++) {
            network.changed();
            awaitResumed(moves);
        }
        awaitExchange();
        assertNoGap(50);
    }

    @Test
    void handoversThatOvertakeEachOtherLoseNothing() {
        talk(builder().networkMonitor(network));
        for (int moves = 1; moves <= 50; moves++) {
            network.changed();
            awaitArrivals(2);
        }
        awaitExchange();
        assertEquals(List.of(), told.failures);
        assertEquals(0, told.times(ClientState.WAITING));
    }

    @Test
    void aChangedNetworkOverWhichTheOldConnectionIsDeadNeedsNoHeartbeat() {
        talk(builder().networkMonitor(network));
        proxy.forget();
        network.changed();
        awaitResumed(1);
        awaitExchange();
        assertNoGap(1);
    }

    @Test
    void whileThereIsNoNetworkNoAttemptIsMade() {
        talk(builder().networkMonitor(network).backoff(patient()));
        network.lost();
        awaitExchange();
        assertEquals(ClientState.OPEN, state());

        proxy.cut();
        await("no network", () -> state() == ClientState.OFFLINE);
        assertEquals(1, told.times(ClientState.CONNECTING));
        await("the old connection's end", () -> proxy.liveConnections() == 0);
        network.available();
        awaitResumed(1);
        awaitExchange();
        assertEquals(0, told.times(ClientState.WAITING));
    }

    @Test
    void aNetworkThatIsBackCutsTheWaitShort() {
        talk(builder().networkMonitor(network).backoff(patient()));
        proxy.refuse(true);
        proxy.cut();
        await("a wait", () -> state() == ClientState.WAITING);
        network.lost();
        await("no network", () -> state() == ClientState.OFFLINE);
        proxy.refuse(false);
        network.available();
        awaitResumed(1);
        awaitExchange();
    }

    @Test
    void aNetworkThatIsBackMakesTheClientProbeTheConnectionThatItHas() {
        // Without messages, one of which might have come in just behind the probe and proved life.
        // The interval is an hour, so that only a probe can find out.
        connect(builder().heartbeat(PATIENT.withDeadline(DEADLINE)).networkMonitor(network));
        network.lost();
        proxy.forget();
        network.available();
        assertEquals("no sign of life since a ping", awaitFailure(1).what().message());
        awaitResumed(1);
    }

    private void assertNoGap(int moves) {
        assertEquals(List.of(), told.failures);
        assertEquals(0, told.times(ClientState.WAITING));
        assertEquals(1, told.times(ClientState.CONNECTING));
        assertEquals(moves + 1, told.times(ClientState.OPEN));
        assertEquals(moves, server.stats().resumed());
        assertTrue(server.stats().openConnections() <= 2);
    }

    /** A connection that is sent away is not held back, however young it is. */
    private static Backoff eager() {
        return Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50)).withResetAfter(Duration.ZERO);
    }

    /** Nobody comes back by himself while the test lasts. */
    private static Backoff patient() {
        return Backoff.exponential(Duration.ofHours(1), Duration.ofHours(1)).withoutJitter();
    }
}
