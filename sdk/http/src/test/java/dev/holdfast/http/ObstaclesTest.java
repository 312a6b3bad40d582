package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Carrier;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Metrics.Counter;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.sample.node.ProxyProcess;
import dev.holdfast.sample.node.ProxyProcess.Program;
import dev.holdfast.sample.server.Front;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.ServerSession;
import dev.holdfast.testkit.FaultProxy;
import dev.holdfast.testkit.Middlebox;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Obstacles of real networks: numbered messages go both ways, all arrive once and in order, and the client reports what it met.
 * {@link NginxTest} has nginx that strips upgrades or buffers, {@link FallbackTest} what becomes of upgrades.
 */
@Timeout(300)
class ObstaclesTest {
    private static final int MANY = 5_000;
    private static final int CUTS = 5;

    private final CarrierHarness harness = new CarrierHarness();
    private ReferenceServer server = ReferenceServer.start(ReferenceServer.Options.defaults());

    ObstaclesTest() {
        harness.serve(server);
    }

    @AfterEach
    void stop() {
        harness.close();
        server.close();
    }

    private static Carrier carrier(boolean httpOnly) {
        return httpOnly ? Carriers.httpOnly() : Carriers.webSocketThenHttp();
    }

    private static boolean isOverHttp(HoldfastClient client) throws Exception {
        return client.opened().get(30, TimeUnit.SECONDS).isOverHttp();
    }

    private void exchange(HoldfastClient client, int count) throws Exception {
        ServerSession session = harness.session(client);
        harness.send(client, count);
        harness.sendByServer(session, count);
        harness.awaitAll();
    }

    private static void assertNoFailure(HoldfastClient client, CarrierHarness harness) {
        assertEquals(0, client.metrics().count(Counter.FAILURES), harness.events.toString());
    }

    // ---- Squid ----

    private static ProxyProcess squid() {
        Needed.program(Program.SQUID.program());
        return ProxyProcess.start(Program.SQUID, port -> "http_port 127.0.0.1:" + port + "\nhttp_access allow all");
    }

