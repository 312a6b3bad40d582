package dev.holdfast.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback interface whose network fails on demand, in real time: for tests with a real server. Faults can be switched at any time, from any
 * thread, and combined. Delay, throttle and black hole apply to existing and to new connections.
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

    /**
     * {@return a proxy to a port of any host, started}
     *
     * @param host the host's name or address
     * @param port the port there
     */
    public static FaultProxy to(String host, int port) {
        return new FaultProxy(host, port);
    }

    /**
     * {@return a proxy to a port of this machine, started}
     *
     * @param targetPort the port on 127.0.0.1
     */
    public static FaultProxy start(int targetPort) {
        return to("127.0.0.1", targetPort);
    }

    /** {@return the port to connect to on 127.0.0.1, which stays the same for the proxy's whole life} */
    public int port() {
        return port;
    }

    /**
     * Sends new connections to another port from now on.
     *
     * @param newTargetPort the port, on the same host
     */
    public void retarget(int newTargetPort) {
        targetPort = newTargetPort;
    }

    /** {@return the number of connections that are open on at least one side, including forgotten ones} */
    public int liveConnections() {
        return connections.size();
    }

    /** Resets all connections. */
    public void cut() {
        new ArrayList<>(connections).forEach(ProxiedConnection::abort);
    }

    /** Ends all connections with an orderly TCP close. The protocol inside them gets no close of its own. */
    public void end() {
        new ArrayList<>(connections).forEach(ProxiedConnection::end);
    }

    /**
     * Sets whether new connections are refused, as by a host where nobody listens. Existing connections continue.
     *
     * @param on whether they are
     * @throws UncheckedIOException if the port could not be bound again
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
     * Sets whether a direction is a black hole: nothing comes through, not even an end or a reset. What is sent waits
     * in the sender's buffers and arrives once the hole is gone. New connections are accepted and are just as silent.
     *
     * @param direction the direction or both
     * @param on whether it is one
     */
    public void blackHole(Direction direction, boolean on) {
        faults.blackHole(direction, on);
        wake();
    }

    /**
     * Drops all existing connections silently, as a router does that lost its table. Bytes sent on them are discarded
     * for good, and neither side learns that the other is gone. New connections work.
     */
    public void forget() {
        new ArrayList<>(connections).forEach(ProxiedConnection::forget);
    }

    /**
     * Sets the delay of bytes in each direction. Bytes that are already on their way keep their time. Default: none.
     *
     * @param delay the delay, zero for none
     */
    public void delay(Duration delay) {
        faults.delay(delay);
        wake();
    }

    /**
     * Sets the limit for each direction of each connection. Default: none.
     *
     * @param bytesPerSecond the limit in bytes per second, 0 for none
     */
    public void throttle(long bytesPerSecond) {
        faults.throttle(bytesPerSecond);
        wake();
    }

    /**
     * Sets what reads the requests of new connections. Existing connections continue. Default: {@link Middlebox#NONE}.
     *
     * @param between what stands between client and server
     */
    public void middlebox(Middlebox between) {
        faults.middlebox(between);
    }

    /** Resets all connections and stops listening. */
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
                // Another connection may hold the port as its local port for a while.
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
                // Too late: the client must see a refusal, or at least no connection.
                connection.abort();
            } else {
                connection.start(target());
            }
        }
    }

    @SuppressWarnings("AddressSelection") // a host name with several addresses means the first of them
    private InetSocketAddress target() {
        return new InetSocketAddress(host, targetPort);
    }

    private static final class Listener {
        private final ServerSocket socket;
        private final Thread acceptor;

        Listener(ServerSocket socket, Thread acceptor) {
            this.socket = socket;
            this.acceptor = acceptor;
        }

        /** Stops listening. The kernel continues to listen until the thread has returned from its accept. */
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
