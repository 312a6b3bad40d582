package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.Outcome;
import dev.holdfast.socketio.SocketIo;
import dev.holdfast.stomp.AckMode;
import dev.holdfast.stomp.ResumeAfter;
import dev.holdfast.stomp.Stomp;
import dev.holdfast.store.sqlite.SqliteSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
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
 * A process with a Socket.IO and a STOMP client, each with a SQLite store, is killed again and again while it emits events, sends
 * messages and receives those of a stream. Every second process gets no connection, so that what it sends waits in the stores.
 * Nothing that these had is lost without a report, nothing that is sent comes twice, and what is received twice comes in two processes.
 */
class KilledProtocolsTest {
    private static final int KILLS = Integer.getInteger("protocols.kills", 5);
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(240);

    /** How many messages a process without a connection stores before it is killed. */
    private static final int WAITING = 50;
    /** How many messages of the stream the process may not have handled. */
    private static final int BACKLOG = 200;

    @TempDir
    private Path folder;

    /** Whether the servers answer. */
    private final AtomicBoolean isUp = new AtomicBoolean();

    /** The messages that a server has received, and how often. */
    private static final class Inbox {
        final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

        void add(String message) {
            counts.computeIfAbsent(message, key -> new AtomicInteger()).incrementAndGet();
        }
    }

    /** A Socket.IO server that acknowledges each event. */
    private static final class SocketIoServer extends WebSocketListener {
        private final Inbox inbox;
        private final AtomicBoolean isUp;

        SocketIoServer(Inbox inbox, AtomicBoolean isUp) {
            this.inbox = inbox;
            this.isUp = isUp;
        }

        @Override
        public void onOpen(WebSocket socket, Response response) {
            if (!isUp.get()) return;
            socket.send("0{\"sid\":\"e\",\"upgrades\":[],\"pingInterval\":600000,\"pingTimeout\":600000,"
                    + "\"maxPayload\":1000000}");
        }

        @Override
        public void onMessage(WebSocket socket, String text) {
            if (text.startsWith("40")) socket.send("40{\"sid\":\"s\",\"pid\":\"p\"}");
            // 42ID["save","TEXT"]
            if (!text.startsWith("42")) return;
            int json = text.indexOf('[');
            inbox.add(text.substring(text.indexOf(',') + 2, text.length() - 2));
            socket.send("43" + text.substring(2, json) + "[]");
        }
    }

    /** A STOMP broker with one stream, and all of its history. Each message is its number, which is its offset as well. */
    private static final class StompServer extends WebSocketListener {
        private final Inbox inbox;
        private final AtomicBoolean isUp;
        private int newest;
        private final Map<WebSocket, String> subscribers = new ConcurrentHashMap<>();
        final List<Integer> begun = new ArrayList<>();

        StompServer(Inbox inbox, AtomicBoolean isUp) {
            this.inbox = inbox;
            this.isUp = isUp;
        }

        synchronized void publish() {
            newest++;
            subscribers.forEach((socket, id) -> socket.send(message(id, newest)));
        }

        synchronized int newest() {
            return newest;
        }

        private static String message(String subscription, int number) {
            return "MESSAGE\nsubscription:" + subscription + "\nmessage-id:m" + number + "\nack:a" + number
                    + "\ndestination:/topic/numbers\nx-stream-offset:" + number + "\n\n" + number + "\0";
        }

        private static String header(String frame, String name) {
            return frame.lines()
                    .filter(line -> line.startsWith(name + ":"))
                    .findFirst()
                    .orElseThrow()
                    .substring(name.length() + 1);
        }

        @Override
        public synchronized void onMessage(WebSocket socket, String frame) {
            if (frame.startsWith("CONNECT\n")) {
                if (isUp.get()) socket.send("CONNECTED\nversion:1.2\n\n\0");
            } else if (frame.startsWith("SUBSCRIBE\n")) {
                int from = Integer.parseInt(header(frame, "x-stream-offset").replace("offset=", ""));
                begun.add(from);
                String id = header(frame, "id");
                for (int number = from; number <= newest; number++) socket.send(message(id, number));
                subscribers.put(socket, id);
            } else if (frame.startsWith("SEND\n")) {
                inbox.add(frame.substring(frame.indexOf("\n\n") + 2, frame.indexOf('\0')));
                socket.send("RECEIPT\nreceipt-id:" + header(frame, "receipt") + "\n\n\0");
            }
        }

        @Override
        public void onFailure(WebSocket socket, Throwable thrown, Response response) {
            subscribers.remove(socket);
        }
    }

