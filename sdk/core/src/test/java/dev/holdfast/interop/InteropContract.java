package dev.holdfast.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Compression;
import dev.holdfast.interop.Conversation.Closed;
import dev.holdfast.interop.Conversation.Closing;
import dev.holdfast.interop.Conversation.Failed;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okio.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/**
 * The contract that holds with every server. A server echoes what it gets, but for these texts:
 *
 * <ul>
 *   <li>{@code #close CODE REASON}: it closes.
 *   <li>{@code #ping PAYLOAD}: it pings, and says {@code #pong PAYLOAD} when that is answered.
 *   <li>{@code #fragments A|B|C}: it sends the text ABC in that many fragments, and perhaps an empty one.
 *   <li>{@code #die}: it ends the TCP connection.
 *   <li>{@code #watch}: it says {@code #watching}, and from then on {@code #closed PATH CODE REASON} for every close frame
 *       that it gets on another connection.
 * </ul>
 *
 * <p>It speaks the subprotocol {@value #SUBPROTOCOL} with a client that offers it.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InteropContract {
    static final String SUBPROTOCOL = "interop.v2";

    /** Says which configuration of a server it was, which the build's own report of a failure leaves out. */
    @RegisterExtension
    final TestWatcher namesFailures = new TestWatcher() {
        @Override
        public void testFailed(ExtensionContext test, Throwable cause) {
            System.out.println("failed " + test.getRequiredTestClass().getName() + ": " + test.getDisplayName());
        }
    };

    private final Compression compression;
    private final String extensions;
    private final Payloads payloads = new Payloads();
    private final Deque<AutoCloseable> closedAfterAll = new ArrayDeque<>();
    private final List<Conversation> conversations = new ArrayList<>();
    private String url;
    private OkHttpClient client;
    private WebSocket.Factory factory;
    private int paths;

    /** @param extensions what the server answers to {@code permessage-deflate; client_max_window_bits}; empty for none */
    InteropContract(String extensions) {
        this(InteropClient.COMPRESSION, extensions);
    }

    /**
     * The contract for a client that asks for something.
     *
     * @param compression what the client offers
     * @param extensions what the server answers
     */
    InteropContract(Compression compression, String extensions) {
        this.compression = compression;
        this.extensions = extensions;
    }

    /** Starts the server, and returns its address. */
    abstract String start() throws Exception;

    /** How the client reaches the server. */
    void configure(OkHttpClient.Builder builder) throws Exception {}

    /** Remembers to close what was started, in the end, the last one first. */
    final <T extends AutoCloseable> T closeAfterAll(T started) {
        closedAfterAll.push(started);
        return started;
    }

    @BeforeAll
    void startServer() throws Exception {
        try {
            url = start();
        } catch (TestAbortedException e) {
            System.out.println("skipped " + getClass().getName() + ": " + e.getMessage());
            throw e;
        }
        OkHttpClient.Builder builder = new OkHttpClient.Builder();
        configure(builder);
        client = builder.build();
        factory = InteropClient.factory(client, compression);
    }

    @AfterAll
    void stopServer() throws Exception {
        while (!closedAfterAll.isEmpty()) closedAfterAll.pop().close();
        if (client == null) return;
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    @AfterEach
    void endConversations() {
        conversations.forEach(Conversation::cancel);
        conversations.clear();
    }

    @Test
    void agreesOnTheExtension() throws Exception {
        String answer = String.join(",", start(request()).takeOpened().headers("Sec-WebSocket-Extensions"));
        assertEquals(parameters(extensions), parameters(answer));
    }

    @Test
    void takesTheSubprotocolThatTheServerSelects() throws Exception {
        Conversation conversation = start(request().header("Sec-WebSocket-Protocol", "interop.v1, " + SUBPROTOCOL));
        Response response = conversation.takeOpened();
        assertEquals(List.of(SUBPROTOCOL), response.headers("Sec-WebSocket-Protocol"));
        conversation.send("hello");
        conversation.takeText("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"abcdefgh", "é", "😀", "aé€😀"})
    void echoesTextOfAnySize(String characters) throws Exception {
        Conversation conversation = open();
        for (int size : Payloads.SIZES) {
            String text = payloads.text(size, characters);
            conversation.send(text);
            conversation.takeText(text);
        }
    }

    @Test
    void echoesBinaryOfAnySize() throws Exception {
        Conversation conversation = open();
        for (int size : Payloads.SIZES) {
            ByteString bytes = payloads.noise(size);
            conversation.send(bytes);
            conversation.takeBinary(bytes);
        }
    }

    @Test
    void keepsTheOrderOfManyMessages() throws Exception {
        Conversation conversation = open();
        String filler = payloads.text(1000, "abcdefgh");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 1000; i++) texts.add(i + " " + filler.substring(i));
        texts.forEach(conversation::send);
        for (String text : texts) conversation.takeText(text);
    }

    @Test
    void keepsTheOrderOfTextAndBinaryOfManySizes() throws Exception {
        Conversation conversation = open();
        List<ByteString> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) sent.add(payloads.noise((i * 997) % 20_000));
        for (ByteString one : sent) {
            conversation.send(one);
            conversation.send(one.hex());
        }
        for (ByteString one : sent) {
            conversation.takeBinary(one);
            conversation.takeText(one.hex());
        }
    }

    /** Who compresses with a larger window than was agreed on is found out here. */
    @ParameterizedTest
    @ValueSource(ints = {1, 500, 600, 3_000, 20_000, 32_000, 40_000})
    void echoesWhatRepeatsWithinAMessageAndInTheNext(int distance) throws Exception {
        Conversation conversation = open();
        ByteString bytes = payloads.repeating(distance, 100_000);
        ByteString block = bytes.substring(0, distance);
        for (ByteString message : List.of(bytes, block, block, bytes, block)) {
            conversation.send(message);
            conversation.takeBinary(message);
        }
    }

    @Test
    void tellsTheServersClose() throws Exception {
        Conversation conversation = open();
        conversation.send("#close 4001 so lange, tschüss");
        assertEquals(new Closing(4001, "so lange, tschüss"), conversation.take(Closing.class));
        assertEquals(new Closed(4001, "so lange, tschüss"), conversation.take(Closed.class));
    }

    @Test
    void theServerGetsTheClientsClose() throws Exception {
        Conversation watcher = open();
        watcher.send("#watch");
        watcher.takeText("#watching");
        Request.Builder request = request();
        Conversation conversation = start(request);
        conversation.takeOpened();
        conversation.close(4002, "bis später");
        watcher.takeText("#closed " + request.build().url().encodedPath() + " 4002 bis später");
        assertEquals(4002, conversation.take(Closing.class).code());
        assertEquals(4002, conversation.take(Closed.class).code());
    }

    @Test
    void answersPings() throws Exception {
        Conversation conversation = open();
        conversation.send("#ping hello");
        conversation.takeText("#pong hello");
        conversation.send("#ping " + "x".repeat(120));
        conversation.takeText("#pong " + "x".repeat(120));
    }

    @Test
    void joinsFragments() throws Exception {
        Conversation conversation = open();
        for (int size : List.of(1, 126, 65_536)) {
            List<String> fragments = new ArrayList<>();
            for (int i = 0; i < 4; i++) fragments.add(payloads.text(size, "aé€😀"));
            conversation.send("#fragments " + String.join("|", fragments));
            conversation.takeText(String.join("", fragments));
            conversation.send("behind");
            conversation.takeText("behind");
        }
    }

    @Test
    void failsWhenTheServerDies() throws Exception {
        Conversation conversation = open();
        conversation.send("#die");
        conversation.take(Failed.class);
    }

    private Conversation open() throws InterruptedException {
        Conversation conversation = start(request());
        conversation.takeOpened();
        return conversation;
    }

    private Conversation start(Request.Builder request) {
        Conversation conversation = new Conversation(factory, request.build());
        conversations.add(conversation);
        return conversation;
    }

    /** Every conversation has a path of its own. */
    private Request.Builder request() {
        return new Request.Builder().url(url + "/" + paths++);
    }

    private static Set<String> parameters(String extension) {
        return Arrays.stream(extension.split(";", -1))
                .map(String::strip)
                .filter(one -> !one.isEmpty())
                .collect(Collectors.toSet());
    }
}
