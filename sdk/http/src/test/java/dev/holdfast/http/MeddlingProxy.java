package dev.holdfast.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A proxy in front of one server that does to requests what proxies do. Each request has a connection of its own. */
final class MeddlingProxy implements AutoCloseable {
    /** What becomes of an upgrade. */
    enum Upgrades {
        PASS,
        /** Answered with a page that says no. */
        FORBIDDEN,
        /** The header is dropped, so that the server gets an ordinary request. */
        STRIPPED,
        /** Answered with 101 and then cut. */
        CUT
    }

    volatile Upgrades upgrades = Upgrades.PASS;
    /** Whether requests other than upgrades get no answer. */
    volatile boolean drops;
    /** Whether an answer is passed on only when it is complete. */
    volatile boolean holdsBack;
    /** Whether polls count as uploads below. */
    volatile boolean meddlesWithPolls;
    /** Every so many uploads go to the server twice; 0 for none. */
    volatile int doubled;
    /** The answer to every so many uploads is lost; 0 for none. */
    volatile int lost;

    final AtomicInteger uploads = new AtomicInteger();
    final AtomicInteger doubledUploads = new AtomicInteger();
    final AtomicInteger lostAnswers = new AtomicInteger();
    final AtomicInteger refusedUpgrades = new AtomicInteger();

    private final int target;
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    MeddlingProxy(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        daemon(() -> {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                daemon(() -> serve(client));
            }
        });
    }

    String url() {
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/live";
    }

    /** Cuts every connection. */
    void cut() {
        open.forEach(MeddlingProxy::close);
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException | UncheckedIOException e) {
                // A connection has ended.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(Socket client) throws IOException {
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            String head = head(in);
            if (head == null) return;
            String low = head.toLowerCase(Locale.ROOT);
            if (low.contains("\r\nupgrade: websocket")) {
                upgrade(client, in, head);
                return;
            }
            byte[] body = in.readNBytes(length(low));
            if (drops) return;
            boolean isUpload = low.contains("\r\nholdfast-request:") || isPoll(low);
            int number = isUpload ? uploads.incrementAndGet() : 0;
            if (isUpload && doubled > 0 && number % doubled == 0) {
                doubledUploads.incrementAndGet();
                exchange(head, body, OutputStream.nullOutputStream());
            }
            if (isUpload && lost > 0 && number % lost == 0) {
                lostAnswers.incrementAndGet();
                exchange(head, body, OutputStream.nullOutputStream());
                return;
            }
            if (holdsBack) {
                ByteArrayOutputStream whole = new ByteArrayOutputStream();
                exchange(head, body, whole);
                whole.writeTo(client.getOutputStream());
            } else {
                exchange(head, body, client.getOutputStream());
            }
        } finally {
            open.remove(client);
        }
    }

    /** The first poll opens a connection, and is left alone. */
    private boolean isPoll(String lowHead) {
        return meddlesWithPolls && lowHead.contains("\r\nholdfast-poll:") && !lowHead.contains("\r\nholdfast-poll: 0");
    }

    private void upgrade(Socket client, InputStream in, String head) throws IOException {
        switch (upgrades) {
            case FORBIDDEN -> {
                refusedUpgrades.incrementAndGet();
                answer(client, "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno");
            }
            case STRIPPED -> {
                refusedUpgrades.incrementAndGet();
                exchange(head.replaceAll("(?i)\r\nUpgrade: websocket", ""), new byte[0], client.getOutputStream());
            }
            case CUT, PASS -> tunnel(client, in, head, upgrades == Upgrades.CUT);
        }
    }

    private static void answer(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void tunnel(Socket client, InputStream in, String head, boolean cut) throws IOException {
        try (Socket server = connect()) {
            server.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            if (cut) {
                String answer = head(new BufferedInputStream(server.getInputStream(), 1));
                refusedUpgrades.incrementAndGet();
                answer(client, String.valueOf(answer));
                return;
            }
            daemon(() -> {
                try {
                    in.transferTo(server.getOutputStream());
                } finally {
                    close(server);
                }
            });
            server.getInputStream().transferTo(client.getOutputStream());
        }
    }

    private Socket connect() throws IOException {
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        server.setTcpNoDelay(true);
        open.add(server);
        return server;
    }

    private void exchange(String head, byte[] body, OutputStream to) throws IOException {
        Socket server = connect();
        try (server) {
            String once =
                    head.replaceAll("(?i)\r\nConnection: [^\r]*", "").replaceFirst("\r\n", "\r\nConnection: close\r\n");
            server.getOutputStream().write(once.getBytes(StandardCharsets.ISO_8859_1));
            server.getOutputStream().write(body);
            InputStream answer = server.getInputStream();
            byte[] piece = new byte[8192];
            for (int n = answer.read(piece); n != -1; n = answer.read(piece)) {
                to.write(piece, 0, n);
                to.flush();
            }
        } finally {
            open.remove(server);
        }
    }

    private static @Nullable String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b == -1) return null;
            head.write(b);
            end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static int length(String lowHead) {
        int at = lowHead.indexOf("\r\ncontent-length:");
        if (at < 0) return 0;
        int from = at + "\r\ncontent-length:".length();
        return Integer.parseInt(
                lowHead.substring(from, lowHead.indexOf("\r\n", from)).trim());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
