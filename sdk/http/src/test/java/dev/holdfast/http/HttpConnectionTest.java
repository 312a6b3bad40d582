package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.internal.frame.ProtocolViolation;
import dev.holdfast.internal.frame.Utf8Text;
import dev.holdfast.internal.message.CloseStatus;
import dev.holdfast.internal.transport.Connection;
import dev.holdfast.internal.transport.ConnectionListener;
import dev.holdfast.internal.transport.ConnectionSettings;
import dev.holdfast.internal.transport.OkHttpTransport;
import dev.holdfast.internal.transport.ReadGate;
import dev.holdfast.internal.transport.TransportException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract that the session relies on, which the core's tests check for WebSockets. The server echoes each member of a request as an event,
 * and does what the texts {@code "close"}, {@code "break"} and {@code "end"} say.
 */
@Timeout(60)
class HttpConnectionTest {
    private static final int PATIENCE_SECONDS = 20;
    private static final int ROUNDS = 20_000;
    /** The data of two events, and of one over the limit. */
    private static final String SHORT_THEN_LONG = "[\"a\"]\n\ndata: [\"b\"]\n\ndata: \"" + "x".repeat(1000) + "\"";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final Recorder recorder = new Recorder();
    private final List<Long> uploads = new CopyOnWriteArrayList<>();
    private volatile int greetingStatus = 200;
    private volatile int uploadStatus = 204;
    /** The statuses of the next uploads; {@code uploadStatus} after them. */
    private final Queue<Integer> nextStatuses = new ConcurrentLinkedQueue<>();

    /** The connections of the openings that came, each with the ones that it takes the place of. */
    private final List<String> openings = new CopyOnWriteArrayList<>();

    private volatile boolean streams = true;
    private volatile boolean greets = true;

    /** The status of the answer to an opening. */
    private volatile int openingStatus = 200;

    private volatile OutputStream stream = OutputStream.nullOutputStream();
    /** The header of the requests that an interceptor keeps until it is released. */
    private volatile String kept = "";

    /** Whether an interceptor answers uploads with 413. */
    private volatile boolean refusesEarly;

    private final CountDownLatch keeps = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final CountDownLatch returned = new CountDownLatch(1);

