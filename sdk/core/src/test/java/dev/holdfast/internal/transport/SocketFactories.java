package dev.holdfast.internal.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.function.Consumer;
import javax.net.SocketFactory;

/** An application's own sockets. */
public final class SocketFactories {
    private SocketFactories() {}

    /** Sockets of the default kind that somebody is told of. */
    static class Plain extends SocketFactory {
        private final Consumer<Socket> created;

        Plain(Consumer<Socket> created) {
            this.created = created;
        }

        private Socket tell(Socket socket) {
            created.accept(socket);
            return socket;
        }

        @Override
        public Socket createSocket() {
            return tell(new Socket());
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            return tell(new Socket(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
            return tell(new Socket(InetAddress.getLoopbackAddress(), port, localHost, localPort));
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            return tell(new Socket(host, port));
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localAddress, int localPort)
                throws IOException {
            return tell(new Socket(host, port, localAddress, localPort));
        }
    }

    /** Sockets that take in and give out little before the other side does its part. */
    public static SocketFactory small(int bytes) {
        return new Plain(socket -> {
            try {
                socket.setSendBufferSize(bytes);
                socket.setReceiveBufferSize(bytes);
            } catch (SocketException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
