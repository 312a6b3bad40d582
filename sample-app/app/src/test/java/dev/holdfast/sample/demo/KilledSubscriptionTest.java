package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.EncodedPayload;
import dev.holdfast.HoldfastClient;
import dev.holdfast.Session;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import dev.holdfast.protocol.Subscription;
import dev.holdfast.store.sqlite.SqliteSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process with a subscription, whose cursor is in a SQLite store, is killed again and again. Its application writes each message to
 * a file. In the end the file has every message, and what came twice came in two processes.
 */
class KilledSubscriptionTest {
    private static final int KILLS = Integer.getInteger("subscription.kills", 5);
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(120);

    @TempDir
    private Path folder;

    /** A server of one topic, with all of its history. Each message is its number. */
    private static final class TopicServer extends WebSocketListener {
        private int newest;
        private final List<WebSocket> subscribers = new ArrayList<>();
        final List<Integer> begun = new ArrayList<>();

        synchronized void publish() {
            newest++;
            subscribers.forEach(each -> each.send("MSG " + newest));
        }

        synchronized int newest() {
            return newest;
        }

        @Override
        public void onOpen(WebSocket socket, Response response) {
            socket.send("WELCOME");
        }

        @Override
        public synchronized void onMessage(WebSocket socket, String text) {
            if (!text.startsWith("SUB ")) return;
            int after = Integer.parseInt(text.substring("SUB ".length()));
            begun.add(after);
            for (int number = after + 1; number <= newest; number++) socket.send("MSG " + number);
            subscribers.add(socket);
        }

        @Override
        public synchronized void onFailure(WebSocket socket, Throwable thrown, Response response) {
            subscribers.remove(socket);
        }
    }

    /** The process that is killed. It appends what it handles to a file. */
    static final class Application implements Protocol, Subscription {
        private final Path handled;
        private ProtocolClient client;

        private Application(Path handled) {
            this.handled = handled;
        }

        /** Runs until it is killed. The arguments are the server, the store and the file. */
        public static void main(String[] args) {
            Application application = new Application(Path.of(args[2]));
            HoldfastClient client = HoldfastClient.builder(args[0])
                    .session(Session.of(() -> application))
                    .store(SqliteSessionStore.at(Path.of(args[1])))
                    .build();
            application.client.subscribe(application, null);
            client.connect();
            LockSupport.parkNanos(Long.MAX_VALUE);
        }

        private void handle(String number) {
            KilledJvm.append(handled, number);
        }

        @Override
        public void attach(ProtocolClient newClient) {
            client = newClient;
        }

        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public String storeName() {
            return "numbers";
        }

        @Override
        public Outgoing start(String cursor) {
            return Outgoing.text("SUB " + (cursor == null ? "0" : cursor));
        }

        @Override
        public Outgoing end() {
            return null;
        }

        @Override
        public void onFailed(Throwable thrown) {
            throw new IllegalStateException(thrown);
        }

        @Override
        public Outgoing outgoing(EncodedPayload payload) {
            return Outgoing.text(payload.text());
        }

        @Override
        public ProtocolConnection newConnection() {
            return new ProtocolConnection() {
                @Override
                public Outgoing open(String credential) {
                    return Outgoing.text("HELLO");
                }

                @Override
                public void onText(String text, ProtocolEvents events) {
                    if (text.equals("WELCOME")) {
                        events.opened(Opened.plain());
                    } else {
                        String number = text.substring("MSG ".length());
                        events.message("numbers", number, () -> handle(number));
                    }
                }
            };
        }
    }

    private List<Integer> handled() throws IOException {
        return KilledJvm.lines(folder.resolve("handled")).stream()
                .map(Integer::parseInt)
                .toList();
    }

    /** Waits until so many messages are handled, and publishes more meanwhile if there is a topic. */
    private void await(KilledJvm process, int count, TopicServer topic) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (new TreeSet<>(handled()).size() < count) {
            assertTrue(process.isAlive(), "the process ended by itself");
            assertTrue(System.nanoTime() < deadline, "not all is handled");
            if (topic != null) topic.publish();
            Thread.sleep(1);
        }
    }

    @Test
    @Timeout(300)
    void aSubscriptionGoesOnInTheNextProcess() throws Exception {
        KilledJvm.prepare(folder);
        TopicServer topic = new TopicServer();
        Random random = new Random(3);
        List<Integer> ends = new ArrayList<>();
        try (MockWebServer server = new MockWebServer()) {
            server.setDispatcher(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    return new MockResponse.Builder().webSocketUpgrade(topic).build();
                }
            });
            server.start();
            String url = "ws://127.0.0.1:" + server.getPort() + "/";
            for (int kill = 0; kill <= KILLS; kill++) {
                try (KilledJvm process = KilledJvm.start(
                        folder,
                        Application.class,
                        url,
                        folder.resolve("session.db").toString(),
                        folder.resolve("handled").toString())) {
                    await(process, new TreeSet<>(handled()).size() + 1 + random.nextInt(1_500), topic);
                    if (kill == KILLS) await(process, topic.newest(), null);
                }
                ends.add(handled().size());
            }
        }
        check(handled(), ends, topic);
    }

    private static void check(List<Integer> handled, List<Integer> ends, TopicServer topic) {
        int newest = topic.newest();
        int again = KilledJvm.check(handled, ends, newest);
        System.out.println("subscription: " + KILLS + " kills, " + newest + " messages, none lost, " + again
                + " handled again in the next process; began after " + topic.begun);
        assertEquals(KILLS + 1, topic.begun.size());
        // The first begins at the start, and each later one where the one before has stored.
        assertEquals(topic.begun, topic.begun.stream().sorted().toList());
        assertTrue(topic.begun.get(KILLS) > 0, () -> Arrays.toString(topic.begun.toArray()));
    }
}
