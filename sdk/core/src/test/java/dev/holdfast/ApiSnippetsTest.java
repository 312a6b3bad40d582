package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The examples of {@code docs/api.md}, compiled and run against a server that echoes; and the check that they are the page's. */
@Timeout(30)
class ApiSnippetsTest {
    record ChatLine(String type, String who, String text) {}

    record User(String name) {}

    record Cursor(int x, int y) {}

    record Picture(int width, int height, List<Integer> pixels) {}

    /** Stands for the application's. */
    private static final class Database {
        final List<String> saved = Collections.synchronizedList(new ArrayList<>());

        void save(String text, Runnable whenSaved) {
            saved.add(text);
            whenSaved.run();
        }
    }

    private final BlockingQueue<Object> shown = new LinkedBlockingQueue<>();
    private final BlockingQueue<Object> logged = new LinkedBlockingQueue<>();
    private final Database database = new Database();
    private final MockWebServer server = new MockWebServer();
    private String url = "wss://example.com/live";

    private void show(Object what) {
        shown.add(what);
    }

    private void log(Object what) {
        logged.add(what == null ? "null" : what);
    }

    private void mark(Delivery delivery, String how) {
        shown.add(how + " " + delivery.message().text());
    }

    @BeforeEach
    void echo() throws IOException {
        for (int i = 0; i < 3; i++) {
            server.enqueue(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onMessage(WebSocket socket, String text) {
                            socket.send(text);
                        }

                        @Override
                        public void onMessage(WebSocket socket, ByteString bytes) {
                            socket.send(bytes);
                        }

                        @Override
                        public void onClosing(WebSocket socket, int code, String reason) {
                            socket.close(code, reason);
                        }
                    })
                    .build());
        }
        server.start();
        url = server.url("/").toString().replace("http", "ws");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Object take(BlockingQueue<Object> from) throws InterruptedException {
        return from.poll(10, TimeUnit.SECONDS);
    }

    private static void end(HoldfastClient client) throws Exception {
        client.close();
        assertEquals(1000, client.closed().get(10, TimeUnit.SECONDS).code());
    }

    // spotless:off
    HoldfastClient first() throws InterruptedException, ExecutionException, TimeoutException {
        // api
        HoldfastClient client = HoldfastClient.builder(url)
                .onMessage((c, message) -> show(message.text()))
                .onConnectionFailure((c, failure) -> log(failure)) // what failed, and when the next attempt follows
                .build();
        client.connect();
        Opening opening = client.opened().get(10, TimeUnit.SECONDS); // in a main or a test, never in a callback
        log(opening.subprotocol());
        // end
        return client;
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    void send(HoldfastClient client) {
        // api
        client.send("hello"); // text
        client.send(ByteString.decodeHex("0001")); // bytes
        client.send(new ChatLine("chat", "ada", "hello")); // an object, as JSON
        // end
        // api
        client.send("order 17").outcome().thenAccept(outcome -> {
            switch (outcome.kind()) {
                case ACKNOWLEDGED: // the server has handled it; in a resumable session
                case WRITTEN: // the socket took it; the most that any other session can know
                    show("sent");
                    break;
                case UNKNOWN: // the connection broke; it may have arrived
                    show("please check");
                    break;
                default: // it was not handled: rejected, expired, conflated, dropped, cancelled
                    show("not sent: " + outcome);
            }
        });
        // end
    }

    void intent(HoldfastClient client) {
        // api
        client.send(
                new Cursor(3, 4),
                SendOptions.conflated("cursor") // only the newest one waits
                        .withExpiry(Duration.ofSeconds(2)) // after 2 s nobody wants it any more
                        .withPriority(Priority.BULK)); // behind everything else
        // end
    }

    HoldfastClient commit() {
        // api
        HoldfastClient client = HoldfastClient.builder(url)
                .session(Session.resumable().withManualAcks())
                .onMessage((c, message) -> database.save(message.text(), message::ack))
                .build();
        // end
        return client;
    }

    HoldfastClient loss() {
        // api
        HoldfastClient client = HoldfastClient.builder(url)
                .session(Session.resumable())
                .onSessionLost((c, loss) -> {
                    for (Delivery delivery : loss.unknown()) mark(delivery, "unknown"); // may have arrived
                    log("reload: the server no longer has the session: " + loss.reason());
                })
                .build();
        client.onSessionStart("prices", "subscribe EUR/USD"); // sent again at the start of every new session
        // end
        return client;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // an example
    HoldfastClient durable(SessionStore store) {
        // api
        HoldfastClient client = HoldfastClient.builder(url)
                .session(Session.resumable())
                .store(store) // a SqliteSessionStore on the desktop, an AndroidSessionStore on Android
                .build();
        client.storeOpened().thenAccept(this::show); // what an earlier process could not finish
        client.connect();
        client.send("order 17").stored().thenAccept(done -> log("on the disk: " + done));
        // end
        return client;
    }

    void ending(HoldfastClient client) throws InterruptedException, ExecutionException, TimeoutException {
        // api
        client.close(); // sends what is queued, then ends
        CloseReason reason = client.closed().get(10, TimeUnit.SECONDS);
        log("closed with " + reason.code());
        // end
    }

    HoldfastClient endpoints() {
        // api
        HoldfastClient client = HoldfastClient.builder("wss://a.example.com/live")
                .endpoint("wss://b.example.com/live")
                .endpoint("wss://c.example.com/live")
                .build();
        // end
        return client;
    }

    HoldfastClient typed() {
        // api
        TypedMessages typed = TypedMessages.discriminator("/type")
                .on("chat", ChatLine.class, this::show)
                .on("user", User.class, this::show)
                .otherwise(this::log); // another type, or a message that cannot be read
        HoldfastClient client = HoldfastClient.builder(url).typed(typed).build();
        // end
        return client;
    }

    void read(Message message) {
        // api
        User user = message.read(User.class);
        // end
        show(user);
    }

    void readList(Message message) {
        // api
        List<User> users = message.read(new TypeRef<List<User>>() {});
        // end
        show(users);
    }

    HoldfastClient cbor() {
        // api
        HoldfastClient client = HoldfastClient.builder(url)
                .payloadCodec(JacksonCodec.cbor()) // needs com.fasterxml.jackson.dataformat:jackson-dataformat-cbor
                .onMessage((c, message) -> show(message.read(Picture.class)))
                .build();
        // end
        return client;
    }

    HoldfastClient envelopes() {
        // api
        PayloadCodec codec = BinaryEnvelopes.empty()
                .withType(1, ChatLine.class, JacksonCodec.cbor())
                .withType(2, Picture.class, JacksonCodec.cbor());
        HoldfastClient client = HoldfastClient.builder(url)
                .payloadCodec(codec)
                .onMessage((c, message) -> {
                    Object value = message.read(Object.class); // of the class that the type byte stands for
                    if (value instanceof Picture) show(value);
                    else log(value);
                })
                .build();
        // end
        return client;
    }

    // api
    static final class CsvCodec implements PayloadCodec {
        @Override
        public EncodedPayload encode(Object object) {
            Cursor cursor = (Cursor) object;
            return EncodedPayload.text(cursor.x() + "," + cursor.y());
        }

        @Override
        public Object decode(EncodedPayload payload, Type type) {
            String[] cells = payload.text().split(",", -1);
            return new Cursor(Integer.parseInt(cells[0]), Integer.parseInt(cells[1]));
        }
    }
    // end
    // spotless:on

    @Test
    void areThePages() throws IOException {
        List<String> documented = SnippetsTest.blocks(Path.of("..", "..", "docs", "api.md"), "```java", "```");
        Path source = Path.of("src", "test", "java", "dev", "holdfast", "ApiSnippetsTest.java");
        assertFalse(documented.isEmpty());
        assertEquals(
                String.join("\n\n", documented), String.join("\n\n", SnippetsTest.blocks(source, "// api", "// end")));
    }

    @Test
    void aFirstConnectionSendsAndEnds() throws Exception {
        HoldfastClient client = first();
        send(client);
        intent(client);
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) all.add(take(shown));
        assertTrue(all.contains("hello"), all.toString());
        assertTrue(all.contains("{\"type\":\"chat\",\"who\":\"ada\",\"text\":\"hello\"}"), all.toString());
        ending(client);
        assertTrue(logged.contains("closed with 1000"), logged.toString());
    }

    @Test
    void typedMessagesComeToTheirHandlers() throws Exception {
        HoldfastClient client = typed();
        client.connect();
        ChatLine line = new ChatLine("chat", "ada", "hello");
        client.send(line);
        client.send(new User("ada"));
        assertEquals(line, take(shown));
        assertEquals("{\"name\":\"ada\"}", ((Message) take(logged)).text());
        read(client.send(new User("ada")).message());
        readList(client.send(List.of(new User("ada"))).message());
        assertEquals(new User("ada"), take(shown));
        assertEquals(List.of(new User("ada")), take(shown));
        end(client);
    }

    @Test
    void binaryMessagesComeBack() throws Exception {
        Picture picture = new Picture(1, 2, List.of(3, 4));
        HoldfastClient cbor = cbor();
        cbor.connect();
        cbor.send(picture);
        assertEquals(picture, take(shown));
        end(cbor);
        HoldfastClient envelopes = envelopes();
        envelopes.connect();
        envelopes.send(picture);
        envelopes.send(new ChatLine("chat", "ada", "hello"));
        assertEquals(picture, take(shown));
        assertEquals(new ChatLine("chat", "ada", "hello"), take(logged));
        end(envelopes);
    }

    @Test
    void anotherCodecIsUsed() throws Exception {
        HoldfastClient client = HoldfastClient.builder(url)
                .payloadCodec(new CsvCodec())
                .onMessage((c, message) -> show(message.read(Cursor.class)))
                .build();
        client.connect();
        client.send(new Cursor(3, 4));
        assertEquals(new Cursor(3, 4), take(shown));
        end(client);
    }

    @Test
    void theOthersBuildClients() {
        for (HoldfastClient client : List.of(commit(), loss(), endpoints())) {
            assertEquals(ClientState.IDLE, client.state());
            client.cancel();
        }
        assertThrows(
                UnsupportedOperationException.class, () -> new CsvCodec().textAt(EncodedPayload.text("1,2"), "/x"));
    }
}
