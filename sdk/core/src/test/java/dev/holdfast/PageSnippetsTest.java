package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.websocket.HoldfastWebSocket;
import dev.holdfast.websocket.HoldfastWebSockets;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the pages for newcomers, compiled; and the check that they are the pages'. */
class PageSnippetsTest {
    record ChatLine(String who, String text) {}

    private static final Path DOCS = Path.of("..", "..", "docs");

    /** Compiled and run by the profile consumers. */
    private static final Path JAVAFX =
            Path.of("..", "it", "src", "it", "javafx", "src", "main", "java", "com", "example", "ChatApp.java");

    /** Compiled in the module of the store. */
    private static final Path STORE = Path.of(
            "..", "store-sqlite", "src", "test", "java", "dev", "holdfast", "store", "sqlite", "DesktopPageTest.java");

    private final Logger log = Logger.getAnonymousLogger();

    @SuppressWarnings("FutureReturnValueIgnored")
    // spotless:off
    HoldfastClient first() {
        // getting-started
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .onMessage((c, message) -> System.out.println("received: " + message.text()))
                .onConnectionFailure((c, failure) -> System.out.println(failure)) // why, and when it tries again
                .build();
        client.connect();
        Delivery delivery = client.send("hello");
        delivery.outcome().thenAccept(outcome -> System.out.println("sent: " + outcome));
        // end
        return client;
    }

    HoldfastClient executor(HoldfastListener listener) {
        // getting-started
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .callbackExecutor(SwingUtilities::invokeLater) // JavaFX: Platform::runLater; Android: android.md
                .listener(listener)
                .build();
        // end
        return client;
    }

    void object(HoldfastClient client) {
        // getting-started
        client.send(new ChatLine("ada", "hello"));
        // end
    }

    HoldfastListener chat() {
        // getting-started
        HoldfastListener chat = new HoldfastListener() {
            @Override
            public void onMessage(HoldfastClient client, Message message) {
                show(message.read(ChatLine.class));
            }
        };
        // end
        return chat;
    }

    private void show(ChatLine line) {
        log.fine(line.text());
    }

    HoldfastClient typed() {
        // getting-started
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .typed(TypedMessages.discriminator("/type")
                        .on("chat", ChatLine.class, this::show)
                        .otherwise(message -> log.info(message.text())))
                .build();
        // end
        return client;
    }

    void ending(HoldfastClient client) throws Exception {
        // getting-started
        client.connect();
        client.opened().get(30, TimeUnit.SECONDS); // fails if the client stops trying
        client.send("the last message");
        client.close(Duration.ofSeconds(30));
        // end
    }

