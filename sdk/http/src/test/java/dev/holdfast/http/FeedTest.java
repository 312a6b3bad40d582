package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Carrier;
import dev.holdfast.ClientState;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.ResumeFrom;
import dev.holdfast.Session;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Server-sent events and polls, answer by answer. */
@Timeout(120)
class FeedTest {
    private static final Session EVENTS = Session.resumeFrom(ResumeFrom.eventId());
    private static final Carrier POLLING = Carriers.polling(Duration.ofMillis(1));

    private final MockWebServer server = new MockWebServer();
    private final FeedHarness harness = new FeedHarness();

    @BeforeEach
    void start() throws Exception {
        server.start();
    }

    @AfterEach
    void stop() {
        harness.close();
        server.close();
    }

    private String url() {
        return server.url("/feed").toString();
    }

    private static MockResponse.Builder events(String body) {
        return new MockResponse.Builder()
                .code(200)
                .addHeader("Content-Type", "text/event-stream; charset=utf-8")
                .body(body);
    }

    private static MockResponse.Builder answer(int status, String... headers) {
        MockResponse.Builder answer = new MockResponse.Builder().code(status);
        for (int i = 0; i < headers.length; i += 2) answer.addHeader(headers[i], headers[i + 1]);
        return answer;
    }

    /** An answer after which nothing is expected for a while. */
    private void enqueueSilence() {
        server.enqueue(events("").headersDelay(1, TimeUnit.HOURS).build());
    }

