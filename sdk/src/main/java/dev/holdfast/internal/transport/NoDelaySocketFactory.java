package dev.holdfast.internal.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.SocketFactory;

/**
 * The sockets of another factory with TCP_NODELAY on. With Nagle's algorithm a small message waits for the
 * acknowledgement of the one before it, and OkHttp leaves it on.
 */
final class NoDelaySocketFactory extends SocketFactory {
    private final SocketFactory factory;

    NoDelaySocketFactory(SocketFactory factory) {
        this.factory = factory;
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

    private static Socket noDelay(Socket socket) {
        try {
            socket.setTcpNoDelay(true);
        } catch (SocketException e) {
            // A factory of the application's may make sockets of another kind. Slower is better than not at all.
        }
        return socket;
    }
}
