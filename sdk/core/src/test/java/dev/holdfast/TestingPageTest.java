package dev.holdfast;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples of {@code docs/testing.md}, run; and the check that they are the page's. */
class TestingPageTest {
    record ChatLine(String who, String text) {}

    // spotless:off
    // testing
    static final class ChatListener implements HoldfastListener {
        private final Consumer<ChatLine> chat;
        private final Consumer<String> status;

        ChatListener(Consumer<ChatLine> chat, Consumer<String> status) {
            this.chat = chat;
            this.status = status;
        }

        @Override
        public void onMessage(HoldfastClient client, Message message) {
            chat.accept(message.read(ChatLine.class));
        }

        @Override
        public void onConnectionFailure(HoldfastClient client, ConnectionFailure failure) {
            status.accept(failure.willRetry() ? "offline, trying again" : failure.message());
        }
    }
    // end

    // testing
    private final MockWebServer server = new MockWebServer();
    private final BlockingQueue<ChatLine> chat = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> status = new LinkedBlockingQueue<>();
    private HoldfastClient client;

    @BeforeEach
    void start() throws IOException {
        server.start();
        client = HoldfastClient.builder("ws://" + server.getHostName() + ":" + server.getPort())
                .listener(new ChatListener(chat::add, status::add))
                .backoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(10)))
                .build();
    }

    @AfterEach
    void end() {
        client.cancel();
        server.close();
    }

    /** Accepts a connection and greets it. */
    private static MockResponse greeting() {
        return new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket socket, Response response) {
                        socket.send("{\"who\":\"ada\",\"text\":\"hello\"}");
                    }
                })
                .build();
    }

    @Test
    void showsWhatTheServerSends() throws Exception {
        server.enqueue(greeting());
        client.connect();
        assertEquals(new ChatLine("ada", "hello"), chat.poll(10, SECONDS));
    }

    @Test
    void saysThatItIsOfflineUntilTheServerIsBack() throws Exception {
        server.enqueue(new MockResponse.Builder()
                .code(500)
                .addHeader("Connection", "close")
                .build());
        server.enqueue(greeting());
        client.connect();
        assertEquals("offline, trying again", status.poll(10, SECONDS));
        assertEquals(new ChatLine("ada", "hello"), chat.poll(10, SECONDS));
    }
    // end
    // spotless:on

    @Test
    void isThePage() throws IOException {
        List<String> documented = SnippetsTest.blocks(Path.of("..", "..", "docs", "testing.md"), "```java", "```");
        // Those of the test kit are compiled and run there.
        Path kit = Path.of("..", "testkit", "src", "test", "java", "com", "example", "ChatTest.java");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "TestingPageTest.java");
        List<String> compiled = new ArrayList<>(SnippetsTest.blocks(kit, "// testing", "// end"));
        compiled.addAll(SnippetsTest.blocks(source, "// testing", "// end"));
        assertEquals(String.join("\n\n", documented), String.join("\n\n", compiled));
    }
}
