package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.ServerSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Proxies that repeat requests or lose their responses. */
@Timeout(300)
class ProxiesTest {
    private static final int MANY = 10_000;

    private final ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());
    private final MeddlingProxy proxy = new MeddlingProxy(server.port());
    private final CarrierHarness harness = new CarrierHarness();

    ProxiesTest() throws Exception {
        harness.serve(server);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
        proxy.close();
        server.close();
    }

    private HoldfastClient exchangeAll() throws Exception {
        HoldfastClient client = harness.client(proxy.url(), Carriers.httpOnly());
        ServerSession session = harness.session(client);
        harness.send(client, MANY);
        harness.sendByServer(session, MANY);
        harness.awaitAll();
        return client;
    }

    @Test
    void doubledUploadsAreTakenOnce() throws Exception {
        proxy.doubled = 1;
        HoldfastClient client = exchangeAll();
        assertTrue(proxy.doubledUploads.get() > 10);
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        assertEquals(0, server.stats().duplicates());
    }

    @Test
    void doubledPollsGetTheSameAnswer() throws Exception {
        proxy.holdsBack = true;
        proxy.meddlesWithPolls = true;
        proxy.doubled = 2;
        HoldfastClient client = exchangeByPolls();
        assertTrue(proxy.doubledUploads.get() > 10);
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        assertEquals(0, client.metrics().count(Counter.DUPLICATES_DROPPED));
    }

    @Test
    void lostAnswersToPollsAreAskedForAgain() throws Exception {
        proxy.holdsBack = true;
        proxy.meddlesWithPolls = true;
        proxy.lost = 5;
        HoldfastClient client = exchangeByPolls();
        assertTrue(proxy.lostAnswers.get() > 3);
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        assertEquals(0, client.metrics().count(Counter.DUPLICATES_DROPPED));
    }

    private HoldfastClient exchangeByPolls() throws Exception {
        HoldfastClient client = harness.client(proxy.url(), Carriers.httpOnly());
        harness.awaitOpen(client);
        // The session of the first connection, whose welcome was held back, has no client.
        ServerSession abandoned = harness.session();
        ServerSession session = harness.session(client);
        assertNotEquals(abandoned.sid(), session.sid());
        harness.send(client, MANY);
        harness.sendByServer(session, MANY);
        harness.awaitAll();
        return client;
    }

    @Test
    void lostAnswersAreHarmless() throws Exception {
        proxy.lost = 3;
        HoldfastClient client = exchangeAll();
        assertTrue(proxy.lostAnswers.get() > 3);
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        assertEquals(0, server.stats().duplicates());
    }
}
