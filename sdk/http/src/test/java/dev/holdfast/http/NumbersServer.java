package dev.holdfast.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server with a history of numbered events, which says what comes after {@code Last-Event-ID} or {@code after}. Its answers end in
 * order, or in the middle of an event.
 */
final class NumbersServer implements AutoCloseable {
    private static final int MAX_IN_ANSWER = 400;

    final AtomicInteger cuts = new AtomicInteger();
    private final int count;
    private final Random random;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int port;
    private HttpServer server;

    NumbersServer(int count, long seed) throws IOException {
        this.count = count;
        this.random = new Random(seed);
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    private HttpServer listen(int wanted) throws IOException {
        HttpServer made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
        made.setExecutor(threads);
        made.createContext("/events", this::events);
        made.createContext("/latest", this::latest);
        made.start();
        return made;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    void restart() throws IOException {
        server.stop(0);
        server = listen(port);
    }

    private int random(int bound) {
        synchronized (random) {
            return random.nextInt(bound);
        }
    }

    private void events(HttpExchange exchange) throws IOException {
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        int from = last == null ? 1 : Integer.parseInt(last) + 1;
        int to = Math.min(count, from + random(MAX_IN_ANSWER));
        StringBuilder answer = new StringBuilder("\ufeff: numbers\nretry: 1\n\n");
        String end = new String[] {"\n", "\r\n", "\r"}[random(3)];
        for (int i = from; i <= to; i++) {
            answer.append("id: ").append(i).append(end).append("event: number").append(end);
            answer.append("data: ")
                    .append(i)
                    .append(end)
                    .append("data:é")
                    .append(end)
                    .append(end);
        }
        answer(exchange, "text/event-stream", answer.toString());
    }

    /** One number in JSON. */
    private void latest(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getQuery();
        int next = query == null ? 1 : Integer.parseInt(query.substring("after=".length())) + 1;
        if (next > count) {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
            return;
        }
        answer(exchange, "application/json", "{\"id\":" + next + "}");
    }

    private void answer(HttpExchange exchange, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean cut = random(3) == 0;
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.write(bytes, 0, cut ? random(bytes.length) : bytes.length);
        out.flush();
        if (cut) {
            cuts.incrementAndGet();
            // The server then closes the connection, in the middle of the answer.
            throw new IOException("cut");
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