    /** Gives these answers, then none. Returns the moments of the requests, each before its answer began. */
    private List<Long> answerInTurn(MockResponse... answers) {
        List<Long> asked = new CopyOnWriteArrayList<>();
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                asked.add(System.nanoTime());
                return asked.size() <= answers.length
                        ? answers[asked.size() - 1]
                        : events("").headersDelay(1, TimeUnit.HOURS).build();
            }
        });
        return asked;
    }

    private static void assertApart(long millis, long one, long other) {
        assertTrue(other - one >= TimeUnit.MILLISECONDS.toNanos(millis), (other - one) + " ns");
    }

    private RecordedRequest request() throws Exception {
        RecordedRequest request = server.takeRequest(60, TimeUnit.SECONDS);
        assertTrue(request != null, "no request");
        return request;
    }

    @Test
    void theLastIdGoesBackAsTheStandardSays() throws Exception {
        server.enqueue(
                events("retry: 1\n\nid: é 7\ndata: one\ndata\n\ndata: without\n\nid: no\0pe\ndata: two\n\nid: cut")
                        .build());
        server.enqueue(events("id: 9\n\n").build());
        server.enqueue(events("id:\ndata: reset\n\n").build());
        enqueueSilence();
        HoldfastClient client = harness.connect(url(), Carriers.events(), EVENTS);
        Message one = harness.next();
        assertEquals("one\n", one.text());
        assertEquals("é 7", one.id());
        Message without = harness.next();
        assertEquals("without", without.text());
        assertNull(without.id());
        assertEquals("two", harness.next().text());
        assertEquals("reset", harness.next().text());
        RecordedRequest first = request();
        assertEquals("text/event-stream", first.getHeaders().get("Accept"));
        assertNull(first.getHeaders().get("Last-Event-ID"));
        assertEquals("é 7", request().getHeaders().get("Last-Event-ID"));
        assertEquals("9", request().getHeaders().get("Last-Event-ID"));
        assertNull(request().getHeaders().get("Last-Event-ID"));
        assertEquals(List.of(), harness.failures);
        assertEquals(ClientState.OPEN, client.state());
        assertTrue(client.opened().get(60, TimeUnit.SECONDS).isOverHttp());
    }

    private static MockResponse cut(String body) {
        return events(body)
                .setHeader("Content-Length", "500")
                .onResponseEnd(new SocketEffect.CloseSocket())
                .build();
    }

    @Test
    void aPositionWithoutAMessageOutlivesTheConnection() throws Exception {
        server.enqueue(cut("retry: 1\nid: 1\ndata: one\n\nid: 2\n\nid: 3"));
        server.enqueue(cut("id:\n\nid: 4\ndata: never ended\n"));
        server.enqueue(events("id: 1\ndata: again\n\nid: 2\ndata: two\n\n").build());
        enqueueSilence();
        harness.connect(url(), Carriers.events(), EVENTS);
        assertEquals("one", harness.next().text());
        assertEquals("two", harness.next().text());
        assertNull(request().getHeaders().get("Last-Event-ID"));
        assertEquals("2", request().getHeaders().get("Last-Event-ID"));
        assertNull(request().getHeaders().get("Last-Event-ID"));
        assertEquals(2, harness.failures.size());
    }

    @Test
    void aClientStartsAfterAnIdOfItsOwn() throws Exception {
        enqueueSilence();
        harness.connect(
                url(),
                Carriers.events(),
                Session.resumeFrom(ResumeFrom.eventId().withStart("41")));
        assertEquals("41", request().getHeaders().get("Last-Event-ID"));
    }

    @Test
    void nothingCanBeSent() throws Exception {
        enqueueSilence();
        HoldfastClient client = harness.connect(url(), Carriers.events(), EVENTS);
        Delivery delivery = client.send("hello");
        Outcome outcome = delivery.outcome().get(60, TimeUnit.SECONDS);
        assertEquals(Outcome.Kind.REJECTED, outcome.kind());
        assertEquals(Outcome.Reason.READ_ONLY, outcome.reason());
        assertEquals(0, client.bufferedAmount());
        assertThrows(IllegalStateException.class, () -> client.onSessionStart("name", "hello"));
        assertThrows(ExecutionException.class, () -> client.ping().get(60, TimeUnit.SECONDS));
    }

    @Test
    void http204Stops() throws Exception {
        server.enqueue(events("retry: 1\ndata: one\n\n").build());
        server.enqueue(answer(204).build());
        HoldfastClient client = harness.connect(url(), Carriers.events(), EVENTS);
        assertEquals("one", harness.next().text());
        harness.await("stop", () -> client.state() == ClientState.IDLE && !harness.failures.isEmpty());
        assertEquals(204, harness.failures.get(0).httpStatus());
        assertFalse(harness.failures.get(0).willRetry());
    }

    @Test
    void whatIsNoStreamOfEventsIsNamed() throws Exception {
        server.enqueue(answer(200, "Content-Type", "text/html").body("hello").build());
        server.enqueue(events("data: at last\n\n").build());
        enqueueSilence();
        harness.connect(url(), Carriers.events(), EVENTS);
        assertEquals("at last", harness.next().text());
        assertTrue(
                harness.failures
                        .get(0)
                        .toString()
                        .contains("is not a stream of events (text/event-stream) but text/html"),
                harness.failures.toString());
    }

    @Test
    void theServersRetryIsWaitedFor() throws Exception {
        List<Long> asked = answerInTurn(
                events("retry: 300\n\ndata: one\n\n").build(),
                events("data: two\n\n").build());
        harness.connect(url(), Carriers.events(), EVENTS);
        assertEquals("one", harness.next().text());
        assertEquals("two", harness.next().text());
        assertApart(300, asked.get(0), asked.get(1));
    }

    @Test
    void aStaleIdIsForgotten() throws Exception {
        server.enqueue(events("retry: 1\nid: 1\ndata: one\n\n").build());
        server.enqueue(answer(410).build());
        server.enqueue(events("id: 7\ndata: seven\n\n").build());
        enqueueSilence();
        harness.connect(
                url(),
                Carriers.events(),
                Session.resumeFrom(ResumeFrom.eventId().withStaleCodes(410)));
        assertEquals("one", harness.next().text());
        assertEquals("seven", harness.next().text());
        assertEquals("stale", harness.losses.get(0).reason());
        request();
        assertEquals("1", request().getHeaders().get("Last-Event-ID"));
        assertNull(request().getHeaders().get("Last-Event-ID"));
    }

    @Test
    void tooLongAnEventEndsTheConnection() throws Exception {
        for (int i = 0; i < 10; i++)
            server.enqueue(events("data: " + "x".repeat(2000) + "\n\n").build());
        HoldfastClient client = harness.connect(
                harness.builder(url(), Carriers.events(), EVENTS).maxMessageBytes(1000));
        // A client that has not begun yet is idle as well.
        harness.await("stop", () -> client.state() == ClientState.IDLE && !harness.failures.isEmpty());
        assertTrue(
                harness.failures.get(0).toString().contains("at most 1000 are allowed"), harness.failures.toString());
        assertTrue(harness.messages.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatComesBeforeTooLongAnEventIsReported(boolean polls) throws Exception {
        server.enqueue(events("retry: 1\nid: 1\ndata: one\n\nid: 2\ndata: two\n\ndata: " + "x".repeat(2000) + "\n\n")
                .build());
        server.enqueue(events("id: 3\ndata: three\n\n").build());
        enqueueSilence();
        harness.connect(harness.builder(url(), polls ? POLLING : Carriers.events(), EVENTS)
                .maxMessageBytes(1000));
        assertEquals("one", harness.next().text());
        assertEquals("two", harness.next().text());
        assertEquals("three", harness.next().text());
        request();
        assertEquals("2", request().getHeaders().get("Last-Event-ID"));
        assertTrue(
                harness.failures.get(0).toString().contains("at most 1000 are allowed"), harness.failures.toString());
    }

    @Test
    void silenceEndsAConnection() throws Exception {
        // A client that is slow may give a connection up before it has read what it was sent.
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                String last = request.getHeaders().get("Last-Event-ID");
                int next = last == null ? 1 : Integer.parseInt(last) + 1;
                return events("id: " + next + "\ndata: " + next + "\n\n" + ": x\n".repeat(10))
                        .throttleBody(18, 1, TimeUnit.HOURS)
                        .build();
            }
        });
        harness.connect(harness.builder(url(), Carriers.events(), EVENTS)
                .heartbeat(Heartbeat.serverPings(Duration.ofMillis(300))));
        assertEquals("1", harness.next().text());
        assertEquals("2", harness.next().text());
    }

    @Test
    void close() throws Exception {
        server.enqueue(events("data: one\n\n" + ": x\n".repeat(10))
                .throttleBody(12, 1, TimeUnit.HOURS)
                .build());
        HoldfastClient client = harness.connect(url(), Carriers.events(), Session.none());
        harness.next();
        client.close();
        assertEquals(1000, client.closed().get(30, TimeUnit.SECONDS).code());
    }

    // ---- polls ----

    @Test
    void aPollAsksForWhatCameAfterTheLastMessage() throws Exception {
        server.enqueue(answer(200, "ETag", "\"a\"").body("{\"id\":1}").build());
        server.enqueue(answer(200, "ETag", "\"b\"").body("").build());
        server.enqueue(answer(304).build());
        server.enqueue(answer(204).build());
        server.enqueue(answer(200, "ETag", "\"c\"").body("{\"id\":2}").build());
        enqueueSilence();
        harness.connect(
                url(), POLLING, Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("after")));
        assertEquals("1", harness.next().id());
        assertEquals("2", harness.next().id());
        assertNull(request().getUrl().queryParameter("after"));
        RecordedRequest second = request();
        assertEquals("1", second.getUrl().queryParameter("after"));
        // The tag is that of an answer to another question.
        assertNull(second.getHeaders().get("If-None-Match"));
        for (int i = 0; i < 3; i++) assertEquals("\"b\"", request().getHeaders().get("If-None-Match"), "poll " + i);
        assertEquals("2", request().getUrl().queryParameter("after"));
        assertEquals(List.of(), harness.failures);
    }

    @Test
    void theFirstPollOfAConnectionHasNoTag() throws Exception {
        server.enqueue(answer(204, "ETag", "\"a\"").build());
        server.enqueue(answer(200, "ETag", "\"b\"").body("").build());
        server.enqueue(answer(503).build());
        enqueueSilence();
        harness.connect(url(), POLLING, Session.none());
        assertNull(request().getHeaders().get("If-None-Match"));
        assertNull(request().getHeaders().get("If-None-Match"));
        assertEquals("\"b\"", request().getHeaders().get("If-None-Match"));
        assertNull(request().getHeaders().get("If-None-Match"));
    }

    @Test
    void aMessageThatItsConnectionDidNotReportComesAgain() throws Exception {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                String after = request.getUrl().queryParameter("after");
                if (after == null) return answer(200).body("{\"id\":5}").build();
                if (!after.equals("5")) return answer(204).build();
                boolean isKnown = "\"e\"".equals(request.getHeaders().get("If-None-Match"));
                return isKnown
                        ? answer(304).build()
                        : answer(200, "ETag", "\"e\"").body("{\"id\":6}").build();
            }
        });
        AtomicReference<HoldfastClient> client = new AtomicReference<>();
        CountDownLatch built = new CountDownLatch(1);
        AtomicBoolean hasEnded = new AtomicBoolean();
        // The client leaves the connection after its answer was read, and before the message is reported.
        ResumeFrom resumeFrom = ResumeFrom.idFrom(text -> {
                    String id = text.replaceAll("\\D", "");
                    if (id.equals("6") && hasEnded.compareAndSet(false, true)) leave(built, client);
                    return id;
                })
                .inQuery("after");
        client.set(harness.connect(url(), POLLING, Session.resumeFrom(resumeFrom)));
        built.countDown();
        assertEquals("5", harness.next().id());
        harness.await("end", () -> hasEnded.get() && client.get().state() == ClientState.IDLE);
        // A client may still report what comes while its connection closes: then it does not come again.
        client.get().connect();
        assertEquals("6", harness.next().id());
    }

    private void leave(CountDownLatch built, AtomicReference<HoldfastClient> client) {
        try {
            built.await();
            client.get().disconnect();
            harness.await("disconnect", () -> client.get().state() != ClientState.OPEN);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A server may have one tag for all that it has, whatever the client has of it. */
    @Test
    void aTagIsOfOnePositionWhereverTheRequestHasIt() throws Exception {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                if ("\"all\"".equals(request.getHeaders().get("If-None-Match")))
                    return answer(304).build();
                String since = request.getHeaders().get("X-Since");
                int next = since == null ? 1 : Integer.parseInt(since) + 1;
                return answer(200, "ETag", "\"all\"")
                        .body(next > 3 ? "" : "{\"id\":" + next + "}")
                        .build();
            }
        });
        harness.connect(
                url(), POLLING, Session.resumeFrom(ResumeFrom.jsonPointer("/id").inHeader("X-Since")));
        for (int i = 1; i <= 3; i++) assertEquals("" + i, harness.next().id());
        for (int i = 0; i < 4; i++) assertNull(request().getHeaders().get("If-None-Match"), "poll " + i);
        assertEquals("\"all\"", request().getHeaders().get("If-None-Match"));
        assertEquals(List.of(), harness.failures);
    }

    @Test
    void anAnswerThatIsAStreamOfEventsBringsItsEvents() throws Exception {
        server.enqueue(events("id: 1\ndata: one\n\nid: 2\ndata: two\n\n").build());
        enqueueSilence();
        harness.connect(url(), POLLING, EVENTS);
        assertEquals("one", harness.next().text());
        assertEquals("two", harness.next().text());
        request();
        assertEquals("2", request().getHeaders().get("Last-Event-ID"));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 503})
    void retryAfterIsWaitedFor(int status) throws Exception {
        Instant now = Instant.now();
        DateTimeFormatter http = DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);
        List<Long> asked = answerInTurn(
                answer(status, "Retry-After", "1").build(),
                answer(status, "Date", http.format(now), "Retry-After", http.format(now.plusSeconds(2)))
                        .build(),
                answer(200).body("at last").build());
        harness.connect(url(), POLLING, Session.none());
        assertEquals("at last", harness.next().text());
        assertApart(1000, asked.get(0), asked.get(1));
        assertApart(2000, asked.get(1), asked.get(2));
    }

    @Test
    void aPollThatIsNotAnsweredInTimeIsALostConnection() throws Exception {
        server.enqueue(answer(204).build());
        enqueueSilence();
        server.enqueue(answer(200).body("at last").build());
        enqueueSilence();
        harness.connect(harness.builder(url(), POLLING, Session.none()).connectTimeout(Duration.ofSeconds(3)));
        assertEquals("at last", harness.next().text());
        assertTrue(
                harness.failures.get(0).toString().startsWith("SESSION: no answer to the request within 3000 ms"),
                harness.failures.toString());
    }

    /** The time between polls is no silence of the server. */
    @Test
    void aPauseThatIsLongerThanTheHeartbeatEndsNothing() throws Exception {
        int polls = 2;
        for (int i = 0; i < polls; i++) {
            server.enqueue(answer(204).headersDelay(1600, TimeUnit.MILLISECONDS).build());
        }
        server.enqueue(answer(200).body("at last").build());
        enqueueSilence();
        Carrier carrier = Carriers.polling(Duration.ofMillis(4800));
        harness.connect(harness.builder(url(), carrier, Session.none())
                .heartbeat(Heartbeat.serverPings(Duration.ofSeconds(4))));
        assertEquals("at last", harness.next().text());
        assertEquals(List.of(), harness.failures);
    }

    // ---- settings ----

    @Test
    void sessionsThatDoNotFitAreRefused() {
        for (Session session : List.of(
                Session.resumable(),
                Session.resumeFrom(ResumeFrom.jsonPointer("/id").firstMessage(id -> id)))) {
            assertThrows(
                    IllegalStateException.class,
                    () -> harness.builder(url(), Carriers.events(), session).build());
        }
        assertThrows(
                IllegalStateException.class,
                () -> HoldfastClient.builder(url()).session(EVENTS).build());
        assertThrows(IllegalArgumentException.class, () -> Carriers.polling(Duration.ZERO));
    }
}
