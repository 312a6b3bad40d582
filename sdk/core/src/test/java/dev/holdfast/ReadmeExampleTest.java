package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.websocket.HoldfastWebSockets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's examples, compiled and run; and the check that they are the README's. */
class ReadmeExampleTest {
    /** Stands for the JDK's, so that the test sees what is printed. */
    @SuppressWarnings("JavaLangClash")
    static final class System {
        static final Printer out = new Printer();
    }

    static final class Printer {
        final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        void println(Object line) {
            lines.add(line.toString());
        }
    }

    static final class Echo extends WebSocketListener {
        @Override
        public void onMessage(WebSocket webSocket, String text) {
            webSocket.send(text);
        }

        @Override
        public void onClosing(WebSocket webSocket, int code, String reason) {
            webSocket.close(code, reason);
        }
    }

    // spotless:off
    @SuppressWarnings("FutureReturnValueIgnored")
    void example(String url) throws Exception {
        // snippet
        HoldfastClient client = HoldfastClient.builder(url)
                .onMessage((c, message) -> {
                    System.out.println("received: " + message.text());
                    c.close();
                })
                .onConnectionFailure((c, failure) -> {
                    System.out.println(failure); // why, and when it tries again
                    if (!failure.willRetry()) c.cancel();
                })
                .build();
        client.connect();
        client.send("hello").outcome().thenAccept(outcome -> System.out.println("sent: " + outcome));
        client.closed().get(); // the SDK's threads are daemons: without this a main method ends at once
        // end
    }

    void factory(OkHttpClient okHttpClient, Request request, WebSocketListener listener) {
        // snippet
        WebSocket.Factory factory = HoldfastWebSockets.create(okHttpClient);
        factory.newWebSocket(request, listener);
        // end
    }
    // spotless:on

    @Test
    @Timeout(30)
    void runsAgainstAnEchoServer() throws Exception {
        try (MockWebServer server = new MockWebServer()) {
            server.enqueue(
                    new MockResponse.Builder().webSocketUpgrade(new Echo()).build());
            server.start();
            example(server.url("/").toString());
            assertEquals(Set.of("sent: WRITTEN", "received: hello"), Set.copyOf(System.out.lines));
        }
    }

    @Test
    void isTheReadmes() throws IOException {
        List<String> readme = SnippetsTest.blocks(Path.of("..", "..", "README.md"), "```java", "```");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "ReadmeExampleTest.java");
        assertEquals(
                String.join("\n\n", readme), String.join("\n\n", SnippetsTest.blocks(source, "// snippet", "// end")));
        assertTrue(readme.get(0).lines().count() <= 16, "longer than fifteen lines");
    }
}