    /** The process that is killed. The arguments are the port of the servers, the folder, a number, and whether it sends. */
    static final class Application {
        private static final int UNDER_WAY = 100;

        private Application() {}

        public static void main(String[] args) {
            String at = "://127.0.0.1:" + args[0];
            Path folder = Path.of(args[1]);
            SocketIo socket = SocketIo.builder("http" + at)
                    .retries(9)
                    .ackTimeout(Duration.ofMinutes(5))
                    .configure(client -> configure(client, folder.resolve("socketio.db")))
                    .build();
            Stomp stomp = Stomp.builder("ws" + at + "/stomp")
                    .retries(9)
                    .receiptTimeout(Duration.ofMinutes(5))
                    .configure(client -> configure(client, folder.resolve("stomp.db")))
                    .build();
            Sender events = new Sender(folder.resolve("socketio"), args[2], text -> socket.emit("save", text));
            Sender messages = new Sender(folder.resolve("stomp"), args[2], text -> stomp.send("/queue/a", text));
            events.follow(socket.storeOpened());
            messages.follow(stomp.storeOpened());
            socket.onConnect(recovery -> events.log("connected " + recovery));
            Path handled = folder.resolve("handled");
            stomp.subscribe(
                    "/topic/numbers",
                    AckMode.CLIENT_INDIVIDUAL,
                    Map.of("x-stream-offset", "1"),
                    ResumeAfter.streamOffset().storeName("numbers"),
                    message -> {
                        KilledJvm.append(handled, message.text());
                        message.ack();
                    });
            socket.connect();
            stomp.connect();
            if (Boolean.parseBoolean(args[3])) {
                new Thread(events::sendAll).start();
                messages.sendAll();
            }
            LockSupport.parkNanos(Long.MAX_VALUE);
        }

        /** Without a heartbeat a process that is slow keeps its connection. */
        private static void configure(HoldfastClientBuilder client, Path store) {
            client.store(SqliteSessionStore.at(store)).heartbeat(Heartbeat.none());
        }

        /** Sends numbered messages, and writes to a file what becomes of them. */
        private static final class Sender {
            private final Path log;
            private final String process;
            private final Function<String, Delivery> client;
            private final Semaphore room = new Semaphore(UNDER_WAY);
            private int number;

            Sender(Path log, String process, Function<String, Delivery> client) {
                this.log = log;
                this.process = process;
                this.client = client;
            }

            synchronized void log(String what) {
                KilledJvm.append(log, process + " " + what);
            }

            /** Writes what becomes of the messages that earlier processes have left. */
            @SuppressWarnings("FutureReturnValueIgnored") // The log has it.
            void follow(CompletableFuture<List<Delivery>> opened) {
                opened.thenAccept(left -> {
                    log("left " + left.size());
                    for (Delivery delivery : left)
                        delivery.outcome().thenAccept(outcome -> log("end " + kind(outcome)));
                });
            }

            void sendAll() {
                while (true) send();
            }

            @SuppressWarnings("FutureReturnValueIgnored") // The log has it.
            private void send() {
                room.acquireUninterruptibly();
                String text = process + "-" + ++number;
                Delivery delivery = client.apply(text);
                delivery.stored().thenAccept(stored -> log((stored ? "stored " : "not-stored ") + text));
                delivery.outcome().thenAccept(outcome -> {
                    log(kind(outcome) + " " + text);
                    room.release();
                });
            }

            private static String kind(Outcome outcome) {
                return outcome.kind() + (outcome.reason() == null ? "" : "/" + outcome.reason());
            }
        }
    }

    private List<Integer> handled() throws IOException {
        return KilledJvm.lines(folder.resolve("handled")).stream()
                .map(Integer::parseInt)
                .toList();
    }

    /** Returns whether a process has written what became of all messages that the ones before had left. */
    private boolean hasReported(String file, int process) throws IOException {
        int left = -1;
        int ends = 0;
        for (String line : KilledJvm.lines(folder.resolve(file))) {
            String[] words = line.split(" ", 3);
            if (!words[0].equals(Integer.toString(process))) continue;
            if (words[1].equals("left")) left = Integer.parseInt(words[2]);
            if (words[1].equals("end")) ends++;
        }
        return ends == left;
    }

    private boolean hasStored(String file, int process, int count) throws IOException {
        String start = process + " stored ";
        return KilledJvm.lines(folder.resolve(file)).stream()
                        .filter(line -> line.startsWith(start))
                        .count()
                >= count;
    }

