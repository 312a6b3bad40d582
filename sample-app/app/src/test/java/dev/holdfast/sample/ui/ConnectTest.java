package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.holdfast.ClientState;
import dev.holdfast.sample.model.ServerSettings.Kind;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.ListView;
import javafx.scene.control.TextInputControl;
import javafx.scene.input.Clipboard;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tab that connects to any server. */
@Timeout(180)
class ConnectTest extends WindowHarness {
    @BeforeEach
    void toTheTab() {
        click("Connect to any server");
    }

    private void write(String query, String text) {
        TextInputControl field = (TextInputControl) node(query);
        robot.interact(() -> field.setText(text));
    }

    private void choose(Kind kind) {
        @SuppressWarnings("unchecked") // the only one there is
        ChoiceBox<Kind> kinds = (ChoiceBox<Kind>) node("#any-kind");
        robot.interact(() -> kinds.setValue(kind));
    }

    private boolean anyLogged(String words) {
        return onWindow(() -> {
            server.log().flush();
            return server.log().shown().stream()
                    .anyMatch(event -> event.toString().contains(words));
        });
    }

    private void awaitExplanation(String sentence) {
        await("the explanation " + sentence, () -> text("#any-explanation").equals(sentence));
    }

    private void explains(String url, String words) {
        write("#any-url", url);
        click("#any-connect");
        await("an explanation with: " + words, () -> text("#any-explanation").contains(words));
    }

    @Test
    void talksWithAServerOfSessions() {
        try (ReferenceServer other = ReferenceServer.start(ReferenceServer.Options.defaults())) {
            other.onMessage((session, seq, payload) -> {
                session.send(TextNode.valueOf(
                        "you said " + ((Payload.Json) payload).value().asText()));
                return HandlerResult.accepted();
            });
            write("#any-url", other.url());
            choose(Kind.RESUMABLE);
            click("#any-connect");
            await("an open connection", () -> text("#any-state").equals("OPEN"));
            write("#any-message", "ahoy");
            click("#any-send");
            await("an answer", () -> anyLogged("received  you said ahoy"));
            assertEquals("", text("#any-explanation"));
            click("#any-disconnect");
            await("the end", () -> text("#any-state").equals("IDLE"));
        }
    }

