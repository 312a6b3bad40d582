package dev.holdfast.sample.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
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

@Timeout(120)
class ConnectTest {
    private final MockWebServer server = new MockWebServer();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws IOException {
        server.start(InetAddress.getLoopbackAddress(), 0);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Sends every text back, and closes in place of an answer: with 1001 after {@code bye}, with 1000 after {@code done}. */
    private static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            if (text.equals("bye")) {
                socket.close(1001, "leaving");
            } else if (text.equals("done")) {
                socket.close(1000, null);
            } else {
                socket.send(text);
            }
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(1000, null);
        }
    }

    /** Says one thing and leaves. */
    private static final class Says extends WebSocketListener {
        private final String text;

        Says(String text) {
            this.text = text;
        }

        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send(text);
            socket.close(1001, "leaving");
        }
    }

    private void upgrade(WebSocketListener listener) {
        server.enqueue(new MockResponse.Builder().webSocketUpgrade(listener).build());
    }

    private String url(String path) {
        return "ws://127.0.0.1:" + server.getPort() + path;
    }

    private Connect connect(boolean interactive, String... args) {
        Terminal terminal = new Terminal(
                new PrintStream(messages, true, StandardCharsets.UTF_8),
                new PrintStream(notes, true, StandardCharsets.UTF_8),
                interactive);
        return new Connect(ConnectOptions.parse(args), terminal);
    }

    private String messages() {
        return messages.toString(StandardCharsets.UTF_8);
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }

    private static Lines lines(String input) {
        return new StreamLines(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
    }

    private static void type(PipedOutputStream keyboard, String text) throws IOException {
        keyboard.write(text.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    private static void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "waited too long");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Runs with an input that ends when the condition is true, and returns the exit code. */
    private static int runUntil(BooleanSupplier condition, Connect connect, String input) throws Exception {
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        type(keyboard, input);
        await(condition);
        keyboard.close();
        return exit.get(30, TimeUnit.SECONDS);
    }

    @Test
    void linesGoOutAndMessagesComeIn() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new Echo())
                .addHeader("Sec-WebSocket-Protocol", "a.v1")
                .build());
        Connect connect = connect(false, url("/chat"), "-H", "Origin: https://example.com", "-s", "a.v1", "--once");
        assertEquals(0, connect.run(lines("one\ntwo\ndone\n")));
        assertEquals("one\ntwo\n", messages());
        RecordedRequest request = server.takeRequest();
        assertEquals("/chat", request.getTarget());
        assertEquals("https://example.com", request.getHeaders().get("Origin"));
        assertEquals("a.v1", request.getHeaders().get("Sec-WebSocket-Protocol"));
    }

    @Test
    void itConnectsAgain() throws Exception {
        upgrade(new Echo());
        upgrade(new Echo());
        PipedOutputStream keyboard = new PipedOutputStream();
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        Connect connect = connect(true, url("/"));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        type(keyboard, "hello\n/state\nbye\n");
        await(() -> notes().contains("The server is going away or restarts (close 1001"));
        type(keyboard, "again\n");
        await(() -> messages().equals("< hello\n< again\n"));
        type(keyboard, "/quit\nnever sent\n");
        assertEquals(0, exit.get(30, TimeUnit.SECONDS));
        assertTrue(notes().contains("bytes wait"), notes());
        assertEquals("< hello\n< again\n", messages());
    }

    @Test
    void aResumableSessionTakesLinesAsJson() throws Exception {
        try (ReferenceServer reference = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            reference.onMessage((session, seq, payload) -> {
                session.send(((Payload.Json) payload).value());
                return HandlerResult.accepted();
            });
            Connect connect = connect(false, reference.url(), "--session", "resume", "--json");
            String input = "{\"a\":1.10}\nnonsense\n\n\"text\"\n";
            assertEquals(1, runUntil(() -> messages().equals("{\"a\":1.10}\ntext\n"), connect, input));
            assertTrue(notes().contains("not sent: no JSON: Unrecognized token 'nonsense'"), notes());
            assertTrue(notes().contains("not sent: no JSON: an empty line"), notes());
        }
    }

    @Test
    void aServerWithAHistoryIsToldTheLastId() throws Exception {
        upgrade(new Says("{\"n\":7}"));
        upgrade(new Echo());
        Connect connect = connect(false, url("/"), "--session", "last-id", "--pointer", "/n", "--since-query", "since");
        assertEquals(0, runUntil(() -> server.getRequestCount() == 2, connect, ""));
        assertEquals("/", server.takeRequest().getTarget());
        assertEquals("/?since=7", server.takeRequest().getTarget());
    }

    @Test
    void aFirstMessageCanTellTheLastId() throws Exception {
        upgrade(new Says("{\"id\":\"x-1\"}"));
        upgrade(new Echo());
        Connect connect = connect(false, url("/"), "--session", "last-id", "--since-message", "{\"since\":\"{id}\"}");
        String both = "{\"id\":\"x-1\"}\n{\"since\":\"x-1\"}\n";
        assertEquals(0, runUntil(() -> messages().equals(both), connect, ""));
    }

    @Test
    void aRefusalIsExplainedAndEndsIt() {
        server.enqueue(new MockResponse.Builder().code(403).build());
        assertEquals(1, connect(false, url("/"), "--linger", "60").run(lines("")));
        assertTrue(
                notes().contains("does not let you in; a wrong Origin header is a common reason (HTTP 403)"), notes());
    }

    @Test
    void anAbsentServerIsExplained() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Connect connect = connect(false, "ws://127.0.0.1:" + port, "--attempts", "1", "--linger", "60");
        assertEquals(1, connect.run(lines("")));
        assertTrue(notes().contains("Nobody listens at 127.0.0.1, port " + port), notes());
    }

    @Test
    void aPageIsNoWebSocket() {
        for (int i = 0; i < 2; i++) {
            server.enqueue(new MockResponse.Builder().body("hello").build());
        }
        assertEquals(
                1, connect(false, url("/"), "--attempts", "1", "--linger", "60").run(lines("")));
        assertTrue(notes().contains("There is a web page at / and not a WebSocket (HTTP 200)"), notes());
    }

    @Test
    void tlsWhereThereIsNoneIsExplained() {
        try (ReferenceServer reference = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            String url = reference.url().replace("ws:", "wss:");
            assertEquals(
                    1, connect(false, url, "--attempts", "1", "--linger", "60").run(lines("")));
            assertTrue(notes().contains("try ws:// in place of wss://"), notes());
        }
    }

    @Test
    void aProxyIsGoneThrough() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .code(407)
                .addHeader("Proxy-Authenticate", "Basic realm=\"it\"")
                .build());
        server.enqueue(new MockResponse.Builder().code(403).build());
        String proxy = "http://ada:secret@127.0.0.1:" + server.getPort();
        Connect connect = connect(false, "ws://example.com/", "--proxy", proxy, "--linger", "60");
        assertEquals(1, connect.run(lines("")));
        assertEquals(null, server.takeRequest().getHeaders().get("Proxy-Authorization"));
        assertEquals("Basic YWRhOnNlY3JldA==", server.takeRequest().getHeaders().get("Proxy-Authorization"));
    }

    @Test
    void wrongArgumentsAreExplained() {
        for (String[] wrong : new String[][] {
            {},
            {"ws://a", "ws://b"},
            {"ws://a", "--fast"},
            {"ws://a", "--session"},
            {"ws://a", "--session", "sticky"},
            {"ws://a", "--session", "last-id"},
            {"ws://a", "--session", "last-id", "--pointer", "id", "--since-query", "q"},
            {"ws://a", "--pointer", "/id"},
            {"ws://a", "--attempts", "-1"},
            {"ws://a", "--attempts", "x"},
            {"ws://a", "--json", "--hex"},
            {"ws://a", "--max-message", "0"},
            {"ws://a", "-s", "a b"},
            {"ws://a", "--key", "key.pem"},
            {"ws://a", "--cert", "/nowhere/cert.pem"},
            {"ws://ada:secret@a", "-H", "Authorization: Bearer x"},
            {"ws://a", "--linger", "x"},
            {"ws://a", "--proxy", "localhost"},
            {"ws://a", "--proxy", "ftp://localhost:1"},
            {"ws://a", "--proxy", "localhost:65536"},
            {"ws://a", "-H", "no colon"},
            {"example.com"},
        }) {
            assertThrows(IllegalArgumentException.class, () -> connect(false, wrong), () -> String.join(" ", wrong));
        }
    }
}
