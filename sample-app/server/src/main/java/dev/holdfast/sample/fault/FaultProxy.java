package dev.holdfast.sample.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback interface whose network fails on demand. Faults may be switched at any time, from any thread,
 * and combined. Delay, throttle and black hole apply to connections that there are and to those to come.
 */
public final class FaultProxy implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int BACKLOG = 128;
    private static final Duration BIND_PATIENCE = Duration.ofSeconds(5);
    private static final Duration BIND_RETRY = Duration.ofMillis(10);

    private final String host;
    private final Faults faults = new Faults();
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final int port;
    private volatile int targetPort;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    // Guarded by lock.
    private @Nullable Listener listener;
    private boolean closed;

    private FaultProxy(String host, int targetPort) {
        this.host = host;
        this.targetPort = targetPort;
        lock.lock();
        try {
            ServerSocket socket = bind(0);
            this.port = socket.getLocalPort();
            listen(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Starts a proxy to a port of some host. */
    public static FaultProxy to(String host, int port) {
        return new FaultProxy(host, port);
    }

    /** Starts a proxy to a port of this machine. */
    public static FaultProxy start(int targetPort) {
        return to("127.0.0.1", targetPort);
    }

    /** The port to connect to, the same for as long as the proxy lives. */
    public int port() {
        return port;
    }

    /** Sends new connections to another port from now on. */
    public void retarget(int newTargetPort) {
        targetPort = newTargetPort;
    }

    /** Connections that are open on at least one side, forgotten ones among them. */
    public int liveConnections() {
        return connections.size();
    }

    /** Resets all connections. */
    public void cut() {
        List.copyOf(connections).forEach(ProxiedConnection::abort);
    }

    /** Ends all connections in good order on the level of TCP, which is to say nothing of what they carried. */
    public void end() {
        List.copyOf(connections).forEach(ProxiedConnection::end);
    }

    /**
     * Whether new connections are refused, as by a host where nobody listens. Those that there are go on.
     *
     * @throws UncheckedIOException if the port could not be had again
     */
    public void refuse(boolean on) {
        lock.lock();
        try {
            Listener current = listener;
            if (on && current != null) {
                listener = null;
                current.close();
            } else if (!on && current == null && !closed) {
                listen(rebind());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a direction is a black hole: nothing comes through, no end and no reset either. What is sent waits in the
     * sender's buffers, and comes through when the hole is gone. New connections are accepted and as silent.
     */
    public void blackHole(Direction direction, boolean on) {
        faults.blackHole(direction, on);
        wake();
    }

    /**
     * Loses all connections that there are without telling anybody, as a router does that forgot its table: what is sent on
     * them is swallowed for good, and neither side hears that the other has gone. New connections work.
     */
    public void forget() {
        List.copyOf(connections).forEach(ProxiedConnection::forget);
    }

    /** How long bytes are on their way, each way. Those that already are keep their time. */
    public void delay(Duration delay) {
        faults.delay(delay);
        wake();
    }

    /** How many bytes a second come through each way of each connection; 0 for all. */
    public void throttle(long bytesPerSecond) {
        faults.throttle(bytesPerSecond);
        wake();
    }

    /** Resets all connections and listens no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
        refuse(true);
        cut();
    }

    private void wake() {
        connections.forEach(ProxiedConnection::wake);
    }

    private ServerSocket rebind() throws IOException {
        long deadline = System.nanoTime() + BIND_PATIENCE.toNanos();
        while (true) {
            try {
                return bind(port);
            } catch (IOException e) {
                // Somebody's connection may have got the port for its own end, for a while.
                if (closed || System.nanoTime() > deadline) {
                    throw e;
                }
            }
            try {
                boolean unused = closing.await(BIND_RETRY.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for port " + port, e);
            }
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port), BACKLOG);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void listen(ServerSocket socket) {
        Thread thread = new Thread(() -> accept(socket), "fault-proxy-accept");
        thread.setDaemon(true);
        thread.start();
        listener = new Listener(socket, thread);
    }

    private void accept(ServerSocket socket) {
        while (true) {
            Socket client;
            try {
                client = socket.accept();
            } catch (IOException e) {
                // The listener has been closed.
                return;
            }
            ProxiedConnection connection = new ProxiedConnection(faults, client, connections::remove);
            connections.add(connection);
            if (socket.isClosed()) {
                // Too late: the client is to see a refusal, or at least no connection.
                connection.abort();
            } else {
                connection.start(target());
            }
        }
    }

    @SuppressWarnings("AddressSelection") // whoever names a host with several addresses gets the first
    private InetSocketAddress target() {
        return new InetSocketAddress(host, targetPort);
    }

    private record Listener(ServerSocket socket, Thread acceptor) {
        /** The kernel goes on listening until the thread has come back from its accept. */
        void close() throws IOException {
            socket.close();
            try {
                acceptor.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
