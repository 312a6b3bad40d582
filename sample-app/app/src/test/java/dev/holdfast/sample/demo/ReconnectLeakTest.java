package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.Credential;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Session;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Nothing stays behind of a connection: after many, threads, file descriptors, pooled connections and heap are what they
 * were after a few. {@code -Dreconnects=10000} for more than a build has time for. Client and server are one process, so
 * what either leaves behind is counted.
 */
class ReconnectLeakTest {
    private static final int RECONNECTS = Integer.getInteger("reconnects", 300);
    private static final int WARM_UP = 200;

    /** Both pools, the client's and Jetty's, keep a thread or two more or less. */
    private static final int THREADS = 6;

    /** What the JVM itself opens in between, a class file or a jar. */
    private static final int DESCRIPTORS = 4;

    /** Some 100 bytes for each of 10,000 connections would be seen. */
    private static final long HEAP_BYTES = 1024 * 1024;

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final ConnectionPool pool = new ConnectionPool();
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final SessionStore store = SessionStore.inMemory();
    private final ReferenceServer server =
            ReferenceServer.start(ReferenceServer.Options.defaults().withStore(store));
    private final HoldfastClient client = HoldfastClient.builder(server.url())
            .session(Session.resumable())
            .okHttpClient(new OkHttpClient.Builder().connectionPool(pool).build())
            .networkMonitor(network)
            .credentialProvider(reason -> CompletableFuture.completedFuture(Credential.inOpen("token")))
            .backoff(Backoff.exponential(Duration.ofNanos(1), Duration.ofMillis(1)))
            .listener(new HoldfastListener() {})
            .build();

    /** The ways for one connection to follow another. */
    private enum Way {
        RESET,
        SERVER_CLOSES,
        CLIENT_DISCONNECTS,
        HANDOVER
    }

    private record Usage(int threads, long descriptors, int pooled, long heap) {}

    @AfterEach
    void stop() {
        client.cancel();
        server.close();
    }

    @Test
    void nothingStaysBehindOfAConnection() {
        client.connect();
        await(() -> client.state() == ClientState.OPEN);
        reconnect(WARM_UP);
        Usage before = settled();
        reconnect(RECONNECTS);
        Usage after = settled();
        long start = System.nanoTime();
        // The threads of a burst are let go after a while.
        while (after.threads() > before.threads() + THREADS && System.nanoTime() - start < PATIENCE_NANOS) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            after = settled();
        }
        String figures = RECONNECTS + " reconnects: " + before + ", then " + after;
        System.out.println(figures);
        assertTrue(after.threads() <= before.threads() + THREADS, figures);
        assertTrue(after.descriptors() <= before.descriptors() + DESCRIPTORS, figures);
        assertEquals(before.pooled(), after.pooled(), figures);
        assertTrue(after.heap() <= before.heap() + HEAP_BYTES, figures);
    }

    private void reconnect(int times) {
        Way[] ways = Way.values();
        for (int i = 0; i < times; i++) {
            long resumed = server.stats().resumed();
            switch (ways[i % ways.length]) {
                case RESET -> server.dropConnections();
                case SERVER_CLOSES -> session().credentialExpired();
                case CLIENT_DISCONNECTS -> {
                    client.disconnect();
                    client.connect();
                }
                case HANDOVER -> network.changed();
            }
            await(() -> server.stats().resumed() > resumed && client.state() == ClientState.OPEN);
        }
    }

    private ServerSession session() {
        return store.sessions().iterator().next();
    }

    /** What is in use when every connection but the newest is gone and the garbage is collected. */
    private Usage settled() {
        // The client's end of the one before may be let go a moment after the server's.
        await(() -> server.stats().openConnections() == 1 && pool.connectionCount() == 1);
        long heap = Long.MAX_VALUE;
        // A collection frees what the one before found.
        for (long now = usedAfterCollection(); now < heap - 1024; now = usedAfterCollection()) heap = now;
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Usage(
                ManagementFactory.getThreadMXBean().getThreadCount(),
                system.getOpenFileDescriptorCount(),
                pool.connectionCount(),
                heap);
    }

    private static long usedAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "waited too long");
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }
}
