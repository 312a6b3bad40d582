package dev.holdfast.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.net.SocketFactory;

/** A socket to nobody: what is written is kept, and what is read is made of it, once, and then ends. */
final class AnsweringSocket extends SocketImpl {
    private final UnaryOperator<String> server;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final InputStream answer = new Answer();
    private final Map<Integer, Object> options = new HashMap<>();

    private AnsweringSocket(UnaryOperator<String> server) {
        this.server = server;
        // No one is there, but somewhere.
        address = InetAddress.getLoopbackAddress();
    }

    /** @param server answers what has been written when the first byte is read; both in ISO 8859-1 */
    static SocketFactory factory(UnaryOperator<String> server) {
        return new SocketFactory() {
            @Override
            public Socket createSocket() {
                try {
                    return new Socket(new AnsweringSocket(server)) {};
                } catch (SocketException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public Socket createSocket(String host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress localAddress, int localPort) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private final class Answer extends InputStream {
        private InputStream bytes;

        private InputStream bytes() {
            if (bytes == null) {
                String answer = server.apply(written.toString(StandardCharsets.ISO_8859_1));
                bytes = new ByteArrayInputStream(answer.getBytes(StandardCharsets.ISO_8859_1));
            }
            return bytes;
        }

        @Override
        public int read() throws IOException {
            return bytes().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            return bytes().read(target, offset, length);
        }
    }

    @Override
    protected InputStream getInputStream() {
        return answer;
    }

    @Override
    protected OutputStream getOutputStream() {
        return written;
    }

    @Override
    public void setOption(int option, Object value) {
        options.put(option, value);
    }

    @Override
    public Object getOption(int option) {
        return options.getOrDefault(option, 0);
    }

    @Override
    protected void create(boolean stream) {}

    @Override
    protected void connect(String host, int port) {}

    @Override
    protected void connect(InetAddress address, int port) {}

    @Override
    protected void connect(SocketAddress address, int timeout) {}

    @Override
    protected void bind(InetAddress host, int port) {}

    @Override
    protected void listen(int backlog) {}

    @Override
    protected void accept(SocketImpl other) throws IOException {
        throw new IOException("listens to nobody");
    }

    @Override
    protected int available() {
        return 0;
    }

    @Override
    protected void shutdownInput() {}

    @Override
    protected void shutdownOutput() {}

    @Override
    protected void close() {}

    @Override
    protected void sendUrgentData(int data) {}

    @Override
    protected FileDescriptor getFileDescriptor() {
        return new FileDescriptor();
    }
}
