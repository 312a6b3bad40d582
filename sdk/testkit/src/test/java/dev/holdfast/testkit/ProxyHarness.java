package dev.holdfast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A proxy, an echo server behind it, and sockets that are closed when the test is over. */
abstract class ProxyHarness {
    private static final int PATIENCE_MILLIS = 10_000;

    /** How long silence has to last to be believed. */
    static final int SILENCE_MILLIS = 150;

    private final List<Socket> sockets = new ArrayList<>();
    EchoServer echo;
    FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        echo = new EchoServer();
        proxy = FaultProxy.start(echo.port());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        proxy.close();
        echo.close();
    }

    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        sockets.add(socket);
        return socket;
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    static void assertHears(Socket socket, String text) throws IOException {
        byte[] heard = new byte[text.length()];
        new DataInputStream(socket.getInputStream()).readFully(heard);
        assertEquals(text, new String(heard, StandardCharsets.US_ASCII));
    }

    static void echoes(Socket socket, String text) throws IOException {
        send(socket, text);
        assertHears(socket, text);
    }

    static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    static void assertReset(Socket socket) {
        assertThrows(SocketException.class, () -> socket.getInputStream().read());
    }

    String event() throws InterruptedException {
        return String.valueOf(echo.events.poll(10, TimeUnit.SECONDS));
    }

    void assertEvents(String... expected) throws InterruptedException {
        for (String event : expected) {
            assertEquals(event, event());
        }
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "did not come true");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    /** Writes in the background, as the write may well block. */
    static CompletableFuture<Void> sending(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Like {@link #sending}, and then ends the stream. */
    static CompletableFuture<Void> sendingAndEnding(Socket socket, byte[] bytes) {
        return sending(socket, bytes).thenRun(() -> {
            try {
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
