package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Carrier;
import dev.holdfast.ClientState;
import dev.holdfast.Credential;
import dev.holdfast.HoldfastClient;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.http.MeddlingProxy.Upgrades;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.Authenticator;
import dev.holdfast.server.ServerSession;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a client takes HTTP, and when it goes back. */
@Timeout(300)
class FallbackTest {
    private static final int PART = 3_400;

    private final ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());
    private final MeddlingProxy proxy = new MeddlingProxy(server.port());
    private final CarrierHarness harness = new CarrierHarness();

    FallbackTest() throws Exception {
        harness.serve(server);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
        proxy.close();
        server.close();
    }

    private static Carrier tryingAfter(Duration interval) {
        return Carrier.of(webSockets -> new FallbackTransport(webSockets, interval.toNanos()));
    }

    private static boolean isOverHttp(HoldfastClient client) throws Exception {
        return client.opened().get(30, TimeUnit.SECONDS).isOverHttp();
    }

    @Test
    void nothingIsLostWhileWebSocketsAreAllowedBlockedAndAllowedAgain() throws Exception {
        HoldfastClient client = harness.client(proxy.url(), tryingAfter(Duration.ofMillis(300)));
        ServerSession session = harness.session(client);
        assertFalse(isOverHttp(client));
        for (Upgrades now : new Upgrades[] {Upgrades.PASS, Upgrades.FORBIDDEN, Upgrades.PASS}) {
            proxy.upgrades = now;
            harness.send(client, PART / 2);
            harness.sendByServer(session, PART / 2);
            // The last time the session moves by itself.
            if (!isOverHttp(client)) proxy.cut();
            harness.send(client, PART / 2);
            harness.sendByServer(session, PART / 2);
            harness.awaitAll();
            harness.await("carrier for " + now, () -> {
                try {
                    return isOverHttp(client) == (now != Upgrades.PASS);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
        }
        assertTrue(client.metrics().count(Counter.CONNECTIONS_OVER_HTTP) > 0);
        assertTrue(client.metrics().count(Counter.HANDOVERS) > 0, harness.events.toString());
    }

    @ParameterizedTest
    @EnumSource(value = Upgrades.class, names = "PASS", mode = EnumSource.Mode.EXCLUDE)
    void anUpgradeThatIsAnsweredWronglyLeadsToHttp(Upgrades upgrades) throws Exception {
        proxy.upgrades = upgrades;
        HoldfastClient client = harness.client(proxy.url(), Carriers.webSocketThenHttp());
        harness.send(client, 100);
        harness.awaitAll();
        assertTrue(isOverHttp(client));
        assertTrue(proxy.refusedUpgrades.get() > 0);
        if (upgrades != Upgrades.CUT) {
            assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        }
    }

    @Test
    void aRefusalThatNothingConfirmsDoesNotStopTheClient() throws Exception {
        proxy.upgrades = Upgrades.FORBIDDEN;
        proxy.drops = true;
        HoldfastClient client = harness.client(proxy.url(), Carriers.webSocketThenHttp());
        harness.await("attempts", () -> client.metrics().count(Counter.FAILURES) > 2);
        assertTrue(
                harness.events.stream().allMatch(event -> event.startsWith("UPGRADE: HTTP request failed: ")),
                harness.events.toString());
        proxy.drops = false;
        harness.send(client, 10);
        harness.awaitAll();
        assertTrue(isOverHttp(client));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 403})
    void httpThatCarriesOnlyTheGreetingKeepsNobodyFromWebSockets(int status) throws Exception {
        proxy.upgrades = Upgrades.FORBIDDEN;
        OkHttpClient blocked = new OkHttpClient.Builder()
                .addInterceptor(chain -> {
                    if (chain.request().header("Holdfast-Attempt") == null) return chain.proceed(chain.request());
                    if (status == 0) throw new IOException("blocked");
                    return new Response.Builder()
                            .request(chain.request())
                            .protocol(Protocol.HTTP_1_1)
                            .code(status)
                            .message("no")
                            .build();
                })
                .build();
        HoldfastClient client = harness.connected(harness.builder(proxy.url(), tryingAfter(Duration.ofHours(1)))
                .okHttpClient(blocked)
                .build());
        harness.await("failures", () -> client.metrics().count(Counter.FAILURES) > 2);
        proxy.upgrades = Upgrades.PASS;
        harness.send(client, 10);
        harness.awaitAll();
        assertFalse(isOverHttp(client));
    }

    @Test
    void whatWasLearnedIsRemembered() throws Exception {
        proxy.upgrades = Upgrades.FORBIDDEN;
        HoldfastClient client = harness.client(proxy.url(), Carriers.webSocketThenHttp());
        harness.send(client, 10);
        harness.awaitAll();
        proxy.cut();
        harness.send(client, 10);
        harness.awaitAll();
        assertEquals(1, proxy.refusedUpgrades.get());
    }

    @Test
    void anotherNetworkIsTriedAtOnce() throws Exception {
        ManualNetworkMonitor network = new ManualNetworkMonitor();
        proxy.upgrades = Upgrades.FORBIDDEN;
        HoldfastClient client = harness.connected(harness.builder(proxy.url(), Carriers.webSocketThenHttp())
                .networkMonitor(network)
                .build());
        harness.send(client, 10);
        harness.awaitAll();
        assertTrue(isOverHttp(client));
        proxy.upgrades = Upgrades.PASS;
        network.changed();
        harness.await("handover", () -> client.metrics().count(Counter.HANDOVERS) == 1);
        harness.send(client, 10);
        harness.awaitAll();
        assertFalse(isOverHttp(client));
        assertEquals(0, client.metrics().count(Counter.FAILURES));
    }

    @Test
    void nothingIsLostUnderEverythingAtOnce() throws Exception {
        Random random = new Random(7);
        proxy.doubled = 3;
        proxy.lost = 7;
        HoldfastClient client = harness.client(proxy.url(), tryingAfter(Duration.ofMillis(50)));
        ServerSession session = harness.session(client);
        Upgrades[] all = Upgrades.values();
        for (int round = 0; round < 40; round++) {
            proxy.upgrades = all[random.nextInt(all.length)];
            harness.send(client, 250);
            harness.sendByServer(session, 250);
            if (random.nextInt(3) > 0) proxy.cut();
            TimeUnit.MILLISECONDS.sleep(random.nextInt(100));
        }
        // A client that was slow may not have opened any over HTTP yet.
        proxy.upgrades = Upgrades.FORBIDDEN;
        harness.await("connection over HTTP", () -> {
            if (client.metrics().count(Counter.CONNECTIONS_OVER_HTTP) > 0) return true;
            if (client.state() == ClientState.OPEN) proxy.cut();
            return false;
        });
        proxy.upgrades = Upgrades.PASS;
        harness.awaitAll();
        assertTrue(client.metrics().count(Counter.SESSIONS_RESUMED) > 0);
    }

    @Test
    void aCredentialThatTheServerRefusesIsNoReason() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ReferenceServer strict = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withAuth(
                        credential -> credential != null && credential.asText().equals("good")
                                ? new Authenticator.User("ada", null)
                                : new Authenticator.Unauthenticated("bad", "no such token")))) {
            harness.serve(strict);
            HoldfastClient client = harness.connected(harness.builder(strict.url(), Carriers.webSocketThenHttp())
                    .credentialProvider(reason -> CompletableFuture.completedFuture(
                            Credential.bearer(asked.incrementAndGet() == 1 ? "bad" : "good")))
                    .build());
            harness.send(client, 10);
            harness.awaitAll();
            assertFalse(isOverHttp(client));
            assertTrue(
                    harness.events.stream()
                            .anyMatch(event -> event.startsWith("UPGRADE: upgrade refused with HTTP 401")),
                    harness.events.toString());
            client.cancel();
        }
    }

    @Test
    void aServerThatIsDownIsNotAskedOverHttp() throws Exception {
        HoldfastClient client = harness.client(server.url(), Carriers.webSocketThenHttp());
        harness.awaitOpen(client);
        int port = server.port();
        server.close();
        harness.await("attempts", () -> client.metrics().count(Counter.FAILURES) > 5);
        assertEquals(0, client.metrics().count(Counter.CONNECTIONS_OVER_HTTP));
        try (ReferenceServer again =
                ReferenceServer.start(ReferenceServer.Options.defaults().withPort(port))) {
            harness.await(
                    "open",
                    () -> client.state() == ClientState.OPEN && again.stats().openConnections() > 0);
            assertFalse(isOverHttp(client));
            client.cancel();
        }
    }
}