    /** Waits until a process has done what it is to do before it is killed. */
    private void await(KilledJvm process, int number, int count, StompServer stomp, boolean isLast) throws Exception {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (true) {
            assertTrue(process.isAlive(), "the process ended by itself");
            assertTrue(System.nanoTime() < deadline, "not all is handled or reported");
            int handled = new HashSet<>(handled()).size();
            if (!isUp.get()) {
                if (hasStored("socketio", number, WAITING) && hasStored("stomp", number, WAITING)) return;
            } else if (handled >= count && hasReported("socketio", number) && hasReported("stomp", number)) {
                return;
            }
            // More than a process handles would delay what it says of its own messages.
            for (int i = 0; i < 5 && !isLast && stomp.newest() < handled + BACKLOG; i++) stomp.publish();
            Thread.sleep(5);
        }
    }

    @Test
    @Timeout(3_600)
    void nothingIsLostOrDoubledWithoutAReport() throws Exception {
        KilledJvm.prepare(folder);
        Inbox events = new Inbox();
        Inbox messages = new Inbox();
        StompServer stomp = new StompServer(messages, isUp);
        Random random = new Random(7);
        List<Integer> ends = new ArrayList<>();
        try (MockWebServer server = new MockWebServer()) {
            server.setDispatcher(new Dispatcher() {
                @Override
                public MockResponse dispatch(RecordedRequest request) {
                    if (!request.getTarget().startsWith("/stomp")) {
                        return new MockResponse.Builder()
                                .webSocketUpgrade(new SocketIoServer(events, isUp))
                                .build();
                    }
                    return new MockResponse.Builder()
                            .webSocketUpgrade(stomp)
                            .addHeader("Sec-WebSocket-Protocol", "v12.stomp")
                            .build();
                }
            });
            server.start();
            for (int kill = 0; kill <= KILLS; kill++) {
                boolean isLast = kill == KILLS;
                isUp.set(isLast || kill % 2 == 0);
                // Without a message to wait for, the last process could be ended before it has subscribed.
                if (isLast) stomp.publish();
                int count = new HashSet<>(handled()).size() + 1 + random.nextInt(1_000);
                try (KilledJvm process = KilledJvm.start(
                        folder,
                        Application.class,
                        Integer.toString(server.getPort()),
                        folder.toString(),
                        Integer.toString(kill),
                        Boolean.toString(!isLast))) {
                    await(process, kill, isLast ? stomp.newest() : count, stomp, isLast);
                }
                ends.add(handled().size());
            }
        }
        int again = KilledJvm.check(handled(), ends, stomp.newest());
        assertEquals(KILLS / 2 + 1 + KILLS % 2, stomp.begun.size());
        assertEquals(stomp.begun, stomp.begun.stream().sorted().toList());
        assertTrue(stomp.begun.get(stomp.begun.size() - 1) > 1, () -> "" + stomp.begun);
        System.out.println("stomp stream: " + KILLS + " kills, " + stomp.newest() + " messages, none lost, " + again
                + " handled again in the next process");
        check("socketio", events);
        check("stomp", messages);
    }

    /** Checks what the processes sent: each message that was stored has arrived once, or was reported as unknown. */
    private void check(String file, Inbox inbox) throws IOException {
        Map<String, Integer> ends = new TreeMap<>();
        Set<String> stored = new HashSet<>();
        for (String line : KilledJvm.lines(folder.resolve(file))) {
            String[] words = line.split(" ", 3);
            switch (words[1]) {
                case "stored" -> stored.add(words[2]);
                case "end" -> ends.merge(words[2], 1, Integer::sum);
                case "left" -> {}
                // A process of its own: nothing says what the server emitted before.
                case "connected" -> assertEquals("FIRST", words[2], line);
                default -> {
                    assertEquals("ACKNOWLEDGED", words[1], line);
                    assertTrue(inbox.counts.containsKey(words[2]), line);
                }
            }
        }
        inbox.counts.forEach((message, count) -> assertEquals(1, count.get(), message + " arrived more than once"));
        int unknown = ends.getOrDefault("UNKNOWN/RESTORED", 0);
        assertEquals(Set.of(), withoutSuccess(ends));
        stored.removeAll(inbox.counts.keySet());
        System.out.println(
                file + ": " + KILLS + " kills, " + inbox.counts.size() + " messages arrived once, ends in the next "
                        + "process " + ends + ", " + stored.size() + " of these did not arrive");
        assertTrue(stored.size() <= unknown, () -> stored + " did not arrive, reported as unknown: " + unknown);
    }

    private static Set<String> withoutSuccess(Map<String, Integer> ends) {
        Set<String> kinds = new HashSet<>(ends.keySet());
        kinds.removeAll(Set.of("ACKNOWLEDGED", "UNKNOWN/RESTORED"));
        return kinds;
    }
}
