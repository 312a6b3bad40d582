package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between a socket and a server that echoes bytes. */
class FaultProxyTest {
    private static final int LIMIT_MILLIS = 10_000;

    private ServerSocket server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0);
        proxy = FaultProxy.start(server.getLocalPort());
        Thread thread = new Thread(this::accept, "echo");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void end() throws IOException {
        proxy.close();
        server.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> echo(socket), "echo");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // The server is closed.
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            for (int b = socket.getInputStream().read();
                    b >= 0;
                    b = socket.getInputStream().read()) {
                socket.getOutputStream().write(b);
            }
        } catch (IOException e) {
            // The other end is gone.
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(LIMIT_MILLIS);
        assertEquals(1, roundTrip(socket, 1));
        return socket;
    }

    private static int roundTrip(Socket socket, int b) throws IOException {
        socket.getOutputStream().write(b);
        return socket.getInputStream().read();
    }

    @Test
    void passesBytesAndCuts() throws IOException {
        try (Socket socket = connect()) {
            proxy.cut();
            assertThrows(IOException.class, () -> {
                while (roundTrip(socket, 2) >= 0) {}
                throw new IOException("ended");
            });
        }
    }

    @Test
    void delays() throws IOException {
        try (Socket socket = connect()) {
            proxy.delay(Duration.ofMillis(50));
            long before = System.nanoTime();
            assertEquals(2, roundTrip(socket, 2));
            assertTrue(System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void throttles() throws IOException {
        try (Socket socket = connect()) {
            proxy.throttle(1000);
            long before = System.nanoTime();
            socket.getOutputStream().write(new byte[200]);
            for (int i = 0; i < 200; i++)
                assertEquals(0, socket.getInputStream().read());
            // Each direction takes 0.2 s, and the second begins with the first bytes of the first.
            assertTrue(System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(150));
        }
    }

    @Test
    void holdsADirectionAndLetsItGo() throws IOException {
        try (Socket socket = connect()) {
            proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
            socket.getOutputStream().write(2);
            socket.setSoTimeout(100);
            assertThrows(
                    SocketTimeoutException.class, () -> socket.getInputStream().read());
            proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
            socket.setSoTimeout(LIMIT_MILLIS);
            assertEquals(2, socket.getInputStream().read());
        }
    }

    @Test
    void refusesAndAcceptsAgainOnTheSamePort() throws IOException {
        int port = proxy.port();
        proxy.refuse(true);
        assertThrows(ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close());
        proxy.refuse(false);
        connect().close();
        assertEquals(port, proxy.port());
    }
}
