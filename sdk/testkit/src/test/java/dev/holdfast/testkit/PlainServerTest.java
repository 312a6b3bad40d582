package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import java.time.Duration;
import java.util.List;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client without a session against a server in memory. */
class PlainServerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @RegisterExtension
    final HoldfastExtension holdfast = HoldfastExtension.plain();

    private final TestServer server = holdfast.server();
    private final RecordingListener listener = holdfast.listener();
    private final VirtualTime time = holdfast.time();

    private HoldfastClient connected() {
        HoldfastClient client = holdfast.builder()
                .backoff(Backoff.exponential(SECOND, SECOND).withoutJitter())
                .build();
        client.connect();
        server.accept();
        listener.awaitState(ClientState.OPEN);
        return client;
    }

    @Test
    void messagesOfBothKindsGoBothWays() throws Exception {
        HoldfastClient client = connected();
        Delivery text = client.send("hello");
        client.send(ByteString.of((byte) 1));
        assertEquals("hello", server.takeText());
        assertEquals(ByteString.of((byte) 1), server.takeBytes());
        assertEquals(Outcome.Kind.WRITTEN, time.await(text.outcome()).kind());
        server.send("welcome").send(ByteString.of((byte) 2)).sendJson("{\"a\":1}");
        assertEquals("welcome", listener.awaitText());
        assertEquals(ByteString.of((byte) 2), listener.awaitMessage().bytes());
        assertEquals("{\"a\":1}", listener.awaitText());
        listener.assertNoMessage();
        server.assertNothingReceived();
    }

    @Test
    void aCutIsAFailureAndTheClientComesBack() {
        connected();
        server.cut();
        ConnectionFailure failure = listener.awaitFailure();
        assertEquals(Phase.SESSION, failure.phase());
        assertTrue(failure.willRetry());
        assertEquals(SECOND, failure.retryIn());
        server.accept().send("again");
        assertEquals("again", listener.awaitText());
        assertEquals(2, server.attempts().size());
    }

    @Test
    void refusalsAreThoseOfARealServer() {
        HoldfastClient client = connected();
        server.refuse(503, Duration.ofSeconds(20)).cut();
        listener.awaitFailure();
        ConnectionFailure failure = listener.awaitFailure();
        assertEquals(503, failure.httpStatus());
        assertEquals(Phase.UPGRADE, failure.phase());
        assertTrue(failure.retryIn().compareTo(Duration.ofSeconds(20)) >= 0, failure.toString());
        server.unreachable();
        failure = listener.awaitFailure();
        assertEquals(Phase.TCP, failure.phase());
        server.refuse(403);
        failure = listener.awaitFailure();
        assertFalse(failure.willRetry());
        listener.awaitState(ClientState.IDLE);
        client.connect();
        server.accept();
    }

    @Test
    void aBlackHoleIsFoundByTheHeartbeat() {
        HoldfastClient client = holdfast.builder()
                .heartbeat(Heartbeat.every(Duration.ofSeconds(5)).withDeadline(Duration.ofSeconds(2)))
                .build();
        client.connect();
        server.accept();
        Duration before = time.now();
        server.blackHole(Direction.SERVER_TO_CLIENT, true);
        ConnectionFailure failure = listener.awaitFailure();
        assertTrue(failure.message().contains("no sign of life"), failure.message());
        Duration noticed = time.now().minus(before);
        assertTrue(noticed.compareTo(Duration.ofSeconds(8)) < 0, noticed.toString());
        server.blackHole(Direction.BOTH, false).accept();
        listener.awaitOpen();
    }

    @Test
    void noAnswerEndsAnAttemptAtItsTimeLimit() {
        server.blackHole(Direction.BOTH, true);
        HoldfastClient client =
                holdfast.builder().connectTimeout(Duration.ofSeconds(3)).build();
        client.connect();
        ConnectionFailure failure = listener.awaitFailure();
        assertEquals(Phase.TCP, failure.phase());
        assertEquals(Duration.ofSeconds(3), time.now());
    }

    @Test
    void closesInBothDirections() throws Exception {
        HoldfastClient client = connected();
        server.close(1001, "restart");
        ConnectionFailure failure = listener.awaitFailure();
        assertEquals(1001, failure.closeCode());
        // The client's answer to it.
        assertEquals(1001, server.awaitClose());
        server.accept();
        listener.awaitOpen();
        client.send("last");
        client.close();
        assertEquals(1000, time.await(client.closed()).code());
        assertEquals("last", server.takeText());
        assertEquals(1000, server.awaitClose());
        listener.awaitClosed();
    }

    @Test
    void aServerThatAnswersAClientsMessages() {
        HoldfastClient client = connected();
        server.onText(text -> server.send("echo " + text));
        client.send("a");
        client.send("b");
        assertEquals("echo a", listener.awaitText());
        assertEquals("echo b", listener.awaitText());
    }

    @Test
    void manyMessagesWaitInTheSocketOfASilentServer() throws Exception {
        HoldfastClient client = connected();
        String large = "x".repeat(1000);
        Delivery last = client.send(large);
        for (int i = 0; i < 1000; i++) last = client.send(large);
        server.blackHole(Direction.CLIENT_TO_SERVER, true);
        ConnectionFailure failure = listener.awaitFailure();
        assertTrue(failure.message().contains("write failed"), failure.message());
        server.blackHole(Direction.CLIENT_TO_SERVER, false).accept();
        assertEquals(Outcome.Kind.WRITTEN, time.await(last.outcome()).kind());
    }

    @Test
    void aResumableClientIsToldThatTheServerIsPlain() {
        holdfast.builder().session(Session.resumable()).build().connect();
        ConnectionFailure failure = listener.awaitFailure();
        assertTrue(failure.message().contains("did not select the subprotocol"), failure.message());
    }

    @Test
    void messagesForNobodyFailTheTest() {
        assertThrows(IllegalStateException.class, () -> server.send("x"));
        assertThrows(IllegalStateException.class, server::restartLosingLog);
        assertThrows(IllegalStateException.class, server::expireSessions);
    }

    @Test
    void attemptsAreAtTheTimesOfTheBackoff() {
        server.unreachable();
        holdfast.builder()
                .backoff(Backoff.exponential(SECOND, Duration.ofSeconds(4)).withoutJitter())
                .build()
                .connect();
        time.advance(Duration.ofSeconds(16));
        assertEquals(
                List.of(0L, 1L, 3L, 7L, 11L, 15L),
                server.attempts().stream().map(Duration::toSeconds).toList());
    }
}
