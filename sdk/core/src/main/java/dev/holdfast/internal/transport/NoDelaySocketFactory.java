package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.SocketFactory;

/**
 * Creates the sockets of one connection attempt, through the application's factory, with TCP_NODELAY. OkHttp leaves Nagle's
 * algorithm on, with which a small message waits for the acknowledgement of the previous one.
 *
 * <p>The send buffer is kept small, because nothing can overtake its content: the system would let it grow to megabytes, and
 * a heartbeat would wait for all of them. That costs throughput over links with a large bandwidth-delay product. An
 * application that needs the throughput gives its client a socket factory of its own, whose buffers are not changed.
 *
 * <p>OkHttp reuses a pooled connection only for a request with an equal socket factory. Each attempt has its own factory, so
 * that it never gets the connection on which the server refused the previous attempt.
 */
final class NoDelaySocketFactory extends SocketFactory {
    /** The maximum bytes ahead of a ping: 60 ms on a link of 2 MiB/s. */
    private static final int SEND_BUFFER_BYTES = 128 * 1024;

    private final SocketFactory factory;
    private final boolean isApplications;

    /** A socket for each address that OkHttp has tried. Nobody changes a list: it is replaced. */
    private final AtomicReference<List<Socket>> created = new AtomicReference<>(Collections.emptyList());

    NoDelaySocketFactory(SocketFactory factory) {
        this.factory = factory;
        this.isApplications = factory != SocketFactory.getDefault();
    }

    @Override
    public Socket createSocket() throws IOException {
        return created(factory.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return created(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return created(factory.createSocket(host, port, localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return created(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localAddress, int localPort) throws IOException {
        return created(factory.createSocket(host, port, localAddress, localPort));
    }

    private Socket created(Socket socket) {
        created.updateAndGet(old -> {
            List<Socket> more = new ArrayList<>(old.size() + 1);
            more.addAll(old);
            more.add(socket);
            return more;
        });
        tune(socket);
        return socket;
    }

    /** Returns whether a socket reached the host or proxy that it was created for. */
    boolean hasConnected() {
        for (Socket socket : Objects.requireNonNull(created.get())) {
            if (socket.isConnected()) return true;
        }
        return false;
    }

    /** Removes the sockets that were connected to an address that does not work. */
    void forget(InetSocketAddress address) {
        created.updateAndGet(old -> {
            List<Socket> others = new ArrayList<>(old);
            others.removeIf(socket -> address.equals(socket.getRemoteSocketAddress()));
            return others;
        });
    }

    /** Removes the sockets of a request that has ended. */
    void forgetAll() {
        created.set(Collections.emptyList());
    }

    /** Sets the options of a socket. Sockets to a SOCKS proxy do not come from this factory: OkHttp creates them itself. */
    void tune(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
            if (!isApplications) socket.setSendBufferSize(SEND_BUFFER_BYTES);
        } catch (SocketException e) {
            // The application's factory may create sockets that do not support the options. They work, but more slowly.
        }
    }
}
