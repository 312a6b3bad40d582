package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Carrier;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.http.MeddlingProxy.Upgrades;
import dev.holdfast.sample.node.NodeServer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The client against a server that shares no code with it: the one on Node, which was written from the protocol page. The
 * server echoes each number, so an echo that is missing, doubled or out of order shows a fault in either direction.
 */
@Timeout(300)
class NodeServerTest {
    private static final int MANY = 10_000;
    private static final int ROUNDS = 20;

    private final CarrierHarness harness = new CarrierHarness();
    private NodeServer server;
    private MeddlingProxy proxy;

    @BeforeEach
    void start() throws Exception {
        NodeServer.missing().ifPresent(Needed::isMissing);
        // As many as a test sends: echoes may wait for a slow client.
        server = NodeServer.withLogOf(MANY);
        proxy = new MeddlingProxy(server.port());
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
        if (proxy != null) proxy.close();
        if (server != null) server.close();
    }

    private static boolean isOverHttp(HoldfastClient client) throws Exception {
        return client.opened().get(30, TimeUnit.SECONDS).isOverHttp();
    }

    /** Sends many numbers in parts, and cuts every connection some time after each part. */
    private void exchangeWithCuts(HoldfastClient client) throws Exception {
        harness.awaitOpen(client);
        for (int i = 0; i < ROUNDS; i++) {
            harness.send(client, MANY / ROUNDS);
            long resumed = client.metrics().count(Counter.SESSIONS_RESUMED);
            TimeUnit.MILLISECONDS.sleep(i * 3L);
            proxy.cut();
            harness.await("resumed session", () -> client.metrics().count(Counter.SESSIONS_RESUMED) > resumed);
        }
        harness.awaitEchoes();
    }

    @Test
    void nothingIsLostOverHttp() throws Exception {
        HoldfastClient client = harness.client(proxy.url(), Carriers.httpOnly());
        exchangeWithCuts(client);
        assertTrue(isOverHttp(client));
        client.close();
        assertEquals(1000, client.closed().get(30, TimeUnit.SECONDS).code());
    }

    @Test
    void nothingIsLostByPollsThatAreDoubledAndWhoseAnswersAreLost() throws Exception {
        proxy.holdsBack = true;
        proxy.meddlesWithPolls = true;
        proxy.doubled = 3;
        proxy.lost = 7;
        HoldfastClient client = harness.client(proxy.url(), Carriers.httpOnly());
        harness.awaitOpen(client);
        long failures = client.metrics().count(Counter.FAILURES);
        harness.send(client, MANY / 2);
        harness.awaitEchoes();
        // On a slow machine few polls brought all of them.
        while (proxy.lostAnswers.get() <= 3) {
            harness.send(client, 10);
            harness.awaitEchoes();
        }
        assertEquals(failures, client.metrics().count(Counter.FAILURES), harness.events.toString());
    }

    @Test
    void aSessionMovesBetweenTheCarriers() throws Exception {
        Carrier carrier = Carrier.of(webSockets ->
                new FallbackTransport(webSockets, Duration.ofMillis(300).toNanos()));
        HoldfastClient client = harness.client(proxy.url(), carrier);
        assertFalse(isOverHttp(client));
        for (Upgrades now : new Upgrades[] {Upgrades.PASS, Upgrades.FORBIDDEN, Upgrades.PASS}) {
            proxy.upgrades = now;
            harness.send(client, MANY / 4);
            // The last time the session moves by itself.
            if (!isOverHttp(client)) proxy.cut();
            harness.send(client, MANY / 4);
            harness.await("carrier for " + now, () -> {
                try {
                    return isOverHttp(client) == (now != Upgrades.PASS);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            harness.awaitEchoes();
        }
        assertTrue(client.metrics().count(Counter.HANDOVERS) > 0, harness.events.toString());
    }

    @Test
    void aBlockedWebSocketLeadsToHttp() throws Exception {
        proxy.upgrades = Upgrades.STRIPPED;
        HoldfastClient client = harness.client(proxy.url(), Carriers.webSocketThenHttp());
        exchangeWithCuts(client);
        assertTrue(isOverHttp(client));
    }
}
