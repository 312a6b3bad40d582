package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.SocketFactory;

/**
 * Creates the sockets of one attempt to connect, through the application's factory, with TCP_NODELAY on. With Nagle's
 * algorithm a small message waits for the acknowledgement of the one before it, and OkHttp leaves it on.
 *
 * <p>The send buffer is kept small, because nothing overtakes what is in it: left to itself the system lets it grow to
 * megabytes, and a heartbeat waits for all of them. Over a long fat link that costs throughput; an application that wants
 * that gives its client a socket factory of its own, whose buffers are left alone.
 *
 * <p>OkHttp uses a pooled connection again only for a request with an equal socket factory. Each attempt has its own, so
 * that an attempt never gets the connection on which the server refused the one before.
 */
final class NoDelaySocketFactory extends SocketFactory {
    /** The most that a ping may have to wait behind: 60 ms of a link of 2 MiB/s. */
    private static final int SEND_BUFFER_BYTES = 128 * 1024;

    private final SocketFactory factory;
    private final boolean isApplications;

    /** One for each address that OkHttp has tried. */
    private final Queue<Socket> created = new ConcurrentLinkedQueue<>();

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
        created.add(socket);
        tune(socket);
        return socket;
    }

    /** Returns whether a socket reached the host or proxy that it was created for. */
    boolean hasConnected() {
        for (Socket socket : created) {
            if (socket.isConnected()) return true;
        }
        return false;
    }

    /** Forgets the sockets that were connected to an address, which leads nowhere. */
    void forget(InetSocketAddress address) {
        created.removeIf(socket -> address.equals(socket.getRemoteSocketAddress()));
    }

    /** Forgets the sockets of a request that is over. */
    void forgetAll() {
        created.clear();
    }

    /** Sets the options of a socket. OkHttp creates those to a SOCKS proxy by itself. */
    void tune(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
            if (!isApplications) socket.setSendBufferSize(SEND_BUFFER_BYTES);
        } catch (SocketException e) {
            // A factory of the application's may make sockets of another kind. Slower is better than not at all.
        }
    }
}
