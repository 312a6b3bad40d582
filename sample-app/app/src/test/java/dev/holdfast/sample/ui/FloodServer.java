package dev.holdfast.sample.ui;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A server that sends one message again and again, at a fixed rate, and reads nothing. It is cheap: the client is measured. */
final class FloodServer implements AutoCloseable {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int BATCH = 100;

    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final AtomicLong sent = new AtomicLong();
    private final byte[] batch;
    private final int messagesInBatch;
    private final long betweenNanos;

    /** @param perSecond how many messages are sent per second; 0 for a single message */
    FloodServer(int length, int perSecond) throws IOException {
        messagesInBatch = perSecond == 0 ? 1 : BATCH;
        betweenNanos = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * BATCH / perSecond;
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < messagesInBatch; i++) frames.write(frame(length));
        batch = frames.toByteArray();
        Thread thread = new Thread(this::serve, "flood");
        thread.setDaemon(true);
        thread.start();
    }

    private static byte[] frame(int length) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x81);
        if (length < 126) {
            frame.write(length);
        } else if (length < 65_536) {
            frame.write(126);
            frame.write(length >> 8);
            frame.write(length);
        } else {
            frame.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) frame.write((int) ((long) length >> shift));
        }
        frame.write("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
        return frame.toByteArray();
    }

    String url() {
        return "ws://127.0.0.1:" + socket.getLocalPort() + "/";
    }

    /** How many messages have been written. */
    long sent() {
        return sent.get();
    }

    private void serve() {
        try (Socket client = socket.accept()) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            String key = "";
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
                    key = line.substring(18).trim();
            }
            OutputStream out = client.getOutputStream();
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            long begin = System.nanoTime();
            for (long i = 0; !socket.isClosed(); i++) {
                out.write(batch);
                sent.addAndGet(messagesInBatch);
                if (betweenNanos == 0) break;
                LockSupport.parkNanos(begin + (i + 1) * betweenNanos - System.nanoTime());
            }
            while (!socket.isClosed()) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
