package dev.holdfast.sample.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.holdfast.ClientState;
import dev.holdfast.sample.model.ServerSettings.Kind;
import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import javafx.scene.control.ChoiceBox;
import javafx.scene.control.ListView;
import javafx.scene.control.TextInputControl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tab that connects to any server. */
@Timeout(90)
class ConnectTest extends WindowHarness {
    @BeforeEach
    void toTheTab() {
        click("Connect to any server");
    }

    private void write(String query, String text) {
        TextInputControl field = (TextInputControl) node(query);
        robot.interact(() -> {
            field.requestFocus();
            field.clear();
        });
        robot.write(text, 0);
    }

    private void choose(Kind kind) {
        @SuppressWarnings("unchecked") // the only one there is
        ChoiceBox<Kind> kinds = (ChoiceBox<Kind>) node("#any-kind");
        robot.interact(() -> kinds.setValue(kind));
    }

    private boolean anyLogged(String words) {
        return onWindow(() ->
                server.log().shown().stream().anyMatch(event -> event.toString().contains(words)));
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
            assertEquals("IDLE", text("#any-state"));
        }
    }

    @Test
    void explainsAServerThatWantsACredential() {
        write("#any-url", onWindow(demonstration::url));
        choose(Kind.RESUMABLE);
        click("#any-connect");
        await("a refusal", () -> text("#any-explanation").contains("The credential is missing or has expired"));
        assertTrue(anyLogged("4401"));
    }

    @Test
    void explainsWhatIsNoUrl() {
        explains("http://example.com", "begins with ws:// or wss://");
        explains("", "this is empty");
        explains("ws://", "is no URL");
        assertFalse(server.connected().get());
        assertTrue(node("#any-disconnect").isDisabled());
    }

    @Test
    void explainsWhatIsNoHeaderNoPointerAndNoProxy() {
        write("#any-url", "ws://127.0.0.1:1/");
        write("#any-headers", "nonsense");
        click("#any-connect");
        assertEquals("A header looks like Name: value, this one does not: nonsense", text("#any-explanation"));
        write("#any-headers", "");
        write("#any-proxy", "nowhere");
        click("#any-connect");
        assertEquals(
                "A proxy looks like host:port, http://user:password@host:port or socks://host:port, this one does not: nowhere",
                text("#any-explanation"));
        write("#any-proxy", "");
        choose(Kind.LAST_MESSAGE_ID);
        write("#any-pointer", "id");
        click("#any-connect");
        assertEquals(
                "A JSON pointer is empty or begins with a slash, as /id does; this is id", text("#any-explanation"));
    }

    @Test
    void explainsWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        explains("ws://127.0.0.1:" + port + "/", "Nobody listens at 127.0.0.1, port " + port);
        await("another attempt", () -> server.state().get() == ClientState.WAITING);
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
        assertEquals(2, list.getItems().size());
        await("a file", () -> Files.exists(recentFile) && read().contains("/second"));
        assertFalse(read().contains("secret"));

        robot.interact(() -> list.getSelectionModel().select(1));
        assertEquals("ws://127.0.0.1:1/first", ((TextInputControl) node("#any-url")).getText());
        close();
        open();
        click("Connect to any server");
        ListView<?> again = (ListView<?>) node("#any-recent");
        await("what was remembered", () -> onWindow(() -> again.getItems().size()) == 2);
    }

    private String read() {
        try {
            return Files.readString(recentFile);
        } catch (IOException e) {
            return "";
        }
    }
}