    private static OkHttpClient.Builder through(ProxyProcess squid) {
        return new OkHttpClient.Builder()
                .proxy(new Proxy(
                        Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), squid.port())));
    }

    /** Squid forwards no upgrade of a request without TLS. */
    @Test
    void squidWithoutTlsLeadsToHttp() throws Exception {
        try (ProxyProcess squid = squid()) {
            String url = "ws://" + ProxyProcess.HOST_OF_SQUID + ":" + server.port() + "/live";
            HoldfastClient client = harness.connected(harness.builder(url, Carriers.webSocketThenHttp())
                    .okHttpClient(through(squid).build())
                    .build());
            exchange(client, MANY);
            assertTrue(isOverHttp(client));
            assertNoFailure(client, harness);
        }
    }

    /** With TLS Squid sees a CONNECT, and both carriers pass. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void squidByConnect(boolean httpOnly) throws Exception {
        HeldCertificate own = new HeldCertificate.Builder()
                .addSubjectAlternativeName(ProxyProcess.HOST_OF_SQUID)
                .build();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("server", own.keyPair().getPrivate(), new char[0], new Certificate[] {own.certificate()});
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(own.certificate())
                .build();
        server.close();
        server = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withFront(new Front("127.0.0.1", keys, line -> {}, Duration.ofSeconds(5))));
        harness.serve(server);
        try (ProxyProcess squid = squid()) {
            String url = "wss://" + ProxyProcess.HOST_OF_SQUID + ":" + server.port() + "/live";
            HoldfastClient client = harness.connected(harness.builder(url, carrier(httpOnly))
                    .okHttpClient(through(squid)
                            .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                            .build())
                    .build());
            exchange(client, MANY);
            assertEquals(httpOnly, isOverHttp(client));
            assertNoFailure(client, harness);
        }
    }

    // ---- proxies that read HTTP ----

    @ParameterizedTest
    @EnumSource(value = Middlebox.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aProxyThatAnswersUpgradesItself(Middlebox middlebox) throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port())) {
            proxy.middlebox(middlebox);
            HoldfastClient client = harness.client(url(proxy), Carriers.webSocketThenHttp());
            ServerSession session = harness.session(client);
            harness.send(client, MANY);
            harness.sendByServer(session, MANY);
            harness.awaitAll();
            assertTrue(isOverHttp(client));
            assertNoFailure(client, harness);
        }
    }

    private static String url(FaultProxy proxy) {
        return "ws://127.0.0.1:" + proxy.port() + "/live";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProxyThatCutsEveryConnectionAfterASecond(boolean httpOnly) throws Exception {
        try (FaultProxy proxy = FaultProxy.start(server.port())) {
            HoldfastClient client = harness.client(url(proxy), carrier(httpOnly));
            ServerSession session = harness.session(client);
            for (int cuts = 1; cuts <= CUTS; cuts++) {
                for (int tenth = 0; tenth < 10; tenth++) {
                    harness.send(client, 50);
                    harness.sendByServer(session, 50);
                    TimeUnit.MILLISECONDS.sleep(100);
                }
                proxy.cut();
                int cut = cuts;
                harness.await("failure", () -> client.metrics().count(Counter.FAILURES) == cut);
                harness.await("session", () -> client.metrics().count(Counter.SESSIONS_RESUMED) == cut);
                harness.awaitOpen(client);
            }
            harness.awaitAll();
            assertEquals(httpOnly, isOverHttp(client));
            String reported = httpOnly ? "SESSION: the stream of events broke off: " : "SESSION: ";
            assertEquals(
                    CUTS,
                    harness.events.stream()
                            .filter(event -> event.startsWith(reported))
                            .count(),
                    harness.events.toString());
        }
    }

    // ---- requests without a length ----

    @Test
    void aProxyThatTakesNoChunkedRequest() throws Exception {
        Needed.program(Program.NGINX.program());
        try (ProxyProcess nginx = ProxyProcess.start(Program.NGINX, port -> """
                server {
                    listen 127.0.0.1:%d;

                    location / {
                        if ($http_transfer_encoding) {
                            return 411;
                        }
                        proxy_pass http://127.0.0.1:%d;
                        proxy_http_version 1.1;
                        proxy_buffering off;
                    }
                }
                """.formatted(port, server.port()))) {
            assertEquals(411, chunked(nginx.port()));
            HoldfastClient client = harness.client(nginx.url(), Carriers.webSocketThenHttp());
            exchange(client, MANY);
            assertTrue(isOverHttp(client));
            assertNoFailure(client, harness);
        }
    }

    /** Returns the status of a request whose body has no length. */
    private static int chunked(int port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/live"))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[] {'[', ']'})))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    // ---- requests that are too long ----

    private ProxyProcess nginxWithLimit(String limit) {
        Needed.program(Program.NGINX.program());
        return ProxyProcess.start(Program.NGINX, port -> """
                server {
                    listen 127.0.0.1:%d;

                    location / {
                        proxy_pass http://127.0.0.1:%d;
                        proxy_http_version 1.1;
                        proxy_buffering off;
                        client_max_body_size %s;
                    }
                }
                """.formatted(port, server.port(), limit));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProxyThatTakesNoLongRequestNamesTheMessage(boolean httpOnly) throws Exception {
        try (ProxyProcess nginx = nginxWithLimit("300k")) {
            HoldfastClient client = harness.client(nginx.url(), carrier(httpOnly));
            exchange(client, MANY);
            Delivery large = client.send("x".repeat(400_000));
            harness.send(client, 100);
            harness.await("failure", () -> !harness.failures.isEmpty());
            ConnectionFailure failure = harness.failures.get(0);
            assertEquals(1009, failure.closeCode());
            assertEquals(ConnectionFailure.Phase.SESSION, failure.phase());
            assertTrue(failure.message().contains("HTTP 413"), failure.message());
            assertFalse(failure.willRetry());
            assertSame(large, failure.suspect());
            harness.await("stop", () -> client.state() == ClientState.IDLE);
            assertNull(large.outcomeNow());
            // What is behind it goes on without it.
            assertTrue(large.giveUp());
            client.connect();
            harness.awaitAll();
            assertEquals(
                    Outcome.Reason.TOO_LARGE,
                    large.outcome().get(30, TimeUnit.SECONDS).reason());
            assertEquals(1, harness.failures.size(), harness.failures.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"20k, 50000, false", "1k, 2000, true"})
    void aProxyThatTakesOnlyShortRequestsGetsFewerMessagesInEach(String limit, int count, boolean batches)
            throws Exception {
        OutboundQueue queue = OutboundQueue.ofBytes(64 * 1024 * 1024);
        try (ProxyProcess nginx = nginxWithLimit(limit)) {
            HoldfastClient client = harness.connected(harness.builder(nginx.url(), Carriers.httpOnly())
                    .queue(batches ? queue.withBatching(Duration.ofMillis(5)) : queue)
                    .build());
            ServerSession session = harness.session(client);
            harness.send(client, count);
            harness.sendByServer(session, MANY);
            harness.awaitAll();
            assertFalse(harness.failures.isEmpty());
            for (ConnectionFailure failure : harness.failures) {
                assertEquals(ConnectionFailure.Phase.SESSION, failure.phase(), failure::toString);
                assertTrue(failure.message().contains("HTTP 413; the next ones are smaller"), failure::toString);
                assertTrue(failure.willRetry(), failure::toString);
            }
        }
    }

    // ---- a captive portal ----

    /** Everything is redirected to a page until somebody has signed in. */
    @ParameterizedTest
    @CsvSource({
        "false, http://localhost:%d/login, upgrade redirected with HTTP 302 from",
        "false, /login, upgrade refused with HTTP 200;",
        "true, /login, greeting over HTTP refused with HTTP 302;"
    })
    void aCaptivePortal(boolean httpOnly, String location, String reported) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer portal = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String login = location.formatted(portal.getAddress().getPort());
        portal.createContext("/", exchange -> {
            asked.incrementAndGet();
            boolean isLogin = exchange.getRequestURI().getPath().equals("/login");
            if (!isLogin) exchange.getResponseHeaders().set("Location", login);
            byte[] page = "<html>Sign in</html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(isLogin ? 200 : 302, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        portal.start();
        try (FaultProxy network = FaultProxy.start(portal.getAddress().getPort())) {
            HoldfastClient client = harness.client(url(network), carrier(httpOnly));
            harness.send(client, 100);
            harness.await("attempts", () -> client.metrics().count(Counter.FAILURES) > 3);
            assertTrue(asked.get() > 3);
            assertEquals(0, client.metrics().count(Counter.CONNECTIONS_OVER_HTTP));
            assertTrue(
                    harness.events.stream().allMatch(event -> event.startsWith("UPGRADE: " + reported)),
                    harness.events.toString());
            network.retarget(server.port());
            network.cut();
            exchange(client, 100);
            assertEquals(httpOnly, isOverHttp(client));
            assertEquals(ClientState.OPEN, client.state());
        } finally {
            portal.stop(0);
        }
    }
}