    HttpConnectionTest() throws IOException {
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
        timer.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (exchange.getRequestHeaders().containsKey("Holdfast-Request")) {
            uploads.add(System.nanoTime());
            Integer next = nextStatuses.poll();
            int status = next == null ? uploadStatus : next;
            if (status == 204) echo(body.substring(1, body.length() - 1));
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        } else if (exchange.getRequestHeaders().containsKey("Holdfast-Poll")) {
            boolean isFirst =
                    exchange.getRequestHeaders().getFirst("Holdfast-Poll").equals("0");
            if (isFirst) opened(exchange);
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            String lines = "data: " + (isFirst ? body : SHORT_THEN_LONG);
            exchange.getResponseBody().write((lines + "\n\n").getBytes(StandardCharsets.UTF_8));
            exchange.close();
        } else if (exchange.getRequestHeaders().containsKey("Holdfast-Attempt")) {
            opened(exchange);
            if (!streams) return;
            if (openingStatus != 200) {
                exchange.sendResponseHeaders(openingStatus, -1);
                exchange.close();
                return;
            }
            exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            stream = exchange.getResponseBody();
            event("data: " + body);
        } else if (greets) {
            exchange.sendResponseHeaders(greetingStatus, 0);
            exchange.getResponseBody().write("[\"resume.v1.json\"]".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        }
    }

    private void opened(HttpExchange exchange) {
        String instead = exchange.getRequestHeaders().getFirst("Holdfast-Instead");
        openings.add(exchange.getRequestHeaders().getFirst("Holdfast-Attempt")
                + (instead == null ? "" : " instead of " + instead));
    }

    private void event(String lines) throws IOException {
        OutputStream out = stream;
        synchronized (this) {
            out.write((lines + "\n\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    private void echo(String members) throws IOException {
        for (String member : members.split(",(?=[{\\[\"])", -1)) {
            if (member.equals("[\"close\"]")) event("event: close\ndata: 4000 so");
            else if (member.equals("[\"break\"]")) event("event: pong\ndata: x");
            else if (member.equals("[\"end\"]")) stream.close();
            else if (member.startsWith("{\"ping\":")) event("event: pong\ndata: " + member.replaceAll("\\D", ""));
            else if (member.startsWith("{\"close\":1000")) event("event: close\ndata: 1000 bye");
            else if (member.startsWith("\"")) event("event: binary\ndata: " + member.replace("\"", ""));
            else event("data: " + member);
        }
    }

    private HttpTransport transport(long connectTimeoutMillis) {
        return new HttpTransport(new OkHttpTransport(
                new OkHttpClient.Builder().addInterceptor(this::intercept).build(),
                "resume.v1.json",
                ConnectionSettings.of(TimeUnit.MILLISECONDS.toNanos(connectTimeoutMillis), 1000),
                threads,
                (task, nanos) -> {
                    Future<?> scheduled = timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
                    return () -> scheduled.cancel(false);
                },
                System::nanoTime,
                new Random(1)));
    }

    /** An interceptor that sleeps, which nothing can cancel. */
    private Response intercept(Interceptor.Chain chain) throws IOException {
        if (refusesEarly && chain.request().header("Holdfast-Request") != null) {
            return new Response.Builder()
                    .request(chain.request())
                    .protocol(Protocol.HTTP_1_1)
                    .code(413)
                    .message("")
                    .body(ResponseBody.create("", null))
                    .build();
        }
        if (kept.isEmpty() || chain.request().header(kept) == null) return chain.proceed(chain.request());
        keeps.countDown();
        boolean done = false;
        while (!done) {
            try {
                released.await();
                done = true;
            } catch (InterruptedException e) {
                // As one that does not listen.
            }
        }
        try {
            return chain.proceed(chain.request());
        } finally {
            returned.countDown();
        }
    }

    private Request request() {
        return new Request.Builder()
                .url("http://127.0.0.1:" + server.getAddress().getPort() + "/")
                .build();
    }

    private Connection open() {
        return open(transport(15_000));
    }

    private Connection open(HttpTransport transport) {
        Connection connection = transport.open(request(), recorder);
        await(() -> !recorder.events().isEmpty());
        assertEquals(List.of("open"), recorder.events());
        connection.sendText("{}", 2);
        await(() -> recorder.events().contains("text {}") && recorder.written.get() == 1);
        return connection;
    }

    private static void await(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) fail("waited in vain");
            Thread.onSpinWait();
        }
    }

    private void end(Connection connection) {
        connection.cancel();
        await(recorder::hasEnded);
        assertEquals("failed SESSION: cancelled", recorder.last());
    }

    @Test
    void messagesKeepTheirKindAndOrder() {
        Connection connection = open();
        List<String> expected = new ArrayList<>(List.of("open", "text {}"));
        for (int i = 0; i < 100; i++) {
            assertTrue(connection.sendText("[\"t" + i + "\"]", 6));
            assertTrue(connection.sendBinary(ByteString.of((byte) i)));
            expected.add("text [\"t" + i + "\"]");
            expected.add("binary " + ByteString.of((byte) i).hex());
        }
        await(() -> recorder.events().size() == 202 && recorder.written.get() == 201);
        assertEquals(expected, recorder.events());
        end(connection);
    }

    /** It may still come to the server, which must not let it take the session. */
    @Test
    void anOpeningThatWasGivenUpIsNamedUntilAnotherHasSucceeded() {
        streams = false;
        HttpTransport transport = transport(15_000);
        // The server keeps the stream's opening, and answers the poll's.
        openingEnds(transport, "{\"t\":\"welcome\"}");
        assertEquals(2, openings.size());
        String stream = openings.get(0);
        assertTrue(openings.get(1).endsWith(" instead of " + stream), openings.toString());

        Recorder second = new Recorder();
        Connection cancelled = transport.open(request(), second);
        await(() -> second.events().contains("open"));
        cancelled.sendText("{}", 2);
        await(() -> openings.size() == 3);
        cancelled.cancel();
        await(second::hasEnded);

        streams = true;
        Recorder third = new Recorder();
        Connection last = transport.open(request(), third);
        await(() -> third.events().contains("open"));
        last.sendText("{}", 2);
        await(() -> third.events().contains("text {}"));
        List<String> givenUp = openings.subList(2, openings.size() - 1).stream()
                .map(opening -> opening.replaceAll(" .*", ""))
                .toList();
        String newest = openings.get(openings.size() - 1);
        assertTrue(newest.endsWith(" instead of " + String.join(",", givenUp)), openings.toString());
        last.cancel();
        await(third::hasEnded);
    }

    private void openingEnds(HttpTransport transport, String body) {
        Recorder events = new Recorder();
        int before = openings.size();
        Connection connection = transport.open(request(), events);
        await(() -> events.events().contains("open"));
        connection.sendText(body, body.length());
        await(() -> openings.size() > before
                && (openingStatus != 200 || events.events().contains("text " + body)));
        if (openingStatus == 200) connection.cancel();
        await(events::hasEnded);
    }

    /** The server may be another one, or may have begun anew, when the next opening comes. */
    @Test
    void anErrorDoesNotMakeTheClientForgetWhatItHasGivenUp() {
        HttpTransport transport = transport(15_000);
        transport.gaveUp("X");
        openingEnds(transport, "{\"t\":\"error\",\"message\":\"no \\\"welcome\\\"\"}");
        assertEquals("X", transport.givenUp());
        openingEnds(transport, "{\"t\":\"welcome\"}");
        assertEquals("", transport.givenUp());
    }

    /** Otherwise it would take the place of one that may still come. */
    @Test
    void anOpeningThatWasRefusedIsNotNamed() {
        HttpTransport transport = transport(15_000);
        for (int status : new int[] {301, 400, 401, 403, 413, 429, 500}) {
            openingStatus = status;
            openingEnds(transport, "{}");
            assertEquals("", transport.givenUp(), () -> "after " + openingStatus);
        }
        for (int status : new int[] {409, 502, 503, 504}) {
            openingStatus = status;
            openingEnds(transport, "{}");
            assertEquals(openings.get(openings.size() - 1), transport.givenUp(), () -> "after " + openingStatus);
            transport.replaced(transport.givenUp());
        }
    }

    @Test
    void pingsAreAnsweredWithTheirPayload() {
        Connection connection = open();
        connection.sendPing(ByteString.encodeUtf8("p"));
        await(() -> recorder.events().contains("pong 70") && recorder.pingsWritten.get() == 1);
        connection.sendPing(ByteString.encodeUtf8("q"));
        await(() -> recorder.events().contains("pong 71"));
        assertEquals(1, recorder.written.get());
        end(connection);
    }

    @Test
    void closedByUsAfterWhatIsQueued() {
        Connection connection = open();
        connection.sendText("[\"last\"]", 8);
        assertTrue(connection.close(CloseStatus.of(1000, "bye")));
        assertFalse(connection.sendText("[\"late\"]", 8));
        assertFalse(connection.close(CloseStatus.of(1000, "bye")));
        await(recorder::hasEnded);
        assertEquals(List.of("open", "text {}", "text [\"last\"]", "closed 1000 bye"), recorder.events());
    }

    @Test
    void closedByTheServer() {
        Connection connection = open();
        connection.sendText("[\"close\"]", 9);
        await(recorder::hasEnded);
        assertEquals(List.of("open", "text {}", "closing 4000 so", "closed 4000 so"), recorder.events());
        assertFalse(connection.sendText("[\"late\"]", 8));
    }

    @Test
    void aServerThatBreaksTheProtocolIsLeft() {
        open().sendText("[\"break\"]", 9);
        await(recorder::hasEnded);
        assertEquals("failed SESSION: a pong without a number", recorder.last());
    }

    @Test
    void aStreamThatEndsIsALostConnection() {
        open().sendText("[\"end\"]", 7);
        await(recorder::hasEnded);
        assertEquals("failed SESSION: the stream of events ended without a close", recorder.last());
    }

    @Test
    void aConnectionThatTheServerForgotIsLost() {
        Connection connection = open();
        uploadStatus = 410;
        connection.sendText("[\"t\"]", 5);
        await(recorder::hasEnded);
        assertEquals("failed SESSION: the server does not have the connection any more (HTTP 410)", recorder.last());
    }

    /** The server may end the session, and close, before the client's close has arrived. */
    @Test
    void aCloseThatMeetsTheServersOwnEndsAsTheServerSays() throws Exception {
        Connection connection = open();
        uploadStatus = 410;
        assertTrue(connection.close(CloseStatus.of(1000, "")));
        await(() -> !uploads.isEmpty());
        // The answer is there before the server's close.
        TimeUnit.MILLISECONDS.sleep(300);
        event("event: close\ndata: 1000 ended");
        await(recorder::hasEnded);
        assertEquals("closed 1000 ended", recorder.last());
    }

    @Test
    void aRequestIsSentAgainUntilTheProxyLetsItThrough() {
        Connection connection = open();
        uploadStatus = 502;
        connection.sendText("[\"t\"]", 5);
        await(() -> !uploads.isEmpty());
        uploadStatus = 204;
        await(() -> recorder.events().contains("text [\"t\"]"));
        end(connection);
    }

    @Test
    void aMessageThatIsTooLongEndsTheConnectionAsOverAWebSocket() {
        nextStatuses.add(413);
        open().sendText("{\"t\":\"msg\"}", 11);
        await(recorder::hasEnded);
        assertEquals("closed 1009 HTTP 413 for a request of 13 bytes", recorder.last());
        assertEquals(1, uploads.size());
    }

    /** The server may have taken the first request. */
    @Test
    void aMessageThatIsTooLongWhenItIsSentAgainLosesTheConnection() {
        nextStatuses.addAll(List.of(502, 413));
        open().sendText("{\"t\":\"msg\"}", 11);
        await(recorder::hasEnded);
        assertEquals(
                "failed SESSION: a request of 13 bytes was refused with HTTP 413 when it was sent again",
                recorder.last());
        assertEquals(2, uploads.size());
    }

    /** It says nothing about any message of the application. */
    @ParameterizedTest
    @ValueSource(strings = {"[{\"t\":\"msg\"},{\"t\":\"msg\"}]", "{\"t\":\"ack\"}", "{\"t\":\"auth\"}"})
    void anotherFrameThatIsTooLongLosesTheConnection(String frame) {
        nextStatuses.add(413);
        open().sendText(frame, frame.length());
        await(recorder::hasEnded);
        assertEquals(
                "failed SESSION: a request of " + (frame.length() + 2) + " bytes was refused with HTTP 413",
                recorder.last());
    }

    @Test
    void aPingThatIsTooLongLosesTheConnection() {
        nextStatuses.add(413);
        open().sendPing(ByteString.encodeUtf8("p"));
        await(recorder::hasEnded);
        assertEquals("failed SESSION: a request of 12 bytes was refused with HTTP 413", recorder.last());
    }

    /** The session takes the message that was written last for the one that was refused. */
    @Test
    void aMessageThatIsRefusedBeforeAllOfItIsWrittenIsReportedAsWritten() {
        Connection connection = open();
        refusesEarly = true;
        connection.sendText("{\"t\":\"msg\"}", 11);
        await(recorder::hasEnded);
        assertEquals("closed 1009 HTTP 413 for a request of 13 bytes", recorder.last());
        assertEquals(2, recorder.written.get());
        assertEquals(0, uploads.size());
    }

    @Test
    void aBinaryMessageThatIsTooLongEndsTheConnectionAsOverAWebSocket() {
        nextStatuses.add(413);
        open().sendBinary(ByteString.of(new byte[3]));
        await(recorder::hasEnded);
        assertEquals("closed 1009 HTTP 413 for a request of 8 bytes", recorder.last());
    }

    @Test
    void cancelWhileOpening() {
        greets = false;
        Connection connection = transport(15_000).open(request(), recorder);
        connection.cancel();
        await(recorder::hasEnded);
        assertEquals(List.of("failed UPGRADE: cancelled"), recorder.events());
        assertFalse(connection.sendText("{}", 2));
    }

    @Test
    void theEndDoesNotWaitForAnUploadThatCannotBeCancelled() throws Exception {
        Connection connection = open();
        kept = "Holdfast-Request";
        connection.sendText("[\"kept\"]", 8);
        assertTrue(keeps.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        stream.close();
        await(recorder::hasEnded);
        assertEquals("failed SESSION: the stream of events ended without a close", recorder.last());
        released.countDown();
        assertTrue(returned.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        threads.shutdown();
        assertTrue(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(1, recorder.written.get());
        assertEquals(3, recorder.events().size(), recorder.events().toString());
    }

    @Test
    void theEndDoesNotWaitForAStreamThatCannotBeOpened() throws Exception {
        kept = "Holdfast-Attempt";
        Connection connection = transport(15_000).open(request(), recorder);
        await(() -> !recorder.events().isEmpty());
        connection.sendText("{}", 2);
        assertTrue(keeps.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        connection.cancel();
        await(recorder::hasEnded);
        released.countDown();
        assertTrue(returned.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        threads.shutdown();
        assertTrue(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(List.of("open", "failed SESSION: cancelled"), recorder.events());
    }

    @Test
    void aWelcomeThatComesAsTheStreamIsGivenUpCountsForOneOfThem() throws Exception {
        HttpTransport transport = transport(15_000);
        Connection connection = transport.connection(request(), recorder, 1);
        AtomicReference<Downloads> next = new AtomicReference<>();
        AtomicInteger rounds = new AtomicInteger();
        boolean[] givenUp = new boolean[1];
        Future<?> timer = threads.submit(() -> {
            for (int i = 1; i <= ROUNDS; i++) {
                Downloads downloads = null;
                while (downloads == null) downloads = next.getAndSet(null);
                givenUp[0] = downloads.giveUp();
                rounds.set(i);
            }
        });
        Buffer welcome = new Buffer();
        for (int i = 1; i <= ROUNDS; i++) {
            Recorder reports = new Recorder();
            Downloads downloads = new Downloads(
                    (HttpConnection) connection, transport, request(), reports, new ReadGate(System::nanoTime));
            next.set(downloads);
            // A moment that differs from round to round.
            for (int wait = i % 100; wait > 0; wait--) Thread.onSpinWait();
            downloads.onEvent("", welcome.writeUtf8("welcome"), null);
            welcome.clear();
            while (rounds.get() < i) Thread.onSpinWait();
            assertEquals(givenUp[0], reports.events().isEmpty());
        }
        timer.get();
    }

    @Test
    void aGreetingThatIsNotAnsweredHasALimit() {
        greets = false;
        transport(200).open(request(), recorder);
        await(recorder::hasEnded);
        assertEquals(List.of("failed UPGRADE: no answer to the greeting over HTTP within 200 ms"), recorder.events());
    }

    @Test
    void refused() {
        greetingStatus = 403;
        transport(15_000).open(request(), recorder);
        await(recorder::hasEnded);
        assertEquals(List.of("failed UPGRADE: greeting over HTTP refused with HTTP 403"), recorder.events());
    }

    @Test
    void nothingIsReportedWhileReadingIsPaused() {
        Connection connection = open();
        connection.setReading(false);
        // One piece may have been on its way into the reader already.
        connection.sendText("[\"a\"]", 5);
        await(() -> recorder.written.get() == 2);
        connection.sendText("[\"b\"]", 5);
        await(() -> recorder.written.get() == 3);
        long before = connection.lastInboundAt();
        await(() -> connection.lastInboundAt() > before);
        assertFalse(recorder.events().contains("text [\"b\"]"));
        connection.setReading(true);
        await(() -> recorder.events().contains("text [\"b\"]"));
        end(connection);
    }

    @Test
    void tooLongAMessageEndsIt() throws IOException {
        open();
        event("data: \"" + "x".repeat(1000) + "\"");
        await(recorder::hasEnded);
        assertEquals("failed SESSION: a message of 1002 bytes, and at most 1000 are allowed", recorder.last());
    }

    @Test
    void whatComesBeforeTooLongAMessageIsReported() throws IOException {
        open();
        event("data: " + SHORT_THEN_LONG);
        assertShortsThenFailure();
    }

    @Test
    void whatComesBeforeTooLongAMessageOfAPollIsReported() {
        HttpTransport polling = transport(15_000);
        polling.streamWasHeldBack();
        polling.streamWasHeldBack();
        open(polling);
        assertShortsThenFailure();
    }

    private void assertShortsThenFailure() {
        await(recorder::hasEnded);
        assertEquals(
                List.of(
                        "open",
                        "text {}",
                        "text [\"a\"]",
                        "text [\"b\"]",
                        "failed SESSION: a message of 1002 bytes, and at most 1000 are allowed"),
                recorder.events());
    }

    private static final class Recorder implements ConnectionListener {
        private final List<String> events = new ArrayList<>();
        final AtomicInteger written = new AtomicInteger();
        final AtomicInteger pingsWritten = new AtomicInteger();
        /** The number of messages that a session would not have taken yet. */
        private int gathered;

        synchronized List<String> events() {
            return new ArrayList<>(events);
        }

        synchronized String last() {
            return events.get(events.size() - 1);
        }

        private synchronized void add(String event) {
            events.add(hasEnded() ? "after the end: " + event : event);
        }

        private synchronized void gather(String message) {
            gathered++;
            add(message);
        }

        private synchronized String dropped() {
            return gathered == 0 ? "" : " (with " + gathered + " messages dropped)";
        }

        @Override
        public synchronized void onWaiting() {
            gathered = 0;
        }

        synchronized boolean hasEnded() {
            return events.stream().anyMatch(event -> event.startsWith("closed") || event.startsWith("failed"));
        }

        @Override
        public void onOpen(Connection connection) {
            add("open");
        }

        @Override
        public void onText(Utf8Text text) throws ProtocolViolation {
            gather("text " + text.string());
        }

        @Override
        public void onBinary(ByteString bytes) {
            gather("binary " + bytes.hex());
        }

        @Override
        public void onPong(ByteString payload) {
            add("pong " + payload.hex());
        }

        @Override
        public void onWritten(int messages) {
            written.addAndGet(messages);
        }

        @Override
        public void onPingWritten() {
            pingsWritten.incrementAndGet();
        }

        @Override
        public void onClosing(CloseStatus status) {
            add("closing " + status + dropped());
        }

        @Override
        public void onClosed(CloseStatus status) {
            add("closed " + status + dropped());
        }

        @Override
        public void onFailed(TransportException failure) {
            add("failed " + failure.phase() + ": " + failure.getMessage() + dropped());
        }
    }
}
