package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Going on from the last message, over real sockets, at a server that others wrote. */
@Timeout(30)
class LastMessageIdOverSocketsTest {
    /** One connection: says its lines, at once or when it has heard something, and may close. */
    private final class Lines extends WebSocketListener {
        private final List<String> lines;
        private final boolean closes;
        private final boolean waits;
        private final int code;

        Lines(boolean waits, boolean closes, String... lines) {
            this.waits = waits;
            this.closes = closes;
            this.code = 1012;
            this.lines = List.of(lines);
        }

        /** Says its lines and closes with the code, when it has heard something. */
        Lines(int code, String... lines) {
            this.waits = true;
            this.closes = true;
            this.code = code;
            this.lines = List.of(lines);
        }

        @Override
        public void onOpen(WebSocket webSocket, Response response) {
            if (!waits) say(webSocket);
        }

        @Override
        public void onMessage(WebSocket webSocket, String text) {
            got.add(text);
            if (waits) say(webSocket);
        }

        private void say(WebSocket webSocket) {
            lines.forEach(webSocket::send);
            if (closes) webSocket.close(code, "");
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(1000, null);
        }
    }

    private final MockWebServer server = new MockWebServer();
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();
    private final ClientRecorder recorder = new ClientRecorder();
    private HoldfastClient client;

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.cancel();
        recorder.awaitState(ClientState.CLOSED);
        recorder.assertNothingWrong();
        server.close();
    }

    private void enqueue(Lines connection) {
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(connection).build());
    }

    private void connect(Session session) {
        client = HoldfastClient.builder(server.url("/feed?since=0").toString())
                .session(session)
                .reconnectPolicy(ReconnectPolicy.standard().withCloseReaction(1012, Reaction.now()))
                .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1)))
                .listener(recorder)
                .build();
        client.connect();
    }

    private List<String> messages(int count) throws InterruptedException {
        List<String> messages = new ArrayList<>();
        while (messages.size() < count) {
            if (recorder.take() instanceof Message message) messages.add(message.id() + " " + message.text());
        }
        return messages;
    }

    private RecordedRequest request() throws InterruptedException {
        RecordedRequest request = server.takeRequest(10, TimeUnit.SECONDS);
        assertNotNull(request);
        return request;
    }

    @Test
    void byAHeader() throws Exception {
        enqueue(new Lines(false, true, "{\"id\":\"a 1\"}", "{\"id\":\"\\u00e9\\r\\nX: y\"}"));
        enqueue(new Lines(false, false, "{\"id\":\"\\u00e9\\r\\nX: y\"}", "{\"id\":3}"));
        connect(Session.resumeFrom(ResumeFrom.jsonPointer("/id").inHeader("Last-Event-ID")));
        assertEquals(
                List.of("a 1 {\"id\":\"a 1\"}", "\u00e9\r\nX: y {\"id\":\"\\u00e9\\r\\nX: y\"}", "3 {\"id\":3}"),
                messages(3));
        assertNull(request().getHeaders().get("Last-Event-ID"));
        RecordedRequest again = request();
        assertEquals("%C3%A9%0D%0AX:%20y", again.getHeaders().get("Last-Event-ID"));
        assertNull(again.getHeaders().get("X"));
    }

    @Test
    void byAParameter() throws Exception {
        enqueue(new Lines(false, true, "{\"id\":1e3}"));
        enqueue(new Lines(false, false, "{\"id\":1e3}", "{\"id\":1001}"));
        connect(Session.resumeFrom(ResumeFrom.jsonPointer("/id").inQuery("since")));
        assertEquals(List.of("1e3 {\"id\":1e3}", "1001 {\"id\":1001}"), messages(2));
        assertEquals("/feed?since=0", request().getTarget());
        assertEquals("/feed?since=1e3", request().getTarget());
    }

    @Test
    void byAMessageBeforeAllOthers() throws Exception {
        enqueue(new Lines(false, true, "{\"id\":1}"));
        enqueue(new Lines(true, false, "{\"id\":2}"));
        recorder.onMessage = message -> {
            if ("2".equals(message.id())) client.send("after 2");
        };
        connect(Session.resumeFrom(ResumeFrom.jsonPointer("/id").firstMessage(last -> Map.of("after", last))));
        assertEquals(List.of("1 {\"id\":1}"), messages(1));
        assertEquals(List.of("2 {\"id\":2}"), messages(1));
        assertEquals("{\"after\":\"1\"}", got.poll(10, TimeUnit.SECONDS));
        assertEquals("after 2", got.poll(10, TimeUnit.SECONDS));
    }

    private SessionLoss loss() throws InterruptedException {
        while (true) {
            Object event = recorder.take();
            assertFalse(event instanceof Message, () -> "a message: " + event);
            if (event instanceof SessionLoss loss) return loss;
        }
    }

    @Test
    void anIdThatTheUpgradeRefusesIsReportedAndForgotten() throws Exception {
        enqueue(new Lines(false, true, "{\"id\":7}", "{\"id\":1}"));
        server.enqueue(new MockResponse.Builder().code(410).build());
        enqueue(new Lines(false, true, "{\"id\":1}"));
        enqueue(new Lines(false, false, "{\"id\":2}"));
        connect(Session.resumeFrom(
                ResumeFrom.jsonPointer("/id").inQuery("since").withStaleCodes(410)));
        assertEquals(List.of("7 {\"id\":7}", "1 {\"id\":1}"), messages(2));
        assertEquals("stale", loss().reason());
        // The server counts anew: what it sends now is no duplicate.
        assertEquals(List.of("1 {\"id\":1}", "2 {\"id\":2}"), messages(2));
        List<String> targets = new ArrayList<>();
        for (int i = 0; i < 4; i++) targets.add(request().getTarget());
        assertEquals(List.of("/feed?since=0", "/feed?since=1", "/feed?since=0", "/feed?since=1"), targets);
    }

    @Test
    void anIdThatACloseRefusesIsReportedAndForgotten() throws Exception {
        enqueue(new Lines(false, true, "{\"id\":1}"));
        // After a message the code means something else.
        enqueue(new Lines(1008, "{\"id\":2}"));
        enqueue(new Lines(1008));
        enqueue(new Lines(false, false, "{\"id\":1}"));
        connect(Session.resumeFrom(ResumeFrom.jsonPointer("/id")
                .firstMessage(last -> Map.of("after", last))
                .withStaleCodes(1008)));
        assertEquals(List.of("1 {\"id\":1}", "2 {\"id\":2}"), messages(2));
        assertEquals("stale", loss().reason());
        assertEquals(List.of("1 {\"id\":1}"), messages(1));
        assertEquals("{\"after\":\"1\"}", got.poll(10, TimeUnit.SECONDS));
        assertEquals("{\"after\":\"2\"}", got.poll(10, TimeUnit.SECONDS));
        assertNull(got.poll());
    }

    @Test
    void withoutAnIdNothingIsStale() throws Exception {
        server.enqueue(new MockResponse.Builder().code(410).build());
        connect(Session.resumeFrom(
                ResumeFrom.jsonPointer("/id").inQuery("since").withStaleCodes(410)));
        while (true) {
            Object event = recorder.take();
            assertFalse(event instanceof SessionLoss);
            if (event instanceof ConnectionFailure failure) {
                assertFalse(failure.willRetry());
                break;
            }
        }
    }

    @Test
    void anIdOfAnEarlierProcessMayBeStaleAtOnce() throws Exception {
        server.enqueue(new MockResponse.Builder().code(400).build());
        enqueue(new Lines(false, false, "{\"id\":1}"));
        connect(Session.resumeFrom(
                ResumeFrom.jsonPointer("/id").inQuery("since").withStart("9").withStaleCodes(400, 410)));
        assertEquals("stale", loss().reason());
        assertEquals(List.of("1 {\"id\":1}"), messages(1));
        assertEquals("/feed?since=9", request().getTarget());
        assertEquals("/feed?since=0", request().getTarget());
    }
}