    /** A server that knows just enough of Socket.IO, and sends every event back. */
    private static final class SocketIoServer extends WebSocketListener {
        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send(
                    "0{\"sid\":\"e\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}");
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            if (text.startsWith("40")) socket.send("40{\"sid\":\"s\"}");
            else if (text.startsWith("42")) socket.send(text);
        }
    }

    @Test
    void talksSocketIo() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new SocketIoServer())
                    .build());
            other.start(InetAddress.getLoopbackAddress(), 0);
            write("#any-url", "ws://127.0.0.1:" + other.getPort() + "/");
            write("#any-headers", "X-One: 1");
            choose(Kind.SOCKET_IO);
            String hint = onWindow(() -> ((TextInputControl) node("#any-message")).getPromptText());
            assertTrue(hint.startsWith("EVENT ARGUMENTS"), hint);
            assertTrue(onWindow(() -> node("#any-subprotocols").isDisabled()));
            click("#any-connect");
            await("an open connection", () -> text("#any-state").equals("OPEN"));
            assertEquals("1", other.takeRequest().getHeaders().get("X-One"));
            write("#any-message", "chat ahoy");
            click("#any-send");
            await("an answer", () -> anyLogged("received  chat [\"ahoy\"]"));
            assertFalse(anyLogged("42["));
            click("#any-disconnect");
            await("the end", () -> text("#any-state").equals("IDLE"));
        }
    }

    /** A server like RabbitMQ, which lets nobody in who does not name its virtual host. */
    private static final class StompServer extends WebSocketListener {
        @Override
        public void onMessage(WebSocket socket, String text) {
            boolean mayEnter = text.contains("\nhost:/\n") && text.contains("\npasscode:a:secret\n");
            if (text.startsWith("CONNECT")) {
                socket.send(mayEnter ? "CONNECTED\nversion:1.2\n\n\0" : "ERROR\nmessage:no such host\n\n\0");
            } else if (text.startsWith("SUBSCRIBE")) {
                socket.send("MESSAGE\nsubscription:sub-1\nmessage-id:1\ndestination:/queue/a\n\nahoy\0");
            }
        }
    }

    @Test
    void talksStompWithHeadersOfItsConnect() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new StompServer())
                    .addHeader("Sec-WebSocket-Protocol", "v12.stomp")
                    .build());
            other.start(InetAddress.getLoopbackAddress(), 0);
            write("#any-url", "ws://127.0.0.1:" + other.getPort() + "/ws");
            assertTrue(onWindow(() -> node("#any-stomp-headers").isDisabled()));
            choose(Kind.STOMP);
            assertFalse(onWindow(() -> node("#any-stomp-headers").isDisabled()));
            write("#any-stomp-headers", "nonsense");
            click("#any-connect");
            awaitExplanation("A header of STOMP looks like Name: value, this one does not: nonsense");
            write("#any-stomp-headers", "host: /\n\npasscode:a:secret");
            click("#any-connect");
            await("an open connection", () -> text("#any-state").equals("OPEN"));
            write("#any-message", "subscribe /queue/a");
            click("#any-send");
            await("a message", () -> anyLogged("received  /queue/a ahoy"));
            await("a file", () -> read().contains("STOMP"));
            assertFalse(read().contains("secret"), read());
            click("#any-disconnect");
        }
    }

    @Test
    void explainsALineThatIsNone() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {})
                    .build());
            other.start(InetAddress.getLoopbackAddress(), 0);
            write("#any-url", "ws://127.0.0.1:" + other.getPort() + "/");
            choose(Kind.JSON_RPC);
            click("#any-connect");
            await("an open connection", () -> text("#any-state").equals("OPEN"));
            write("#any-message", "nonsense");
            click("#any-send");
            await("an explanation", () -> anyLogged("not sent  a line is call METHOD PARAMS"));
        }
    }

    @Test
    void everyFieldHasItsPartInTheHandshake() throws Exception {
        try (MockWebServer other = new MockWebServer()) {
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket socket, Response response) {
                            socket.send("{\"n\":7}");
                            socket.close(1001, "leaving");
                        }
                    })
                    .build());
            other.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {})
                    .build());
            other.start(InetAddress.getLoopbackAddress(), 0);
            write("#any-url", "ws://127.0.0.1:" + other.getPort() + "/chat");
            write("#any-headers", "Origin: https://example.com\nX-One: 1");
            write("#any-subprotocols", "a.v1, b.v1");
            choose(Kind.LAST_MESSAGE_ID);
            write("#any-pointer", "/n");
            write("#any-parameter", "from");
            click("#any-connect");
            RecordedRequest first = other.takeRequest();
            assertEquals("/chat", first.getTarget());
            assertEquals("https://example.com", first.getHeaders().get("Origin"));
            assertEquals("1", first.getHeaders().get("X-One"));
            assertEquals("a.v1, b.v1", first.getHeaders().get("Sec-WebSocket-Protocol"));
            assertEquals("/chat?from=7", other.takeRequest().getTarget());
            await("the message", () -> anyLogged("received  {\"n\":7}"));
            click("#any-disconnect");
        }
    }

    @Test
    void aProxyIsGoneThroughAndItsPasswordForgotten() throws Exception {
        try (MockWebServer proxy = new MockWebServer()) {
            proxy.enqueue(new MockResponse.Builder().code(403).build());
            proxy.start(InetAddress.getLoopbackAddress(), 0);
            write("#any-proxy", "http://ada:secret@127.0.0.1:" + proxy.getPort());
            explains("ws://holdfast.invalid/live", "does not let you in");
            assertEquals("http://holdfast.invalid/live", proxy.takeRequest().getTarget());
            await("a file", () -> read().contains("holdfast.invalid"));
            assertFalse(read().contains("secret"));
        }
    }

    @Test
    void theEventsAreFilteredCopiedAndSaved() throws Exception {
        explains("ws://127.0.0.1:1/", "Nobody listens");
        await("a line that will be shown", () -> anyLogged("CONNECTING"));
        click("#any-filter");
        robot.write("connecting", 0);
        String text = onWindow(() -> server.log().text());
        assertTrue(text.lines().allMatch(line -> line.contains("CONNECTING")), text);
        click("#any-copy");
        String copied = onWindow(() -> Clipboard.getSystemClipboard().getString());
        assertTrue(copied.startsWith(text.lines().findFirst().orElseThrow()), copied);
        Path file = folder.resolve("any.txt");
        robot.interact(() -> view.connect().log().saveTo(file));
        click("#any-save");
        await("a file", () -> Files.exists(file));
    }

    @Test
    void explainsAServerThatWantsACredential() {
        write("#any-url", onWindow(demonstration::url));
        choose(Kind.RESUMABLE);
        click("#any-connect");
        await("a refusal", () -> text("#any-explanation").contains("The credential is missing or has expired"));
        await("the close code", () -> anyLogged("4401"));
    }

    @Test
    void explainsWhatIsNoUrl() {
        explains("http://example.com", "begins with ws:// or wss://");
        explains("", "this is empty");
        explains("ws://", "is no URL");
        assertFalse(onWindow(() -> server.connected().get()));
        assertTrue(onWindow(() -> node("#any-disconnect").isDisabled()));
    }

    @Test
    void explainsWhatIsNoHeaderNoPointerAndNoProxy() {
        write("#any-url", "ws://127.0.0.1:1/");
        write("#any-headers", "nonsense");
        click("#any-connect");
        awaitExplanation("A header looks like Name: value, this one does not: nonsense");
        write("#any-headers", "");
        write("#any-proxy", "nowhere");
        click("#any-connect");
        awaitExplanation(
                "A proxy looks like host:port, http://user:password@host:port or socks://host:port, this one does not: nowhere");
        write("#any-proxy", "");
        choose(Kind.LAST_MESSAGE_ID);
        write("#any-pointer", "id");
        click("#any-connect");
        awaitExplanation("A JSON pointer is empty or begins with a slash, as /id does; this is id");
    }

    @Test
    void explainsWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        explains("ws://127.0.0.1:" + port + "/", "Nobody listens at 127.0.0.1, port " + port);
        await("another attempt", () -> onWindow(() -> server.state().get()) == ClientState.WAITING);
    }

    @Test
    void explainsAServerThatHasNothingThere() {
        explains(onWindow(demonstration::url).replace("/live", "/elsewhere"), "There is no WebSocket at /elsewhere");
    }

    @Test
    void explainsAServerThatWantsAnotherSubprotocol() {
        explains(onWindow(demonstration::url), "it may want a subprotocol");
    }

    @Test
    void remembersWithoutTheHeaders() throws Exception {
        write("#any-url", "ws://127.0.0.1:1/first");
        write("#any-headers", "Authorization: Bearer secret");
        click("#any-connect");
        explains("ws://127.0.0.1:1/second", "Nobody listens");
        ListView<?> list = (ListView<?>) node("#any-recent");
        assertEquals(2, onWindow(() -> list.getItems().size()));
        await("a file", () -> Files.exists(recentFile) && read().contains("/second"));
        assertFalse(read().contains("secret"));

        robot.interact(() -> list.getSelectionModel().select(1));
        assertEquals("ws://127.0.0.1:1/first", ((TextInputControl) node("#any-url")).getText());
        click("#any-connect");
        assertEquals("ws://127.0.0.1:1/first", ((TextInputControl) node("#any-url")).getText());
        close();
        open();
        click("Connect to any server");
        ListView<?> again = (ListView<?>) node("#any-recent");
        await("what was remembered", () -> onWindow(() -> again.getItems().size()) == 2);
    }

    @Test
    void secretsInTheUrlAreNotRememberedAndOthersCannotReadTheFile() throws Exception {
        Files.createDirectories(recentFile.getParent());
        Files.writeString(recentFile, "[]");
        Files.setPosixFilePermissions(recentFile, PosixFilePermissions.fromString("rw-r--r--"));
        write("#any-url", "ws://ada:secret@127.0.0.1:1/?access_token=secret&room=7");
        click("#any-connect");
        await("a file", () -> read().contains("room=7"));
        assertFalse(read().contains("secret"), read());
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(recentFile));
    }

    /** Earlier versions kept more. */
    @Test
    void anOldFileIsCleaned() throws Exception {
        close();
        Files.createDirectories(recentFile.getParent());
        Files.writeString(
                recentFile,
                "[{\"url\":\"wss://a:secret@b/\",\"headers\":\"\",\"subprotocols\":\"\",\"kind\":\"NONE\","
                        + "\"pointer\":\"/id\",\"parameter\":\"since\",\"proxy\":\"\"}]");
        open();
        await("the clean file", () -> read().contains("wss://b/"));
        assertFalse(read().contains("secret"), read());
    }

    private String read() {
        try {
            return Files.readString(recentFile);
        } catch (IOException e) {
            return "";
        }
    }
}
