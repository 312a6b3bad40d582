package dev.holdfast.sample.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code connect --protocol}, against servers that know just enough of each protocol. */
@Timeout(120)
class DialectTest {
    private final MockWebServer server = new MockWebServer();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();
    private final PipedOutputStream keyboard = new PipedOutputStream();

    @BeforeEach
    void start() throws IOException {
        server.start(InetAddress.getLoopbackAddress(), 0);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Answers what a client of any dialect says. */
    private abstract static class Server extends WebSocketListener {
        abstract void answer(WebSocket socket, String text);

        @Override
        public void onMessage(WebSocket socket, String text) {
            answer(socket, text);
        }

        @Override
        public void onClosing(WebSocket socket, int code, String reason) {
            socket.close(1000, null);
        }
    }

    private static final class SocketIoServer extends Server {
        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send(
                    "0{\"sid\":\"e\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
        }

        @Override
        void answer(WebSocket socket, String text) {
            if (text.startsWith("40")) socket.send("40{\"sid\":\"s\"}");
            else if (text.startsWith("42")) socket.send(text);
        }
    }

    private static final class StompServer extends Server {
        @Override
        void answer(WebSocket socket, String text) {
            boolean mayEnter = text.contains("\nhost:/\n") && text.contains("\npasscode:a:b\n");
            if (text.startsWith("CONNECT") && mayEnter) socket.send("CONNECTED\nversion:1.2\n\n\0");
            if (text.startsWith("SEND") && text.contains("destination:/queue/a")) {
                String receipt = text.lines()
                        .filter(line -> line.startsWith("receipt:"))
                        .findFirst()
                        .orElseThrow()
                        .substring(8);
                String body = text.substring(text.indexOf("\n\n") + 2, text.indexOf('\0'));
                socket.send("RECEIPT\nreceipt-id:" + receipt + "\n\n\0");
                socket.send("MESSAGE\nsubscription:sub-1\nmessage-id:1\ndestination:/queue/a\n\n" + body + "\0");
            }
            if (text.startsWith("DISCONNECT")) {
                String receipt = text.substring(text.indexOf("receipt:") + 8)
                        .lines()
                        .findFirst()
                        .orElseThrow();
                socket.send("RECEIPT\nreceipt-id:" + receipt + "\n\n\0");
            }
        }
    }

    private static final class GraphQlServer extends Server {
        @Override
        void answer(WebSocket socket, String text) {
            if (text.contains("connection_init")) socket.send("{\"type\":\"connection_ack\"}");
            if (!text.contains("\"subscribe\"")) return;
            String id = Json.parse(text).path("id").asText();
            int results = text.contains("subscription") ? 2 : 1;
            if (text.contains("wrong")) {
                socket.send("{\"id\":\"" + id + "\",\"type\":\"error\",\"payload\":[{\"message\":\"no such field\"}]}");
                return;
            }
            for (int i = 1; i <= results; i++) {
                socket.send("{\"id\":\"" + id + "\",\"type\":\"next\",\"payload\":{\"data\":{\"n\":" + i + "}}}");
            }
            socket.send("{\"id\":\"" + id + "\",\"type\":\"complete\"}");
        }
    }

    private static final class JsonRpcServer extends Server {
        @Override
        void answer(WebSocket socket, String text) {
            var request = Json.parse(text);
            if (!request.has("id")) {
                socket.send("{\"jsonrpc\":\"2.0\",\"method\":\"noted\",\"params\":" + request.get("params") + "}");
            } else if (request.get("method").asText().equals("add")) {
                socket.send("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id") + ",\"result\":" + request.get("params")
                        + "}");
            } else {
                socket.send("{\"jsonrpc\":\"2.0\",\"id\":" + request.get("id")
                        + ",\"error\":{\"code\":-32601,\"message\":\"no such method\"}}");
            }
        }
    }

    private Connect connect(Dialect dialect, WebSocketListener listener, String... more) {
        MockResponse.Builder response = new MockResponse.Builder().webSocketUpgrade(listener);
        switch (dialect) {
            case STOMP -> response.addHeader("Sec-WebSocket-Protocol", "v12.stomp");
            case GRAPHQL -> response.addHeader("Sec-WebSocket-Protocol", "graphql-transport-ws");
            default -> {}
        }
        server.enqueue(response.build());
        String[] args = new String[3 + more.length];
        args[0] = "ws://127.0.0.1:" + server.getPort() + "/";
        args[1] = "--protocol";
        args[2] = dialect.toString();
        System.arraycopy(more, 0, args, 3, more.length);
        Terminal terminal = new Terminal(
                new PrintStream(messages, true, StandardCharsets.UTF_8),
                new PrintStream(notes, true, StandardCharsets.UTF_8),
                false);
        return new Connect(ConnectOptions.parse(args), terminal);
    }

