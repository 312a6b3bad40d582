package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * The sockets of another factory with TCP_NODELAY on. With Nagle's algorithm a small message waits for the
 * acknowledgement of the one before it, and OkHttp leaves it on.
 *
 * <p>The send buffer is kept small, because nothing overtakes what is in it: left to itself the system lets it grow to
 * megabytes, and a heartbeat waits for all of them. Over a long fat link that costs throughput; an application that wants
 * that gives its client a socket factory of its own, whose buffers are left alone.
 */
final class NoDelaySocketFactory extends SocketFactory {
    /** As much as a ping may have to wait behind: 60 ms of a link of 2 MiB a second. */
    private static final int SEND_BUFFER_BYTES = 128 * 1024;

    private final SocketFactory factory;
    private final boolean isApplications;

    NoDelaySocketFactory(SocketFactory factory) {
        this.factory = factory;
        this.isApplications = factory != SocketFactory.getDefault();
    }

    @Override
    public Socket createSocket() throws IOException {
        return noDelay(factory.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return noDelay(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return noDelay(factory.createSocket(host, port, localHost, localPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return noDelay(factory.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localAddress, int localPort) throws IOException {
        return noDelay(factory.createSocket(host, port, localAddress, localPort));
    }

    private Socket noDelay(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
            if (!isApplications) socket.setSendBufferSize(SEND_BUFFER_BYTES);
        } catch (SocketException e) {
            // A factory of the application's may make sockets of another kind. Slower is better than not at all.
        }
        return socket;
    }
}
