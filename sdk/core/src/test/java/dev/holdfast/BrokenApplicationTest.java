package dev.holdfast;

import static dev.holdfast.ClientState.CLOSED;
import static dev.holdfast.ClientState.CLOSING;
import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.IDLE;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client over real sockets, where the application's part of an OkHttp client throws. */
@Timeout(30)
class BrokenApplicationTest {
    @RegisterExtension
    final ClientRig rig = new ClientRig();

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void throwAny(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Test
    void anEventListenerThatThrowsAsTheCallEndsDoesNotKeepTheClientOpen() throws Exception {
        Error thrown = new AssertionError("application's bug");
        EventListener listener = new EventListener() {
            @Override
            public void callEnd(Call call) {
                throw thrown;
            }
        };
        HoldfastClient client = rig.build(rig.builder()
                .okHttpClient(rig.okHttp.newBuilder().eventListener(listener).build()));
        client.connect();
        Peer peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        peer.endStream();
        assertEquals(Phase.SESSION, rig.recorder.takeFailure().phase());
        rig.recorder.takeStates(WAITING, CONNECTING);
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
        client.cancel();
        rig.recorder.takeStates(CLOSED);
        for (Throwable escaped : rig.threads.takeThrown(2)) assertSame(thrown, escaped);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Error", "RuntimeException", "Exception"})
    void anEventListenerFactoryThatThrowsStopsTheClient(String kind) throws Exception {
        Throwable thrown = kind.equals("Error")
                ? new AssertionError("application's bug")
                : kind.equals("Exception")
                        ? new Exception("application's bug")
                        : new IllegalStateException("application's bug");
        AtomicInteger calls = new AtomicInteger();
        EventListener.Factory factory = call -> {
            if (calls.incrementAndGet() == 1) BrokenApplicationTest.<RuntimeException>throwAny(thrown);
            return EventListener.NONE;
        };
        HoldfastClient client = rig.build(rig.builder()
                .okHttpClient(
                        rig.okHttp.newBuilder().eventListenerFactory(factory).build()));
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertSame(thrown, failure.cause().getCause());
        assertEquals(Phase.CONFIGURATION, failure.phase());
        rig.recorder.takeStates(IDLE);
        client.connectNow();
        rig.recorder.takeStates(CONNECTING);
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
    }

    /** An executor that refuses as many tasks as it is told to, and all when it is shut down. */
    private final class Pool extends AbstractExecutorService {
        /** How many tasks it runs before it refuses any. */
        final AtomicInteger free = new AtomicInteger();

        final AtomicInteger refusals = new AtomicInteger();
        /** Whether it throws if it is asked whether it is shut down, as executors of containers do. */
        volatile boolean managed;

        private volatile boolean shutDown;

        @Override
        public void execute(Runnable task) {
            boolean full = free.getAndUpdate(left -> Math.max(0, left - 1)) == 0
                    && refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            if (full) throw new RejectedExecutionException("full");
            if (shutDown) throw new RejectedExecutionException("shut down");
            rig.threads.execute(task);
        }

        @Override
        public void shutdown() {
            shutDown = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            shutDown = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            if (managed) throw new IllegalStateException("not for applications");
            return shutDown;
        }

        @Override
        public boolean isTerminated() {
            return shutDown;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return shutDown;
        }
    }

    /** A pool that is full for a moment: the next attempt finds room. */
    @ParameterizedTest
    @CsvSource({
        "upgrade, UPGRADE, false",
        "upgrade, UPGRADE, true",
        "reader, UPGRADE, false",
        "reader, UPGRADE, true",
        "writer, SESSION, false",
        "writer, SESSION, true"
    })
    void anIoExecutorThatRefusesATaskOnceCostsTheConnection(String task, Phase phase, boolean managed)
            throws Exception {
        Pool pool = new Pool();
        pool.managed = managed;
        HoldfastClient client = rig.build(rig.builder().ioExecutor(pool));
        // The first task opens the connection, which another thread does then. The next are the upgrade and its reader.
        if (task.equals("upgrade")) pool.refusals.set(2);
        if (task.equals("reader")) {
            pool.free.set(2);
            pool.refusals.set(1);
        }
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        if (task.equals("reader")) rig.server.acceptUpgrade();
        if (task.equals("writer")) {
            Peer peer = rig.server.acceptUpgrade();
            rig.recorder.takeStates(OPEN);
            pool.refusals.set(1);
            // The answer needs the writer.
            peer.ping("now");
        }
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(phase, failure.phase());
        assertEquals("the I/O executor rejected a task", failure.message());
        assertTrue(failure.willRetry());
        rig.recorder.takeStates(WAITING, CONNECTING);
        Peer again = rig.server.acceptUpgrade();
        rig.recorder.takeStates(OPEN);
        again.ping("once more");
        assertEquals("once more", again.take().utf8());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIoExecutorThatIsShutDownStopsTheClient(boolean open) throws Exception {
        Pool pool = new Pool();
        HoldfastClient client = rig.build(rig.builder().ioExecutor(pool));
        if (!open) pool.shutdown();
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        if (open) {
            Peer peer = rig.server.acceptUpgrade();
            rig.recorder.takeStates(OPEN);
            pool.shutdown();
            // The answer needs the writer.
            peer.ping("now");
        }
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertEquals("the I/O executor is shut down", failure.message());
        assertFalse(failure.willRetry());
        rig.recorder.takeStates(IDLE);
        // The SDK's own threads run what the executor does not.
        client.cancel();
        rig.recorder.takeStates(CLOSED);
        assertInstanceOf(CloseReason.class, rig.recorder.take());
    }

    /** The executor that has refused cannot close the store; the lock must go all the same. */
    @Test
    void anIoExecutorThatRefusesCallbacksHasTheStoreClosed() throws Exception {
        MemoryStore store = new MemoryStore();
        AtomicBoolean refuses = new AtomicBoolean();
        // Without a callback executor the I/O executor runs the callbacks.
        HoldfastClient client = rig.build(HoldfastClient.builder(
                        new Request.Builder().url(rig.server.url()).build())
                .okHttpClient(rig.okHttp)
                .store(store)
                .ioExecutor(task -> {
                    if (refuses.get()) throw new RejectedExecutionException("shut down");
                    rig.threads.execute(task);
                }));
        client.connect();
        Peer peer = rig.server.acceptUpgrade();
        client.opened().get(10, TimeUnit.SECONDS);
        assertTrue(store.isOpen());
        refuses.set(true);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (client.state() == OPEN) {
            assertTrue(System.nanoTime() < deadline, "still open");
            // The thread of an earlier callback may still be there, and takes this one without the executor.
            try {
                peer.text("for a callback that the executor refuses");
            } catch (IOException e) {
                // The client has gone.
            }
            Thread.sleep(10);
        }
        while (client.state() != CLOSED || store.isOpen()) {
            assertTrue(System.nanoTime() < deadline, "still open");
            Thread.sleep(1);
        }
    }

    @Test
    void classesThatDoNotFitTogetherStopAnOpenClient() throws Exception {
        Error thrown = new NoSuchMethodError("from another version");
        AtomicBoolean broken = new AtomicBoolean();
        SocketFactory sockets = new BrokenSockets(broken, thrown);
        HoldfastClient client = rig.build(rig.builder()
                .okHttpClient(rig.okHttp.newBuilder().socketFactory(sockets).build()));
        client.connect();
        Peer peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        broken.set(true);
        peer.ping("now");
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertFalse(failure.willRetry());
        assertSame(thrown, failure.cause().getCause());
        rig.recorder.takeStates(IDLE);
        // The application ends it as usual.
        Delivery delivery = client.send("kept");
        assertFalse(client.close(Duration.ofSeconds(10)));
        assertEquals(Outcome.Kind.CANCELLED, delivery.outcome().join().kind());
        rig.recorder.takeStates(CLOSING, CLOSED);
    }

    /** Sockets whose input breaks later. */
    private static final class BrokenSockets extends SocketFactory {
        private final AtomicBoolean broken;
        private final Error thrown;

        BrokenSockets(AtomicBoolean broken, Error thrown) {
            this.broken = broken;
            this.thrown = thrown;
        }

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public InputStream getInputStream() throws IOException {
                    return new FilterInputStream(super.getInputStream()) {
                        @Override
                        public int read(byte[] into, int offset, int byteCount) throws IOException {
                            int read = super.read(into, offset, byteCount);
                            if (broken.get()) throw thrown;
                            return read;
                        }
                    };
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress from, int fromPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) {
            throw new UnsupportedOperationException();
        }
    }
}
