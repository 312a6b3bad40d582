package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.SocketFactory;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Cache;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The settings of the application's own OkHttpClient apply, and the client stays the application's. */
@Timeout(30)
class OkHttpClientUseTest {
    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();

    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket webSocket, String text) {
            webSocket.send(text);
        }

        @Override
        public void onMessage(WebSocket webSocket, ByteString bytes) {
            webSocket.send(bytes);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, reason);
        }
    }

    @Test
    void interceptorsEventListenerAndDnsAreUsed() throws Exception {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        OkHttpClient client = rig.client
                .newBuilder()
                .dns(host -> {
                    seen.add("dns " + host);
                    return List.of(InetAddress.getLoopbackAddress());
                })
                .addInterceptor(chain -> {
                    seen.add("interceptor");
                    return chain.proceed(chain.request()
                            .newBuilder()
                            .header("X-Token", "abc")
                            .build());
                })
                .addNetworkInterceptor(chain -> {
                    seen.add("network interceptor " + chain.request().header("Sec-WebSocket-Version"));
                    Response response = chain.proceed(chain.request());
                    seen.add("answer " + response.code());
                    return response;
                })
                .build();
        rig.open(client, "ws://chat.example:" + rig.server.port() + "/", null, recorder);
        Peer peer = rig.server.acceptUpgrade();
        assertEquals(List.of("abc"), peer.header("X-Token"));
        end(recorder.takeOpened(), peer);
        assertEquals(List.of("interceptor", "dns chat.example", "network interceptor 13", "answer 101"), seen);
        assertEquals(1, rig.calls.count("callStart"));
        assertEquals(1, rig.calls.count("dnsStart"));
        assertEquals(1, rig.calls.count("connectStart"));
    }

    @Test
    void itIsNotShutDown() throws Exception {
        rig.open(recorder);
        Peer peer = rig.server.acceptUpgrade();
        end(recorder.takeOpened(), peer);

        ConnectionRecorder other = rig.newRecorder();
        rig.open(other);
        rig.server.acceptUpgrade();
        other.takeOpened().cancel();
        other.takeFailed();

        assertFalse(rig.client.dispatcher().executorService().isShutdown());
        assertAnswers(rig.client, "http://127.0.0.1:" + rig.server.port() + "/");
    }

    private void assertAnswers(OkHttpClient client, String url) throws Exception {
        Thread server = new Thread(() -> {
            try {
                Peer peer = rig.server.accept();
                peer.readRequest();
                peer.answer("HTTP/1.1 204 No Content");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        server.start();
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            assertEquals(204, response.code());
        }
        server.join();
    }

    @Test
    void aConnectionHoldsNoSlotOfTheDispatcher() throws Exception {
        rig.client.dispatcher().setMaxRequests(1);
        rig.client.dispatcher().setMaxRequestsPerHost(1);
        ConnectionRecorder other = rig.newRecorder();
        rig.open(recorder);
        Peer first = rig.server.acceptUpgrade();
        Connection firstConnection = recorder.takeOpened();
        rig.open(other);
        Peer second = rig.server.acceptUpgrade();
        Connection secondConnection = other.takeOpened();
        assertEquals(0, rig.client.dispatcher().runningCallsCount());
        end(firstConnection, first);
        secondConnection.cancel();
        other.takeFailed();
        second.takeEnd();
    }

    @Test
    void socketsAreTheApplicationsAndDoNotWaitForMore() throws Exception {
        List<Socket> created = Collections.synchronizedList(new ArrayList<>());
        SocketFactory factory = new SocketFactories.Plain(created::add);
        OkHttpClient client = rig.client.newBuilder().socketFactory(factory).build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.acceptUpgrade();
        Connection connection = recorder.takeOpened();
        assertEquals(1, created.size());
        assertTrue(created.get(0).getTcpNoDelay());
        end(connection, peer);
    }

    @Test
    void everyWayToMakeASocketTurnsDelayOff() throws Exception {
        List<Socket> created = Collections.synchronizedList(new ArrayList<>());
        SocketFactory factory = new SocketFactories.Plain(created::add);
        NoDelaySocketFactory noDelay = new NoDelaySocketFactory(factory);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        int port = rig.server.port();
        noDelay.createSocket();
        noDelay.createSocket("localhost", port);
        noDelay.createSocket("localhost", port, loopback, 0);
        noDelay.createSocket(loopback, port);
        noDelay.createSocket(loopback, port, loopback, 0);
        assertEquals(5, created.size());
        for (Socket socket : created) {
            assertTrue(socket.getTcpNoDelay());
            socket.close();
        }
        rig.open(rig.client, "ws://127.0.0.1:1/", null, recorder);
        recorder.takeFailed();
    }

    /** A cached page must not answer an upgrade, nor an upgrade's refusal be kept. */
    @Test
    void theApplicationsCacheIsPassedBy(@TempDir Path directory) throws Exception {
        OkHttpClient client = rig.client
                .newBuilder()
                .cache(new Cache(directory.toFile(), 1024 * 1024))
                .build();
        rig.open(client, rig.server.url(), null, recorder);
        Peer peer = rig.server.accept();
        peer.readRequest();
        peer.answer(
                "HTTP/1.1 200 OK", "Cache-Control: max-age=3600", "Content-Length: 2", "Connection: close", "", "hi");
        peer.close();
        assertEquals(200, recorder.takeFailed().httpStatus());

        ConnectionRecorder other = rig.newRecorder();
        rig.open(client, rig.server.url(), null, other);
        Peer second = rig.server.acceptUpgrade();
        Connection connection = other.takeOpened();
        connection.cancel();
        other.takeFailed();
        second.takeEnd();
    }

    // ---- TLS ----

    @Test
    void upgradesBesideAnHttp2Connection() throws Exception {
        HandshakeCertificates certificates = TransportRig.certificates();
        OkHttpClient client = rig.client
                .newBuilder()
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
                .build();
        try (MockWebServer server = new MockWebServer()) {
            server.useHttps(certificates.sslSocketFactory());
            server.enqueue(new MockResponse.Builder().body("page").build());
            server.enqueue(
                    new MockResponse.Builder().webSocketUpgrade(new Echo()).build());
            server.start();
            try (Response page = client.newCall(
                            new Request.Builder().url(server.url("/page")).build())
                    .execute()) {
                assertEquals(Protocol.HTTP_2, page.protocol());
                assertEquals("page", page.body().string());
            }
            assertEquals(1, rig.pool.connectionCount());

            rig.open(client, "wss://localhost:" + server.getPort() + "/live", null, recorder);
            Connection connection = recorder.takeOpened();
            connection.sendText("over TLS", 8);
            recorder.takeText("over TLS");
            ByteString large = ByteString.of(new byte[300_000]);
            connection.sendBinary(large);
            assertEquals(new ConnectionRecorder.Binary(large), recorder.take());
            connection.close(CloseStatus.of(1000, "bye"));
            recorder.takeClosed(1000, "bye");
        }
    }

    @Test
    void certificateThatNobodyVouchesFor() throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            server.useHttps(TransportRig.certificates().sslSocketFactory());
            server.start();
            rig.open(rig.client, "wss://localhost:" + server.getPort() + "/", null, recorder);
            assertTlsFailed("TLS handshake failed: ");
        }
    }

    @Test
    void certificateOfAnotherHost() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("other.example")
                .build();
        HandshakeCertificates certificates = new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(certificate.certificate())
                .build();
        OkHttpClient client = rig.client
                .newBuilder()
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
                .build();
        try (MockWebServer server = new MockWebServer()) {
            server.useHttps(certificates.sslSocketFactory());
            server.start();
            rig.open(client, "wss://localhost:" + server.getPort() + "/", null, recorder);
            assertTlsFailed("TLS handshake failed: Hostname localhost not verified");
        }
    }

    @Test
    void serverWithoutTls() throws Exception {
        rig.open(rig.client, "wss://127.0.0.1:" + rig.server.port() + "/", null, recorder);
        Peer peer = rig.server.accept();
        peer.answer("HTTP/1.1 400 Bad Request", "Content-Length: 0");
        assertTlsFailed("TLS handshake failed: Unsupported or unrecognized SSL message");
    }

    @Test
    void serverThatEndsTheHandshake() throws Exception {
        rig.open(rig.client, "wss://127.0.0.1:" + rig.server.port() + "/", null, recorder);
        rig.server.accept().endStream();
        assertTlsFailed("TLS handshake failed: Remote host terminated the handshake");
    }

    @Test
    void serverThatNeverShakesHands() throws Exception {
        rig.open(rig.client, "wss://127.0.0.1:" + rig.server.port() + "/", null, recorder);
        rig.server.accept().awaitByte();
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        assertTlsFailed("no answer to the TLS handshake within 15000 ms");
    }

    private void assertTlsFailed(String start) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.TLS, failure.phase(), failure.getMessage());
        assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
        assertTrue(failure.getMessage().length() < 400, failure.getMessage());
        assertFalse(failure.getMessage().contains("null"), failure.getMessage());
        assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
    }

    private void end(Connection connection, Peer peer) throws Exception {
        connection.close(CloseStatus.of(1000, "bye"));
        peer.takeClose(1000);
        peer.closeFrame(1000, "bye");
        peer.close();
        recorder.takeClosed(1000, "bye");
    }
}
