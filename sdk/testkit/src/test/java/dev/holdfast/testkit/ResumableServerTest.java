package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.CredentialProvider;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Opening;
import dev.holdfast.Outcome;
import dev.holdfast.SessionLoss;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Request;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A client with a resumable session against a server in memory. */
class ResumableServerTest {
    @RegisterExtension
    final HoldfastExtension holdfast = HoldfastExtension.resumable();

    private final TestServer server = holdfast.server();
    private final RecordingListener listener = holdfast.listener();
    private final VirtualTime time = holdfast.time();

    private HoldfastClient connected() {
        return connected(holdfast.builder());
    }

    private HoldfastClient connected(HoldfastClientBuilder builder) {
        HoldfastClient client = builder.build();
        client.connect();
        server.accept();
        assertFalse(listener.awaitOpen().isResumed());
        return client;
    }

    @Test
    void messagesOfAllKindsGoBothWays() throws Exception {
        HoldfastClient client = connected();
        Delivery text = client.send("hello \u00e9 \"");
        client.send(ByteString.of((byte) 1));
        client.send(Map.of("amount", new java.math.BigDecimal("2.50")));
        assertEquals("hello \u00e9 \"", server.takeText());
        assertEquals(ByteString.of((byte) 1), server.takeBytes());
        assertEquals("{\"amount\":2.50}", server.takeText());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(text.outcome()).kind());
        server.send("wel\"come").send(ByteString.of((byte) 2)).sendJson("{\"a\":1.50}");
        assertEquals("wel\"come", listener.awaitText());
        assertEquals(ByteString.of((byte) 2), listener.awaitMessage().bytes());
        assertEquals("{\"a\":1.50}", listener.awaitText());
    }

    @Test
    void aSessionGoesOnBehindACut() throws Exception {
        HoldfastClient client = connected();
        server.cut().send("while it was away");
        Delivery delivery = client.send("meanwhile");
        server.accept();
        Opening opening = listener.awaitOpen();
        assertTrue(opening.isResumed());
        assertEquals(1, opening.replayedMessages());
        assertEquals("while it was away", listener.awaitText());
        assertEquals("meanwhile", server.takeText());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(delivery.outcome()).kind());
        listener.assertNoSessionLost();
    }

    @Test
    void aSessionSurvivesARestartButNotTheLossOfTheLog() throws Exception {
        HoldfastClient client = connected();
        server.restart().accept();
        assertTrue(listener.awaitOpen().isResumed());
        server.blackHole(Direction.CLIENT_TO_SERVER, true);
        Delivery delivery = client.send("into the hole");
        time.advance(Duration.ofMillis(100));
        server.restartLosingLog().blackHole(Direction.CLIENT_TO_SERVER, false).accept();
        SessionLoss loss = listener.awaitSessionLost();
        assertEquals("epoch", loss.reason());
        assertEquals(List.of(delivery), loss.unknown());
        assertEquals(Outcome.Kind.UNKNOWN, time.await(delivery.outcome()).kind());
        assertFalse(listener.awaitOpen().isResumed());
        client.send("in the new session");
        assertEquals("in the new session", server.takeText());
        server.assertNothingReceived();
    }

    @Test
    void whatWasDealtWithIsAcknowledgedByTheNextWelcome() throws Exception {
        HoldfastClient client = connected();
        server.holdAcks(true);
        Delivery delivery = client.send("once");
        assertEquals("once", server.takeText());
        time.advance(Duration.ofSeconds(5));
        assertFalse(delivery.outcome().isDone());
        server.cut().accept();
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(delivery.outcome()).kind());
        Delivery second = client.send("twice");
        time.advance(Duration.ofSeconds(5));
        assertFalse(second.outcome().isDone());
        server.holdAcks(false);
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(second.outcome()).kind());
        assertEquals("twice", server.takeText());
        server.assertNothingReceived();
    }

    @Test
    void aSessionExpires() {
        connected();
        server.expireSessions().cut().accept();
        assertEquals("expired", listener.awaitSessionLost().reason());
    }

    @Test
    void aMessageIsRejected() throws Exception {
        HoldfastClient client = connected();
        server.rejectNext("bad-order", "cups must be positive");
        Delivery bad = client.send("-1 cups");
        Delivery good = client.send("1 cup");
        Outcome outcome = time.await(bad.outcome());
        assertEquals(Outcome.Kind.REJECTED, outcome.kind());
        assertEquals("bad-order", outcome.code());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, time.await(good.outcome()).kind());
        assertEquals("1 cup", server.takeText());
        server.assertNothingReceived();
    }

    @Test
    void aDrainingServerIsLeftWithoutAFailure() {
        connected();
        server.askToReconnect(Duration.ofSeconds(10));
        assertTrue(listener.awaitOpen().isResumed());
        time.advance(Duration.ofSeconds(10));
        listener.assertNoFailure();
        server.send("on the new connection");
        assertEquals("on the new connection", listener.awaitText());
        assertEquals(2, server.attempts().size());
    }

    @Test
    void aServerThatBreaksTheProtocolIsAFailure() {
        connected();
        server.sendRaw("{\"t\":\"unheard-of\"}");
        ConnectionFailure failure = listener.awaitFailure();
        assertTrue(failure.message().contains("unheard-of"), failure.message());
        // The client's verdict on the server.
        assertEquals(4400, server.awaitClose());
    }

    @Test
    void anEndpointProviderIsAskedForEachConnection() {
        AtomicInteger asked = new AtomicInteger();
        connected(holdfast.builder()
                .endpointProvider(reason -> CompletableFuture.completedFuture(new Request.Builder()
                        .url("ws://elsewhere.example/?ticket=" + asked.incrementAndGet())
                        .build())));
        assertEquals("ticket=1", server.request().url().query());
        server.cut().accept();
        assertTrue(listener.awaitOpen().isResumed());
        assertEquals("ticket=2", server.request().url().query());
    }

    @Test
    void credentialsAreSentAndRenewed() {
        CredentialProvider provider = reason -> CompletableFuture.completedFuture(Credential.bearer("token"));
        connected(holdfast.builder().credentialProvider(provider));
        assertEquals("Bearer token", server.request().header("Authorization"));
    }

    @Test
    void twoClientsHaveASessionEach() throws Exception {
        HoldfastClient first = connected();
        RecordingListener others = new RecordingListener(time);
        HoldfastClient second = server.builder().listener(others).build();
        second.connect();
        others.awaitOpen();
        server.send("to all");
        assertEquals("to all", listener.awaitText());
        assertEquals("to all", others.awaitText());
        first.send("from the first");
        assertEquals("from the first", server.takeText());
        second.send("from the second");
        assertEquals("from the second", server.takeText());
        first.close();
        second.close();
        time.await(first.closed());
        time.await(second.closed());
        assertEquals(ClientState.CLOSED, first.state());
    }

    @Test
    void aSnapshotIsRestored() throws Exception {
        HoldfastClient client = connected();
        client.disconnect();
        listener.awaitState(ClientState.IDLE);
        client.send("of the first process");
        server.send("while there is none");
        var snapshot = time.await(client.snapshot()).orElseThrow();
        RecordingListener next = new RecordingListener(time);
        HoldfastClient restored =
                server.builder().restore(snapshot).listener(next).build();
        restored.connect();
        server.accept();
        assertTrue(next.awaitOpen().isResumed());
        assertEquals("while there is none", next.awaitText());
        assertEquals("of the first process", server.takeText());
    }
}
