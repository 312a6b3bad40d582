package dev.holdfast.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;

/**
 * A server on loopback with one thread per connection. It does as little as the requested
 * {@link dev.holdfast.benchmarks.wire.Work} permits, so that the measurement is of the client. It follows RFC 6455 only
 * as far as well-behaved clients notice.
 */
public final class BenchmarkServer implements AutoCloseable {
    private static final int BACKLOG = 1024;
    /** Stack size of a connection's thread, small because there are hundreds of idle clients. */
    private static final int STACK_BYTES = 128 * 1024;

    private final ServerSocket serverSocket;
    private final Sessions sessions = new Sessions();

    private BenchmarkServer(ServerSocket serverSocket) {
        this.serverSocket = serverSocket;
    }

    /** Starts a server on a free port. */
    public static BenchmarkServer start() {
        try {
            BenchmarkServer server =
                    new BenchmarkServer(new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
            daemon("benchmark-server", server::acceptAll);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return serverSocket.getLocalPort();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = serverSocket.accept();
                daemon("benchmark-connection", new ServerConnection(socket, sessions));
            }
        } catch (SocketException e) {
            // The server was closed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            serverSocket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints its port on the standard output and runs until the standard input ends. */
    public static void main(String[] args) throws IOException {
        try (BenchmarkServer server = start()) {
            System.out.println(server.port());
            while (System.in.read() != -1) {
                // The input carries no commands.
            }
        }
    }
}
