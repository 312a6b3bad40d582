package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.time.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Connections to a {@link RawServer} on a clock that stands still. After each test it sees to it that nothing is left:
 * each connection ended once, its threads too, its call, its place in the pool and its timers.
 */
final class TransportRig implements AfterEachCallback {
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    static final long MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);

    final RawServer server;
    final FakeClock clock = new FakeClock();
    final IoThreads threads = new IoThreads();
    final CallLog calls = new CallLog();
    final ConnectionPool pool = new ConnectionPool();
    final OkHttpClient client;

    /** For connections opened from now on. */
    ConnectionSettings settings = ConnectionSettings.of(CONNECT_TIMEOUT.toNanos(), MAX_MESSAGE_BYTES);

    private final List<Connection> opened = new ArrayList<>();
    private final List<ConnectionRecorder> recorders = new ArrayList<>();

    TransportRig() {
        this(new RawServer(), new OkHttpClient());
    }

    /** @param base the application's client, but for its pool and its event listener */
    TransportRig(RawServer server, OkHttpClient base) {
        this.server = server;
        this.client =
                base.newBuilder().connectionPool(pool).eventListener(calls).build();
    }

    /** Everything over TLS. */
    static TransportRig tls() {
        HandshakeCertificates certificates = certificates();
        OkHttpClient base = new OkHttpClient.Builder()
                .sslSocketFactory(certificates.sslSocketFactory(), certificates.trustManager())
                .build();
        return new TransportRig(new RawServer(certificates), base);
    }

    /** Of a server on this machine, and of who trusts it. */
    static HandshakeCertificates certificates() {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .addSubjectAlternativeName("localhost")
                .build();
        return new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .addTrustedCertificate(certificate.certificate())
                .build();
    }

    ConnectionRecorder newRecorder() {
        ConnectionRecorder recorder = new ConnectionRecorder();
        recorders.add(recorder);
        return recorder;
    }

    /** Starts to connect to the server. */
    Connection open(ConnectionRecorder recorder) {
        return open(client, server.url(), null, recorder);
    }

    Connection open(OkHttpClient client, String url, String subprotocol, ConnectionRecorder recorder) {
        return open(client, new Request.Builder().url(url).build(), subprotocol, recorder);
    }

    Connection open(OkHttpClient client, Request request, String subprotocol, ConnectionRecorder recorder) {
        Connection connection = transport(client, subprotocol).open(request, recorder);
        opened.add(connection);
        return connection;
    }

    Request request() {
        return new Request.Builder().url(server.url()).build();
    }

    OkHttpTransport transport(OkHttpClient client, String subprotocol) {
        return new OkHttpTransport(client, subprotocol, settings, threads, clock, clock, new Random(42));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (context.getExecutionException().isPresent()) {
            for (Connection connection : opened) connection.cancel();
            server.close();
            return;
        }
        try {
            threads.awaitAllEnded();
            calls.awaitAllEnded();
            assertPoolEmpties(pool);
            for (ConnectionRecorder recorder : recorders) recorder.assertEndedOnce();
            clock.assertNothingPending();
        } finally {
            server.close();
        }
    }

    /** A connection that is idle in the pool may go; one that is never given back would stay. */
    static void assertPoolEmpties(ConnectionPool pool) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        pool.evictAll();
        while (pool.connectionCount() > 0 && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            pool.evictAll();
        }
        assertEquals(0, pool.connectionCount(), "connections in the pool");
    }
}
