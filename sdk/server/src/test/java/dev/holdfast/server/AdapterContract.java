package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Session;
import dev.holdfast.testkit.FaultProxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An adapter with an example of docs/server-authors.md, which sends each message back, and a client behind a proxy that cuts. */
@Timeout(120)
abstract class AdapterContract {
    static final String PATH = "/live";

    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private FaultProxy proxy;
    private HoldfastClient client;

    @TempDir
    private Path folder;

    /** Starts a container with the example. It may use the folder. */
    abstract void startContainer(Path empty) throws Exception;

    abstract void stopContainer() throws Exception;

    abstract int port();

    /** Returns the server of the example. */
    abstract HoldfastServer server();

    @BeforeEach
    void start() throws Exception {
        startContainer(folder);
        proxy = FaultProxy.start(port());
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) client.cancel();
        if (proxy != null) proxy.close();
        stopContainer();
    }

    private void connect() {
        client = HoldfastClient.builder("ws://127.0.0.1:" + proxy.port() + "/live")
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50)))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        received.add(message.text());
                    }
                })
                .build();
        client.connect();
    }

    final String next() throws InterruptedException {
        String next = received.poll(60, TimeUnit.SECONDS);
        assertNotNull(next, "nothing came");
        return next;
    }

    @Test
    void nothingIsLostOrDoubledThroughCuts() throws Exception {
        connect();
        List<String> expected = new ArrayList<>();
        for (int cut = 0; cut < 5; cut++) {
            for (int i = 0; i < 200; i++) {
                String text = "{\"n\":" + (cut * 200 + i) + "}";
                expected.add(text);
                client.send(text);
            }
            assertEquals(expected.get(cut * 200), next());
            proxy.cut();
            for (int i = 1; i < 200; i++) assertEquals(expected.get(cut * 200 + i), next());
        }
        assertTrue(server().stats().resumed() > 0, "no cut hit the session");
        assertEquals(1, server().stats().created());
        assertEquals(1000, server().stats().handled());
    }

    @Test
    void messagesOfEverySizePass() throws Exception {
        connect();
        for (int size : new int[] {0, 1, 8_000, 100_000, 400_000}) {
            String text = "\"" + "ä".repeat(size) + "\"";
            client.send(text);
            assertEquals(text, next());
        }
    }

    /** Connects without the SDK. What comes is received, the close too. */
    final WebSocket socket(String subprotocol) throws Exception {
        return socket(PATH, subprotocol);
    }

    final WebSocket socket(String path, String subprotocol) throws Exception {
        StringBuilder message = new StringBuilder();
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols(subprotocol)
                .buildAsync(URI.create("ws://127.0.0.1:" + port() + path), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                        message.append(part);
                        if (last) {
                            received.add(message.toString());
                            message.setLength(0);
                        }
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
                        received.add("closed with " + code);
                        return null;
                    }
                })
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void whatIsNoCharacterPassesEscaped() throws Exception {
        WebSocket socket = socket(HoldfastServer.SUBPROTOCOL);
        socket.sendText("{\"t\":\"open\"}", true).get(60, TimeUnit.SECONDS);
        assertTrue(next().startsWith("{\"t\":\"welcome\""));
        assertEquals("{\"t\":\"live\"}", next());
        socket.sendText("{\"t\":\"msg\",\"c\":1,\"d\":\"a\\ud800\"}", true).get(60, TimeUnit.SECONDS);
        String text = next();
        if (text.startsWith("{\"t\":\"ack\"")) text = next();
        assertTrue(text.endsWith("\"d\":\"a\\ud800\"}"), text);
        socket.abort();
    }

    @Test
    void aDrainedClientResumes() throws Exception {
        connect();
        client.send("1");
        assertEquals("1", next());
        server().drain(Duration.ofMillis(100));
        server().ping();
        while (server().stats().resumed() == 0) Thread.sleep(10);
        client.send("2");
        assertEquals("2", next());
        server().dropConnections();
        client.send("3");
        assertEquals("3", next());
        assertEquals(1, server().stats().created());
    }

    /** Checks that a file is on the page, from one mark to the other. */
    static void assertOnThePage(Path file) throws Exception {
        String source = Files.readString(file);
        String begin = "// server-authors\n";
        String example = source.substring(source.indexOf(begin) + begin.length(), source.indexOf("// end"));
        String page = Files.readString(Path.of("..", "..", "docs", "server-authors.md"));
        assertTrue(page.contains("\n```java\n" + example + "```\n"), example);
    }
}