    HoldfastClient resumable() {
        // getting-started
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable())
                .build();
        // end
        return client;
    }

    HoldfastClient swing() {
        // desktop
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .callbackExecutor(SwingUtilities::invokeLater) // JavaFX: Platform::runLater
                .networkMonitor(NetworkMonitor.desktop())
                .build();
        // end
        return client;
    }

    HoldfastClient proxy() {
        // desktop
        OkHttpClient http = new OkHttpClient.Builder()
                .proxy(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy.example.com", 3128)))
                .build();
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .okHttpClient(http)
                .build();
        // end
        return client;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    void closing(JFrame frame, HoldfastClient client) {
        // desktop
        frame.setDefaultCloseOperation(WindowConstants.DO_NOTHING_ON_CLOSE);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                frame.setVisible(false);
                client.close(); // sends what is queued
                client.closed().thenRun(frame::dispose);
            }
        });
        // end
    }

    HoldfastClient failures() {
        // troubleshooting
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .addEventListener(new HoldfastEventListener() {
                    @Override
                    public void onConnectionFailure(ConnectionFailure failure) {
                        log.warning(failure.toString());
                    }
                })
                .build();
        // end
        return client;
    }

    HoldfastClient cut(String url) throws Exception {
        // troubleshooting
        Deque<Socket> sockets = new ConcurrentLinkedDeque<>();
        OkHttpClient http = new OkHttpClient.Builder()
                .eventListener(new EventListener() {
                    @Override
                    public void connectionAcquired(Call call, Connection connection) {
                        sockets.add(connection.socket());
                    }
                })
                .build();
        HoldfastClient client = HoldfastClient.builder(url).okHttpClient(http).build();
        client.connect();
        client.opened().get(10, TimeUnit.SECONDS);
        sockets.getLast().close(); // the cut
        // end
        return client;
    }

    WebSocket factory(OkHttpClient okHttpClient, Request request, WebSocketListener listener) {
        // migrating
        WebSocket.Factory factory = HoldfastWebSockets.create(okHttpClient);
        WebSocket webSocket = factory.newWebSocket(request, listener);
        // end
        return webSocket;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    void settings(OkHttpClient okHttpClient, Request request, WebSocketListener listener) {
        // migrating
        HoldfastWebSockets sockets = HoldfastWebSockets.builder(okHttpClient)
                .fragmentBytes(1024 * 1024) // for a server that cannot read fragments
                .maxMessageBytes(4 * 1024 * 1024)
                .build();
        HoldfastWebSocket webSocket = sockets.newWebSocket(request, listener);
        webSocket.ping().thenAccept(roundTrip -> log.info("round trip: " + roundTrip));
        // end
    }
    // spotless:on

    @ParameterizedTest
    @ValueSource(strings = {"getting-started", "desktop", "troubleshooting", "migrating"})
    void areThePages(String name) throws IOException {
        List<String> documented = SnippetsTest.blocks(DOCS.resolve(name + ".md"), "```java", "```");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "PageSnippetsTest.java");
        List<String> compiled = new ArrayList<>(SnippetsTest.blocks(source, "// " + name, "// end"));
        if (name.equals("desktop")) {
            compiled.addAll(SnippetsTest.blocks(JAVAFX, "// desktop", "// end"));
            compiled.addAll(SnippetsTest.blocks(STORE, "// desktop", "// end"));
        }
        assertFalse(documented.isEmpty());
        assertEquals(String.join("\n\n", documented), String.join("\n\n", compiled));
    }

    @Test
    void theCutIsAFailureAfterWhichTheClientConnectsAgain() throws Exception {
        CountDownLatch upgrades = new CountDownLatch(2);
        try (MockWebServer server = new MockWebServer()) {
            MockResponse upgrade = new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket webSocket, Response response) {
                            upgrades.countDown();
                        }
                    })
                    .build();
            server.enqueue(upgrade);
            server.enqueue(upgrade);
            server.start();
            HoldfastClient client = cut(server.url("/").toString().replace("http", "ws"));
            try {
                assertTrue(upgrades.await(30, TimeUnit.SECONDS));
            } finally {
                client.cancel();
            }
        }
    }

    @Test
    void theExamplesBuildClients() {
        for (HoldfastClient client : List.of(executor(chat()), typed(), resumable(), swing(), proxy(), failures())) {
            assertEquals(ClientState.IDLE, client.state());
            object(client);
            client.cancel();
        }
    }

    /** The first cells of the tables in docs/troubleshooting.md quote messages of the SDK. */
    @Test
    void quotedMessagesAreInTheSources() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                // A literal may go on in the next line.
                sources.append(Files.readString(file).replaceAll("\"\\s*\\+\\s*\"", ""));
            }
        }
        Pattern quoted = Pattern.compile("`([^`]+)`");
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (String line : Files.readAllLines(DOCS.resolve("troubleshooting.md"))) {
            if (!line.startsWith("| ")) continue;
            Matcher matcher = quoted.matcher(line.split(" \\| ", 2)[0]);
            while (matcher.find()) {
                String message = matcher.group(1).replaceAll(" \\d+$", "");
                if (message.matches("\\d+|out")) continue;
                found++;
                if (sources.indexOf(message) < 0) missing.add(message);
            }
        }
        assertEquals(List.of(), missing);
        assertTrue(found > 15, found + " messages");
    }
}
