package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An upgrade through a proxy, and which of the two a failure blames. */
@Timeout(30)
class ProxyTest {
    @RegisterExtension
    final TransportRig rig = new TransportRig();

    private final ConnectionRecorder recorder = rig.newRecorder();

    private OkHttpClient through(Proxy.Type type, InetSocketAddress address) {
        return rig.client
                .newBuilder()
                .proxy(new Proxy(type, address))
                .dns(host -> {
                    throw new UnknownHostException(host);
                })
                .build();
    }

    @SuppressWarnings("AddressSelection") // The address without a name, as failures show it.
    private InetSocketAddress server() {
        return new InetSocketAddress("127.0.0.1", rig.server.port());
    }

    private String name() {
        return "127.0.0.1:" + rig.server.port();
    }

    private void assertFailed(Phase phase, String message) throws Exception {
        TransportException failure = recorder.takeFailed();
        assertEquals(message, failure.getMessage());
        assertEquals(phase, failure.phase());
        assertEquals(0, failure.httpStatus());
    }

    // ---- SOCKS ----

    /** RFC 1928, for one connection without authentication to a host by its IPv4 address or name. */
    private static final class SocksServer implements AutoCloseable {
        private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final int target;

        SocksServer(int target) throws IOException {
            this.target = target;
            Thread thread = new Thread(this::serve, "socks server");
            thread.setDaemon(true);
            thread.start();
        }

        @SuppressWarnings("AddressSelection") // The address without a name, as failures show it.
        InetSocketAddress address() {
            return new InetSocketAddress("127.0.0.1", listening.getLocalPort());
        }

        private void serve() {
            try (Socket client = listening.accept();
                    Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                in.readByte();
                in.skipBytes(in.readUnsignedByte());
                client.getOutputStream().write(new byte[] {5, 0});
                in.skipBytes(3);
                in.skipBytes((in.readByte() == 1 ? 4 : in.readUnsignedByte()) + 2);
                client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
                CompletableFuture<Void> back = CompletableFuture.runAsync(() -> copy(server, client));
                copy(client, server);
                back.join();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void copy(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.shutdownOutput();
            } catch (IOException e) {
                // The other direction finds out too.
            }
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    @Test
    void socketsThroughSocksDoNotWaitForMoreAndBufferLittle() throws Exception {
        CompletableFuture<Socket> used = new CompletableFuture<>();
        try (SocksServer socks = new SocksServer(rig.server.port())) {
            OkHttpClient client = through(Proxy.Type.SOCKS, socks.address())
                    .newBuilder()
                    .addNetworkInterceptor(chain -> {
                        used.complete(chain.connection().socket());
                        return chain.proceed(chain.request());
                    })
                    .build();
            rig.open(client, rig.server.url(), null, recorder);
            Peer peer = rig.server.acceptUpgrade();
            Connection connection = recorder.takeOpened();
            assertTrue(used.join().getTcpNoDelay(), "TCP_NODELAY");
            // The kernel doubles it for its own bookkeeping.
            assertTrue(
                    used.join().getSendBufferSize() <= 256 * 1024, used.join().getSendBufferSize() + " bytes");
            connection.cancel();
            recorder.takeFailed();
            peer.takeEnd();
        }
    }

    @Test
    void unknownHostOfASocksProxy() throws Exception {
        OkHttpClient client = through(Proxy.Type.SOCKS, InetSocketAddress.createUnresolved("socks.invalid", 1080));
        rig.open(client, rig.server.url(), null, recorder);
        assertFailed(Phase.DNS, "host of the SOCKS proxy socks.invalid:1080 not found");
    }

    // ---- HTTP ----

    @Test
    void unknownHostOfAnHttpProxy() throws Exception {
        OkHttpClient client = through(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("squid.invalid", 3128));
        rig.open(client, "wss://chat.example/live", null, recorder);
        assertFailed(Phase.DNS, "host of the proxy not found: squid.invalid (on the way to chat.example)");
    }

    private OkHttpClient throughServer() {
        return rig.client
                .newBuilder()
                .proxy(new Proxy(Proxy.Type.HTTP, server()))
                .build();
    }

    @Test
    void anHttpProxyThatNeverAnswersConnect() throws Exception {
        rig.open(throughServer(), "wss://chat.example/live", null, recorder);
        Peer proxy = rig.server.accept();
        proxy.readRequest();
        rig.clock.advance(TransportRig.CONNECT_TIMEOUT);
        assertFailed(Phase.TCP, "HTTP proxy " + name() + " did not answer CONNECT chat.example:443 within 15000 ms");
        proxy.takeEnd();
    }

    @Test
    void theApplicationsReadTimeoutHoldsForConnect() throws Exception {
        OkHttpClient client =
                throughServer().newBuilder().readTimeout(Duration.ofMillis(50)).build();
        rig.open(client, "wss://chat.example/live", null, recorder);
        rig.server.accept().readRequest();
        assertFailed(Phase.TCP, "HTTP proxy " + name() + " did not answer CONNECT chat.example:443");
    }

    @Test
    void anHttpProxyThatRefusesConnect() throws Exception {
        rig.open(throughServer(), "wss://chat.example/live", null, recorder);
        Peer proxy = rig.server.accept();
        proxy.readRequest();
        proxy.answer("HTTP/1.1 403 Forbidden", "Content-Length: 0");
        assertFailed(Phase.TCP, "HTTP proxy " + name() + " refused CONNECT chat.example:443 with HTTP 403");
    }

    @Test
    void anHttpProxyThatWantsAPassword() throws Exception {
        rig.open(throughServer(), "wss://chat.example/live", null, recorder);
        Peer proxy = rig.server.accept();
        proxy.readRequest();
        proxy.answer("HTTP/1.1 407 No", "Proxy-Authenticate: Basic realm=x", "Content-Length: 0");
        assertFailed(
                Phase.TCP,
                "HTTP proxy " + name() + " refused CONNECT chat.example:443 with HTTP 407, and the OkHttpClient's "
                        + "proxyAuthenticator has no answer");
    }

    @Test
    void anHttpProxyThatEndsConnect() throws Exception {
        rig.open(throughServer(), "wss://chat.example/live", null, recorder);
        Peer proxy = rig.server.accept();
        proxy.readRequest();
        proxy.close();
        TransportException failure = recorder.takeFailed();
        assertEquals(Phase.TCP, failure.phase());
        assertTrue(
                failure.getMessage().startsWith("HTTP proxy " + name() + " failed during CONNECT chat.example:443: "),
                failure.getMessage());
    }

    /** Squid and tinyproxy strip the Upgrade header, and the server then says so. */
    @Test
    void aProxyThatDoesNotForwardUpgradesIsNamed() throws Exception {
        rig.open(throughServer(), "ws://chat.example/live", null, recorder);
        Peer proxy = rig.server.accept();
        proxy.readRequest();
        proxy.answer("HTTP/1.1 426 Upgrade Required", "Content-Length: 0");
        TransportException failure = recorder.takeFailed();
        assertEquals(
                "upgrade refused with HTTP 426; the request went through the HTTP proxy " + name()
                        + ", which may not forward upgrades: use wss://, which goes through it in a tunnel",
                failure.getMessage());
        assertEquals(426, failure.httpStatus());
    }
}
