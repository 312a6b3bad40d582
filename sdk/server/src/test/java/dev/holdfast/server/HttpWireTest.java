package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What throws under a connection over HTTP is reported and ends the connection. Nothing waits for ever. */
@Timeout(60)
class HttpWireTest {
    private static final String ATTEMPT = "a".repeat(22);

    private final Error failure = new InternalError("thrown by the container");
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final HoldfastServer server = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
            .onError(this::failed)
            .build();
    private final Exchange stream = new Exchange(Map.of("Holdfast-Attempt", ATTEMPT));
    private boolean reportThrows;

    private void failed(Throwable thrown) {
        failures.add(thrown);
        if (reportThrows) throw new InternalError("while reporting");
    }

    @BeforeEach
    void open() throws Exception {
        server.http().handle(stream, "{\"t\":\"open\"}");
        String written = "";
        while (!written.contains("\"live\"")) written += taken(stream.written);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        assertNotNull(next, "nothing came");
        return next;
    }

    private Exchange request(int number) {
        return new Exchange(Map.of("Holdfast-Attempt", ATTEMPT, "Holdfast-Request", String.valueOf(number)));
    }

    private void send(Exchange request, String body) {
        server.http().handle(request, body);
    }

    private void expectEnd() throws Exception {
        assertSame(failure, taken(failures));
        assertEquals("failed", taken(stream.ends));
        Exchange next = request(2);
        send(next, "[]");
        assertEquals(410, taken(next.statuses));
    }

    @Test
    void anAnswerThatThrowsEndsTheConnection() throws Exception {
        Exchange request = request(1);
        request.throwing = true;
        send(request, "[]");
        expectEnd();
    }

    @Test
    void aWriteThatThrowsEndsTheConnection() throws Exception {
        stream.throwing = true;
        Exchange request = request(1);
        send(request, "[{\"ping\":1}]");
        // 204 if the thread that has written the welcome is still about to look for more, and writes the pong as well.
        int status = taken(request.statuses);
        assertTrue(status == 410 || status == 204, "HTTP " + status);
        expectEnd();
    }

    @Test
    void theConnectionEndsEvenIfTheReportThrows() throws Exception {
        reportThrows = true;
        Exchange request = request(1);
        request.throwing = true;
        send(request, "[]");
        expectEnd();
    }

    @Test
    void anEndThatThrowsIsReported() throws Exception {
        stream.failing = true;
        Exchange request = request(1);
        request.throwing = true;
        send(request, "[]");
        assertSame(failure, taken(failures));
        assertSame(failure, taken(failures));
    }

    /** The opening of a connection may be doubled and delayed on its way, and a later request overtake it. */
    @Test
    void aRequestOutOfTurnWhileItOpensEndsTheConnection() throws Exception {
        String attempt = "b".repeat(22);
        Exchange early = new Exchange(Map.of("Holdfast-Attempt", attempt, "Holdfast-Request", "5"));
        Exchange opening = new Exchange(Map.of("Holdfast-Attempt", attempt));
        BlockingQueue<ServerConnection> opened = new LinkedBlockingQueue<>();
        opening.onOpened = connection -> {
            opened.add(connection);
            send(early, "[]");
        };
        server.http().handle(opening, "{\"t\":\"open\"}");
        assertEquals(409, taken(early.statuses));
        assertEquals("failed", taken(opening.ends));
        ServerConnection connection = taken(opened);
        connection.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertNull(connection.session());
        assertTrue(opening.written.isEmpty());
    }

    /** A request whose answer throws if the test says so. */
    private final class Exchange implements HttpExchange {
        final BlockingQueue<Integer> statuses = new LinkedBlockingQueue<>();
        final BlockingQueue<String> written = new LinkedBlockingQueue<>();
        final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        volatile boolean throwing;
        volatile boolean failing;
        volatile Consumer<ServerConnection> onOpened = connection -> {};
        private final Map<String, String> headers;

        Exchange(Map<String, String> headers) {
            this.headers = headers;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }

        @Override
        public void onOpened(ServerConnection connection) {
            onOpened.accept(connection);
        }

        @Override
        public void respond(int status, @Nullable String contentType, String body) {
            if (throwing) throw failure;
            statuses.add(status);
        }

        @Override
        public void write(boolean last, byte[] events, SendCallback callback) {
            if (throwing) throw failure;
            // In this order, so that a test that has seen a write knows it is over.
            callback.succeeded();
            written.add(new String(events, StandardCharsets.UTF_8));
        }

        @Override
        public void fail() {
            if (failing) throw failure;
            ends.add("failed");
        }
    }
}
