package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real nginx that forwards no upgrade, before one server and before two that share a Redis. */
@Timeout(300)
class NginxTest {
    private static final int MANY = 10_000;
    private static final int SOME = 2_000;

    private final CarrierHarness harness = new CarrierHarness();

    @BeforeAll
    static void programs() {
        Needed.program(Nginx.PROGRAM);
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    private HoldfastClient exchange(String url, int count) throws Exception {
        HoldfastClient client = harness.client(url, Carriers.webSocketThenHttp());
        ServerSession session = harness.session(client);
        harness.sendByServer(session, count);
        harness.send(client, count);
        harness.awaitAll();
        assertTrue(client.opened().get(60, TimeUnit.SECONDS).isOverHttp());
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        return client;
    }

    private ReferenceServer server(ReferenceServer.Options options) {
        ReferenceServer server = ReferenceServer.start(options);
        harness.serve(server);
        return server;
    }

    @Test
    void upgradesAreNotForwarded() throws Exception {
        try (ReferenceServer server = server(ReferenceServer.Options.defaults());
                Nginx nginx = Nginx.withoutUpgrades(server.port(), server.port())) {
            HoldfastClient client = exchange(nginx.url(), MANY);
            client.close();
            assertEquals(1000, client.closed().get(60, TimeUnit.SECONDS).code());
        }
    }

    @Test
    void http2CarriesBothDirectionsOnOneConnection() throws Exception {
        List<Protocol> spoken = new CopyOnWriteArrayList<>();
        OkHttpClient okHttp = new OkHttpClient.Builder()
                .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                .addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    spoken.add(response.protocol());
                    return response;
                })
                .build();
        try (ReferenceServer server = server(ReferenceServer.Options.defaults());
                Nginx nginx = Nginx.http2(server.port(), server.port())) {
            HoldfastClient client = harness.connected(harness.builder(nginx.url(), Carriers.httpOnly())
                    .okHttpClient(okHttp)
                    .build());
            ServerSession session = harness.session(client);
            harness.sendByServer(session, MANY);
            harness.send(client, MANY);
            harness.awaitAll();
            assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
            assertEquals(1, okHttp.connectionPool().connectionCount());
            assertEquals(Set.of(Protocol.H2_PRIOR_KNOWLEDGE), Set.copyOf(spoken));
        }
    }

    @Test
    void streamsAreHeldBack() throws Exception {
        try (ReferenceServer server = server(ReferenceServer.Options.defaults());
                Nginx nginx = Nginx.buffering(server.port(), server.port())) {
            HoldfastClient client = harness.client(nginx.url(), Carriers.webSocketThenHttp());
            harness.awaitOpen(client);
            // The session of the first connection, whose welcome was held back, has no client.
            ServerSession abandoned = harness.session();
            ServerSession session = harness.session(client);
            assertNotEquals(abandoned.sid(), session.sid());
            harness.sendByServer(session, MANY);
            harness.send(client, MANY);
            harness.awaitAll();
            assertTrue(client.ping().get(60, TimeUnit.SECONDS).toNanos() > 0);
            assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
            client.close();
            assertEquals(1000, client.closed().get(60, TimeUnit.SECONDS).code());
        }
    }

    /** nginx sends each request to the other server than the one before. */
    @Test
    void anyServerTakesAnyRequest() throws Exception {
        Needed.program(RedisServer.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                SessionStore first = SessionStore.at(redis.address(0));
                SessionStore second = SessionStore.at(redis.address(0));
                ReferenceServer one = server(ReferenceServer.Options.defaults().withStore(first));
                ReferenceServer other =
                        server(ReferenceServer.Options.defaults().withStore(second));
                Nginx nginx = Nginx.withoutUpgrades(one.port(), other.port())) {
            exchange(nginx.url(), SOME);
            assertEquals(0, one.stats().duplicates() + other.stats().duplicates());
        }
    }

    @Test
    void anyServerTakesAnyPoll() throws Exception {
        Needed.program(RedisServer.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                SessionStore first = SessionStore.at(redis.address(0));
                SessionStore second = SessionStore.at(redis.address(0));
                ReferenceServer one = server(ReferenceServer.Options.defaults().withStore(first));
                ReferenceServer other =
                        server(ReferenceServer.Options.defaults().withStore(second));
                Nginx nginx = Nginx.buffering(one.port(), other.port())) {
            HoldfastClient client = harness.client(nginx.url(), Carriers.httpOnly());
            harness.awaitOpen(client);
            ServerSession abandoned = harness.session();
            ServerSession session = harness.session(client);
            assertNotEquals(abandoned.sid(), session.sid());
            harness.sendByServer(session, SOME);
            harness.send(client, SOME);
            harness.awaitAll();
            assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
        }
    }
}
