package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A close that waits. */
@Timeout(60)
@Tag("slow")
class ClosingTest {
    private static final int MESSAGES = 20_000;

    private final MockWebServer server = new MockWebServer();
    private final AtomicInteger received = new AtomicInteger();
    private volatile @Nullable WebSocket unanswered;
    private final CountDownLatch closed = new CountDownLatch(1);

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        WebSocket open = unanswered;
        if (open != null) open.close(1000, null);
        server.close();
    }

    /** @param answers whether the server answers a close frame */
    private String serve(boolean answers) {
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket socket, String text) {
                        received.incrementAndGet();
                    }

                    @Override
                    public void onClosing(WebSocket socket, int code, String reason) {
                        closed.countDown();
                        if (answers) socket.close(code, reason);
                        else unanswered = socket;
                    }
                })
                .build());
        return server.url("/").toString();
    }

    @Test
    void theServerGetsTheCodeAndReasonOfTheApplicationAfterTheLastMessage() throws Exception {
        String reason = "\u20ac".repeat(41);
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        server.enqueue(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket socket, String text) {
                        events.add(text);
                    }

                    @Override
                    public void onClosing(WebSocket socket, int code, String text) {
                        events.add(code + " " + text);
                        socket.close(code, text);
                    }
                })
                .build());
        HoldfastClient client =
                HoldfastClient.builder(server.url("/").toString()).build();
        client.connect();
        client.send("last");
        client.close(4999, reason);
        client.close(3000, "too late");
        assertEquals(new CloseReason(4999, reason), client.closed().get(30, TimeUnit.SECONDS));
        assertEquals("last", events.poll(30, TimeUnit.SECONDS));
        assertEquals("4999 " + reason, events.poll(30, TimeUnit.SECONDS));
    }

    @Test
    void aCodeOrReasonThatMustNotBeSentClosesNothing() {
        HoldfastClient client = HoldfastClient.builder("ws://127.0.0.1:1/").build();
        for (int code : new int[] {0, 999, 1001, 1005, 1006, 1011, 2999, 5000}) {
            assertEquals(
                    "code must be 1000 or between 3000 and 4999, but was " + code,
                    assertThrows(IllegalArgumentException.class, () -> client.close(code, ""))
                            .getMessage());
        }
        assertEquals(
                "reason must have at most 123 bytes in UTF-8, but has 124",
                assertThrows(IllegalArgumentException.class, () -> client.close(1000, "\u20ac".repeat(41) + "x"))
                        .getMessage());
        assertThrows(NullPointerException.class, () -> client.close(1000, null));
        assertEquals(ClientState.IDLE, client.state());
        client.cancel();
    }

    /** A program that sends and ends. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            String url = args[0];
            if (args[1].equals("main")) inMain(url);
            else inTry(url);
        }

        // spotless:off
        static void waits(HoldfastClient client) throws InterruptedException {
            // ending
            client.connect();
            try {
                Opening opening = client.opened().get(30, TimeUnit.SECONDS);
                System.out.println(opening);
            } catch (ExecutionException e) {
                System.err.println("not trying again: " + e.getCause()); // a ConnectionFailedException with the failure
            } catch (TimeoutException e) {
                System.err.println("still trying"); // the client goes on, and so does what was sent
            }
            // end
        }

        private static void inMain(String url) {
            // ending
            HoldfastClient client = HoldfastClient.builder(url).build();
            client.connect();
            for (int i = 0; i < MESSAGES; i++) client.send("line " + i);
            if (!client.close(Duration.ofSeconds(30))) System.err.println("not everything arrived");
            // end
        }

        private static void inTry(String url) {
            // ending
            try (HoldfastClient client = HoldfastClient.builder(url).build()) {
                client.connect();
                for (int i = 0; i < MESSAGES; i++) client.send("line " + i);
                client.close(Duration.ofSeconds(30)); // last: close() at the end of the block does not wait
            }
            // end
        }
        // spotless:on
    }

    /** Returns the places of the classes that a program needs. */
    private static String classPath(Class<?>... types) throws Exception {
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> type : types) {
            places.add(Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        return String.join(File.pathSeparator, places);
    }

    @Test
    void areTheBlocksOfThePage() throws IOException {
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "ClosingTest.java");
        List<String> ours = SnippetsTest.blocks(source, "// ending", "// end");
        List<String> page = SnippetsTest.blocks(Path.of("..", "..", "docs", "ending.md"), "```java", "```");
        assertEquals(3, ours.size());
        assertEquals(ours, page);
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "try"})
    void nothingIsLostAtTheEndOfAMain(String kind) throws Exception {
        String url = serve(true);
        Process program = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classPath(
                                HoldfastClient.class,
                                ClosingTest.class,
                                OkHttpClient.class,
                                Buffer.class,
                                kotlin.Unit.class),
                        Program.class.getName(),
                        url,
                        kind))
                .inheritIO()
                .start();
        assertTrue(program.waitFor(50, TimeUnit.SECONDS));
        assertEquals(0, program.exitValue());
        assertTrue(closed.await(10, TimeUnit.SECONDS), "no close frame after " + received + " messages");
        assertEquals(MESSAGES, received.get());
    }

    @Test
    void theTimeLimitTakesThePlaceOfTheCloseTimeout() {
        HoldfastClient client = HoldfastClient.builder(serve(false))
                .closeTimeout(Duration.ofSeconds(50))
                .build();
        client.connect();
        Delivery delivery = client.send("hello");
        long begin = System.nanoTime();
        assertFalse(client.close(Duration.ofMillis(600)));
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        assertTrue(took < 20_000, took + " ms");
        assertEquals(ClientState.CLOSED, client.state());
        assertTrue(delivery.outcome().isDone());
        assertFalse(client.close(Duration.ofSeconds(1)), "the same answer again");
    }

    @Test
    void aClientWithoutAConnectionEndsInOrder() throws Exception {
        HoldfastClient client = HoldfastClient.builder("ws://localhost:1/").build();
        assertTrue(client.close(Duration.ofSeconds(10)));
        assertEquals(1000, client.closed().get(10, TimeUnit.SECONDS).code());
        assertThrows(IllegalArgumentException.class, () -> client.close(Duration.ZERO));
    }

    @Test
    void aMessageThatIsNotSentIsReported() {
        HoldfastClient client = HoldfastClient.builder("ws://localhost:1/").build();
        Delivery delivery = client.send("never");
        assertFalse(client.close(Duration.ofSeconds(10)));
        assertEquals(Outcome.Kind.CANCELLED, delivery.outcome().join().kind());
    }

    @Test
    void aCallbackMustNotWait() throws Exception {
        CompletableFuture<Object> thrown = new CompletableFuture<>();
        HoldfastClient client = HoldfastClient.builder(serve(true))
                .onOpen((from, opening) -> {
                    try {
                        thrown.complete(from.close(Duration.ofSeconds(1)));
                    } catch (IllegalStateException e) {
                        thrown.complete(e);
                    }
                })
                .build();
        client.connect();
        assertInstanceOf(IllegalStateException.class, thrown.get(10, TimeUnit.SECONDS));
        assertEquals(ClientState.OPEN, client.state());
        assertTrue(client.close(Duration.ofSeconds(10)));
    }

    @Test
    void anInterruptEndsTheWaitAndNotTheClosing() throws Exception {
        HoldfastClient client = HoldfastClient.builder(serve(true)).build();
        client.connect();
        client.opened().get(10, TimeUnit.SECONDS);
        Thread.currentThread().interrupt();
        assertFalse(client.close(Duration.ofSeconds(10)));
        assertTrue(Thread.interrupted());
        assertEquals(1000, client.closed().get(10, TimeUnit.SECONDS).code());
    }

    @Test
    void callbacksThatDoNotRunEndTheWait() {
        HoldfastClient client = HoldfastClient.builder("ws://localhost:1/")
                .callbackExecutor(task -> {})
                .build();
        long begin = System.nanoTime();
        assertFalse(client.close(Duration.ofMillis(10)));
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20));
        assertEquals(ClientState.CLOSED, client.state());
    }
}
