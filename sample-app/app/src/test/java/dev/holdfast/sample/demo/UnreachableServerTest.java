package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.server.SessionStore;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that can't be reached, does not answer, has no time, or comes back without its memory. */
@Timeout(180)
class UnreachableServerTest extends FaultHarness {
    @Test
    void refusedConnectsAreTriedAgainUntilOneIsNot() {
        talk(builder());
        proxy.refuse(true);
        proxy.cut();
        Told.Failure refused = awaitFailure(4);
        proxy.refuse(false);
        assertEquals(Phase.TCP, refused.what().phase());
        assertTrue(refused.what().message().startsWith("connection refused"), refused.what()::message);
        awaitResumed(1);
        awaitExchange();
    }

    @Test
    void anUpgradeThatIsNeverAnsweredIsGivenUp() {
        Duration timeout = Duration.ofSeconds(1);
        talk(builder().connectTimeout(timeout));
        long fault = System.nanoTime();
        proxy.blackHole(Direction.BOTH, true);
        proxy.cut();
        // Not by its number: on a busy machine an earlier connect may have taken longer than the timeout.
        Told.Failure unanswered =
                awaitFailure(failure -> failure.at() > fault && failure.what().phase() == Phase.UPGRADE);
        proxy.blackHole(Direction.BOTH, false);
        assertEquals(
                "no answer to the upgrade within 1000 ms", unanswered.what().message());
        assertWithin(timeout.plus(SLACK), Duration.ofNanos(unanswered.at() - lastAttemptBefore(unanswered.at())));
        awaitResumed(1);
        awaitExchange();
    }

    private long lastAttemptBefore(long moment) {
        return told.states.stream()
                .filter(entered -> entered.state() == ClientState.CONNECTING && entered.at() < moment)
                .mapToLong(Told.Entered::at)
                .max()
                .orElseThrow();
    }

    @Test
    void aBusyServerIsLeftAloneForAsLongAsItAsks() throws Exception {
        talk(builder());
        HttpServer busy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicLong askedAt = new AtomicLong();
        busy.createContext("/", exchange -> {
            askedAt.set(System.nanoTime());
            exchange.getResponseHeaders().add("Retry-After", "1");
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        busy.start();
        Told.Failure refused;
        try {
            proxy.retarget(busy.getAddress().getPort());
            proxy.cut();
            refused = awaitFailure(2);
            proxy.retarget(server.port());
            assertEquals(503, refused.what().httpStatus());
            awaitResumed(1);
        } finally {
            busy.stop(0);
        }
        assertEquals(2, told.failures.size(), told.failures::toString);
        long back = lastAttemptBefore(Long.MAX_VALUE);
        Duration waited = Duration.ofNanos(back - askedAt.get());
        assertTrue(waited.compareTo(Duration.ofSeconds(1)) >= 0, () -> "waited " + waited.toMillis());
        awaitExchange();
    }

    @Test
    void aServerThatRestartsWithItsLogGoesOn() {
        talk(builder());
        int port = server.port();
        server.close();
        assertEquals(1001, awaitFailure(1).what().closeCode());
        server = start(port, store);
        awaitResumed(1);
        awaitExchange();
    }

    @Test
    void aServerThatRestartsWithAnotherLogHasLostTheSession() {
        sessionsToBeLost = 1;
        talk(builder());
        int port = server.port();
        server.close();
        store.loseLogs();
        server = start(port, store);
        assertLost("epoch");
    }

    @Test
    void aServerThatRestartsWithNothingHasLostTheSession() {
        sessionsToBeLost = 1;
        talk(builder());
        int port = server.port();
        server.close();
        server = start(port, SessionStore.inMemory());
        assertLost("unknown");
    }

    @Test
    void aSessionThatExpiredIsToldAndAnotherOneGoesOn() {
        sessionsToBeLost = 1;
        talk(builder());
        server.expireSessions();
        assertLost("expired");
    }

    @Test
    void aSessionThatExpiredWhileTheClientWasAwayIsTold() {
        sessionsToBeLost = 1;
        talk(builder());
        proxy.refuse(true);
        proxy.cut();
        awaitFailure(2);
        server.expireSessions();
        proxy.refuse(false);
        assertLost("expired");
    }

    private void assertLost(String reason) {
        await("a lost session", () -> !told.losses.isEmpty());
        assertEquals(reason, told.losses.get(0).reason());
        awaitExchange();
    }

    @Test
    void anotherEndpointTakesOver() {
        FaultProxy second = otherWay();
        second.refuse(true);
        talk(builder().endpoint(url(second.port())));
        server.close();
        proxy.refuse(true);
        // An attempt may have come while the server stopped.
        proxy.cut();
        server = start(0, store);
        second.retarget(server.port());
        second.refuse(false);
        awaitResumed(1);
        awaitExchange();
        await("the end of connections through the first", () -> proxy.liveConnections() == 0);

        // And back, when the second is gone as well.
        proxy.retarget(server.port());
        proxy.refuse(false);
        second.refuse(true);
        second.cut();
        awaitResumed(2);
        awaitExchange();
        await("the end of connections through the second", () -> second.liveConnections() == 0);
    }
}