    /** Types lines, waits for what is printed, ends the input, and returns the exit code. */
    private int talk(Connect connect, String input, String output) throws Exception {
        Lines lines = new StreamLines(new PipedInputStream(keyboard));
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> connect.run(lines));
        keyboard.write(input.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        await(() -> sorted(messages()).equals(sorted(output)));
        keyboard.close();
        return exit.get(60, TimeUnit.SECONDS);
    }

    private void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, () -> messages() + "\n" + notes());
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** A subscription and a query have no order among each other. */
    private static List<String> sorted(String text) {
        return text.lines().sorted().toList();
    }

    private String messages() {
        return messages.toString(StandardCharsets.UTF_8);
    }

    private String notes() {
        return notes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void socketIo() throws Exception {
        Connect connect = connect(Dialect.SOCKET_IO, new SocketIoServer(), "-H", "X-One: 1", "--user", "ada:secret");
        String input = "ping\nchat hello there\nsave {\"a\":1.10}\nboth [\"x\",[2]]\n";
        String output = "ping []\nchat [\"hello there\"]\nsave [{\"a\":1.10}]\nboth [\"x\",[2]]\n";
        assertEquals(0, talk(connect, input, output));
        RecordedRequest request = server.takeRequest();
        assertTrue(request.getTarget().startsWith("/socket.io/?EIO=4"), request::getTarget);
        assertEquals("1", request.getHeaders().get("X-One"));
        assertTrue(request.getHeaders().get("Authorization").startsWith("Basic "));
    }

    @Test
    void stomp() throws Exception {
        Connect connect = connect(
                Dialect.STOMP, new StompServer(), "--stomp-header", "host: /", "--stomp-header", "passcode:a:b");
        assertEquals(
                1,
                talk(connect, "subscribe /queue/a\nnonsense\nsend /queue/a hello there\n", "/queue/a hello there\n"));
        assertTrue(notes().contains("a line is subscribe DESTINATION, unsubscribe DESTINATION"), notes());
    }

    @Test
    void graphQl() throws Exception {
        Connect connect = connect(Dialect.GRAPHQL, new GraphQlServer());
        String input = "{ n }\nsubscription { n }\n{ wrong }\n";
        String output = "{\"data\":{\"n\":1}}\n{\"data\":{\"n\":1}}\n{\"data\":{\"n\":2}}\n";
        assertEquals(1, talk(connect, input, output));
        assertTrue(notes().contains("no such field"), notes());
    }

    @Test
    void jsonRpc() throws Exception {
        Connect connect = connect(Dialect.JSON_RPC, new JsonRpcServer());
        String input = "on noted\ncall add [1,2]\ncall add {\"a\":1}\nnotify note [3]\ncall nothing\n";
        assertEquals(1, talk(connect, input, "[1,2]\n{\"a\":1}\nnoted [3]\n"));
        assertTrue(notes().contains("no such method"), notes());
    }

    @ParameterizedTest
    @EnumSource
    void aDialectHasItsOwnSessionLinesAndSubprotocol(Dialect dialect) {
        String[][] wrong = {{"--session", "resume"}, {"--json"}, {"-s", "a.v1"}};
        for (String[] one : wrong) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> connect(dialect, new JsonRpcServer(), one));
            assertTrue(refused.getMessage().startsWith("--protocol " + dialect + " "), refused::getMessage);
        }
    }

    @Test
    void aStompHeaderNeedsStompAndAName() {
        String[][] wrong = {
            {"jsonrpc", "host: /", "--stomp-header needs --protocol stomp"},
            {"stomp", ": /", "A header of STOMP looks like Name: value, this one does not: : /"},
            {"stomp", "host", "A header of STOMP looks like Name: value, this one does not: host"}
        };
        for (String[] one : wrong) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> ConnectOptions.parse("ws://127.0.0.1:1/", "--protocol", one[0], "--stomp-header", one[1]));
            assertEquals(one[2], refused.getMessage());
        }
    }

    @Test
    void anUnknownProtocolIsExplained() {
        assertEquals(
                "--protocol must be one of socketio, stomp, graphql, jsonrpc, but was mqtt",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ConnectOptions.parse("ws://127.0.0.1:1/", "--protocol", "mqtt"))
                        .getMessage());
    }
}
