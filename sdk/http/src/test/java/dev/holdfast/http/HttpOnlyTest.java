package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.ClientState;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.OutboundQueue;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.Authenticator;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions over plain HTTP against the reference server. */
@Timeout(300)
class HttpOnlyTest {
    private static final int MANY = 10_000;

    private final ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());
    private final CarrierHarness harness = new CarrierHarness();

    HttpOnlyTest() {
        harness.serve(server);
    }

    @AfterEach
    void stop() {
        harness.close();
        server.close();
    }

    @Test
    void manyMessagesBothWays() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.httpOnly());
        ServerSession session = harness.session(client);
        harness.sendByServer(session, MANY);
        harness.send(client, MANY);
        harness.awaitAll();
        assertTrue(client.opened().get(60, TimeUnit.SECONDS).isOverHttp());
        assertEquals(1, client.metrics().count(Counter.CONNECTIONS_OVER_HTTP));
        assertEquals(0, client.metrics().count(Counter.MESSAGES_RESENT));
    }

    @Test
    void closesInOrder() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.httpOnly());
        harness.send(client, 10);
        client.close();
        assertEquals(1000, client.closed().get(60, TimeUnit.SECONDS).code());
        harness.awaitAll();
        assertEquals(ClientState.CLOSED, client.state());
        harness.await("end on the server", () -> server.stats().openConnections() == 0);
        assertEquals(0, server.stats().sessions());
    }

    @Test
    void aPingIsAnsweredThroughTheStream() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.httpOnly());
        harness.awaitOpen(client);
        assertTrue(client.ping().get(60, TimeUnit.SECONDS).toNanos() > 0);
    }

    @Test
    void everyKindOfMessage() throws Exception {
        List<String> got = new CopyOnWriteArrayList<>();
        server.onMessage((session, seq, payload) -> {
            got.add(
                    payload instanceof Payload.Json json
                            ? json.value().toString()
                            : ByteString.of(((Payload.Binary) payload).bytes()).hex());
            return HandlerResult.accepted();
        });
        List<String> told = new CopyOnWriteArrayList<>();
        HoldfastClient client = harness.connected(harness.builder(server.url(), Carriers.httpOnly())
                .onMessage((from, message) ->
                        told.add(message.isBinary() ? message.bytes().hex() : message.text()))
                .listener(new HoldfastListener() {})
                .build());
        String large = "é\n\"" + "x".repeat(3_000_000);
        for (Delivery delivery : List.of(
                client.send("text \"é\" \n"),
                client.send(ByteString.decodeHex("00ff")),
                client.send(ByteString.EMPTY),
                client.send(large))) {
            assertTrue(delivery.outcome().get(30, TimeUnit.SECONDS).isSuccess());
        }
        String unusedText = harness.session(client).send(TextNode.valueOf("line\r\nline é"));
        assertEquals(List.of(quoted("text \"é\" \n"), "00ff", "", quoted(large)), got);
        harness.await("message", () -> told.size() == 1);
        assertEquals(List.of("line\r\nline é"), told);
    }

    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    @Test
    void batchingHasNoEffect() throws Exception {
        HoldfastClient client = harness.connected(harness.builder(server.url(), Carriers.httpOnly())
                .queue(OutboundQueue.ofBytes(1 << 20).withBatching(Duration.ofMillis(5)))
                .build());
        harness.send(client, 1000);
        harness.awaitAll();
    }

    @Test
    void aCredentialThatIsRefusedIsReplaced() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ReferenceServer strict = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withAuth(
                        credential -> credential != null && credential.asText().equals("good")
                                ? new Authenticator.User("ada", null)
                                : new Authenticator.Unauthenticated("bad", "no such token")))) {
            harness.serve(strict);
            HoldfastClient client = harness.connected(harness.builder(strict.url(), Carriers.httpOnly())
                    .credentialProvider(reason -> CompletableFuture.completedFuture(
                            Credential.bearer(asked.incrementAndGet() == 1 ? "bad" : "good")))
                    .build());
            harness.send(client, 10);
            harness.awaitAll();
            assertEquals(2, asked.get());
            assertTrue(
                    harness.events.stream()
                            .anyMatch(event -> event.startsWith("UPGRADE: greeting over HTTP refused with HTTP 401")),
                    harness.events.toString());
            client.cancel();
        }
    }

    @Test
    void aServerWithoutHttpIsNamed() throws Exception {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        web.start();
        try {
            var unused = harness.client("ws://127.0.0.1:" + web.getAddress().getPort() + "/", Carriers.httpOnly());
            harness.await("failure", () -> !harness.events.isEmpty());
            assertTrue(
                    harness.events.get(0).startsWith("UPGRADE: the server does not carry resume.v1.json over HTTP"),
                    harness.events.toString());
        } finally {
            web.stop(0);
        }
    }

    @Test
    void aServerThatIsDownIsToldByItsPhase() throws Exception {
        server.close();
        var unused = harness.client(server.url(), Carriers.httpOnly());
        harness.await("failure", () -> !harness.events.isEmpty());
        assertTrue(
                harness.events.get(0).startsWith("TCP: connection refused or unreachable"), harness.events.toString());
    }

    @Test
    void lostConnectionsAreResumed() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.httpOnly());
        ServerSession session = harness.session(client);
        for (int i = 0; i < 10; i++) {
            harness.send(client, 300);
            harness.sendByServer(session, 300);
            server.dropConnections();
        }
        harness.awaitAll();
        assertTrue(client.metrics().count(Counter.SESSIONS_RESUMED) > 0);
    }

    @Test
    void aDrainedServerIsLeftByHandover() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.httpOnly());
        ServerSession session = harness.session(client);
        server.drain(Duration.ofMillis(200));
        harness.send(client, 1000);
        harness.sendByServer(session, 1000);
        harness.awaitAll();
        harness.await("handover", () -> client.metrics().count(Counter.HANDOVERS) == 1);
    }
}
