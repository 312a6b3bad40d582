package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server without a network. What it says on one is tested with those that have one. */
@Timeout(60)
class HoldfastServerTest {
    private final BlockingQueue<Payload> handled = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<ServerSession> sessions = new LinkedBlockingQueue<>();

    private final HoldfastServer.Builder builder = HoldfastServer.builder((session, seq, payload) -> {
                handled.add(payload);
                return HandlerResult.accepted();
            })
            .ackDelay(Duration.ofMillis(1))
            .onError(failures::add)
            .onSession(sessions::add);

    private HoldfastServer server;

    @AfterEach
    void closeServer() {
        if (server != null) server.close();
        assertEquals(List.of(), List.copyOf(failures));
    }

    private HandTransport open() throws Exception {
        HandTransport client = HandTransport.connect(server).say("{'t':'open'}");
        return client;
    }

    private static HandTransport resume(HoldfastServer server, JsonNode welcome) {
        return HandTransport.connect(server)
                .say("{'t':'open','sid':'" + welcome.get("sid").asText() + "','key':'"
                        + welcome.get("key").asText() + "','last':'"
                        + welcome.get("last").asText() + "'}");
    }

    private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
        T item = queue.poll(30, TimeUnit.SECONDS);
        assertTrue(item != null, "nothing came");
        return item;
    }

    @Test
    void aSessionExpires() throws Exception {
        AtomicLong now = new AtomicLong();
        SessionStore store = new InMemorySessionStore(now::get);
        server = builder.store(store).ttl(Duration.ofHours(1)).build();
        HandTransport client = open();
        JsonNode welcome = client.expect("welcome");
        client.expect("live");
        client.say("{'t':'msg','c':1,'d':1}").expect("ack");
        ServerSession session = taken(sessions);

        now.addAndGet(Duration.ofHours(2).toNanos());
        store.sweep();
        assertTrue(session.alive(), "a connected session does not expire");
        client.lose();
        awaitDetached(session);
        now.addAndGet(Duration.ofMinutes(59).toNanos());
        HandTransport inTime = resume(server, welcome);
        JsonNode renewed = inTime.expect("welcome");
        assertTrue(renewed.get("resumed").asBoolean(), renewed::toString);
        inTime.expect("live");
        inTime.lose();
        awaitDetached(session);
        now.addAndGet(Duration.ofMinutes(61).toNanos());

        JsonNode another = resume(server, renewed).expect("welcome");
        assertEquals("expired", another.get("reason").asText());
        assertEquals(1, another.get("c").asLong());
    }

    @Test
    void aServerOnTheStoreOfAClosedOneResumesASessionOfManyConnections() throws Exception {
        try (SessionStore store = SessionStore.inMemory()) {
            server = builder.store(store).build();
            for (int i = 0; i < 5; i++) HandTransport.connect(server).lose();
            HandTransport client = open();
            JsonNode welcome = client.expect("welcome");
            client.expect("live");
            server.close();
            client.expectClose(1001);

            server = builder.build();
            JsonNode resumed = resume(server, welcome).expect("welcome");
            assertTrue(resumed.path("resumed").asBoolean(), resumed::toString);
        }
    }

    @Test
    void anOnErrorThatThrowsDoesNotKeepTheConnectionOpen() throws Exception {
        // The second kind throws what it was given, which cannot be suppressed by itself.
        for (boolean same : new boolean[] {false, true}) {
            try (HoldfastServer broken = HoldfastServer.builder((session, seq, payload) -> {
                        throw new AssertionError("broken");
                    })
                    .onError(failure -> {
                        throw same ? (Error) failure : new AssertionError("no report");
                    })
                    .build()) {
                HandTransport client = HandTransport.connect(broken).say("{'t':'open'}");
                client.expect("welcome");
                client.expect("live");
                client.say("{'t':'msg','c':1,'d':1}").expect("error");
                client.expectClose(1011);
            }
        }
    }

    @Test
    void clientsAreSentToUrlsOnly() throws Exception {
        server = builder.build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        for (String wrong :
                new String[] {"", "/live", "other:8080", "ftp://other/", "wss:", "w w", "ws://" + "a".repeat(1024)}) {
            assertThrows(IllegalArgumentException.class, () -> server.drain(Duration.ofSeconds(30), wrong), wrong);
        }
        server.drain(Duration.ofSeconds(30), "WSS://other_host:8443/live?a=b");
        assertEquals(
                "WSS://other_host:8443/live?a=b",
                client.expect("reconnect").get("url").asText());
    }

    @Test
    void aSweepWithoutAThreadIsReportedAndTheNextOneSweeps() throws Exception {
        Error noThread = new InternalError("unable to create native thread");
        AtomicBoolean broken = new AtomicBoolean(true);
        AtomicLong now = new AtomicLong();
        SessionStore store = new InMemorySessionStore(now::get);
        server = builder.store(store)
                .ttl(Duration.ofMillis(100))
                .executor(task -> {
                    if (broken.get() && Thread.currentThread().getName().equals("holdfast-server-timer"))
                        throw noThread;
                    task.run();
                })
                .build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        client.lose();
        assertSame(noThread, taken(failures));
        broken.set(false);
        now.addAndGet(Duration.ofHours(1).toNanos());
        while (store.size() > 0) Thread.onSpinWait();
        failures.clear();
    }

    @Test
    void aConnectionThatDoesNotCloseIsAbortedWhenTheServerCloses() throws Exception {
        server = builder.build();
        CountDownLatch aborted = new CountDownLatch(1);
        Admission admission = server.admit(List.of(HoldfastServer.SUBPROTOCOL), null, null);
        ServerConnection unused = assertInstanceOf(Admission.Granted.class, admission)
                .open(new Transport() {
                    @Override
                    public void sendText(String text, SendCallback callback) {}

                    @Override
                    public void sendBinary(byte[] bytes, SendCallback callback) {}

                    @Override
                    public void ping() {}

                    @Override
                    public void close(int code, String reason) {}

                    @Override
                    public void abort() {
                        aborted.countDown();
                    }
                });
        server.close();
        assertEquals(0, aborted.getCount());
    }

    /** The store reads its clock in each release. */
    @Test
    void aStoreThatDoesNotReleaseDoesNotKeepTheServerFromClosing() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        AtomicBoolean silent = new AtomicBoolean();
        server = builder.store(new InMemorySessionStore(() -> {
                    if (silent.get()) awaitForever(answers);
                    return 0;
                }))
                .build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        // A connection without a session, which is not counted.
        HandTransport waiting = HandTransport.connect(server);
        silent.set(true);
        try {
            CompletableFuture.runAsync(server::close).get(30, TimeUnit.SECONDS);
            client.expectClose(1001);
            waiting.expectClose(1001);
            assertEquals(
                    "the store did not release 1 of 1 sessions: their time to live began with their last renewal. The"
                            + " server is closed",
                    assertInstanceOf(IllegalStateException.class, taken(failures))
                            .getMessage());
        } finally {
            answers.countDown();
        }
    }

    private static void awaitForever(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The lane has done what it was given when it has done this. */
    private void awaitDetached(ServerSession session) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        session.lane().execute(server.workers(), done::countDown);
        assertTrue(done.await(30, TimeUnit.SECONDS));
        assertFalse(session.connected());
    }

    @Test
    void messagesMayComeInParts() throws Exception {
        server = builder.build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        client.connection().receiveText("{\"t\":\"msg\",", false);
        client.connection().receiveText("\"c\":1,", false);
        client.connection().receiveText("\"d\":\"a\"}", true);
        assertEquals("\"a\"", ((Payload.Json) taken(handled)).value().toString());
        byte[] header = {1, 0, 0, 0, 0, 0, 0, 0, 2};
        client.connection().receiveBinary(ByteBuffer.wrap(header), false);
        client.connection().receiveBinary(ByteBuffer.wrap(new byte[] {7, 8}), true);
        assertEquals(7, ((Payload.Binary) taken(handled)).bytes()[0]);
        client.say("{'t':'msg','c':3,'d':3}");
        assertEquals("3", ((Payload.Json) taken(handled)).value().toString());
    }

    @Test
    void ofAMessageThatIsTooLargeOnlySoMuchIsKept() throws Exception {
        server = builder.build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        String part = " ".repeat(1024 * 1024);
        for (int i = 0; i < 17; i++) client.connection().receiveText(part, false);
        assertEquals("too-large", client.expect("error").get("code").asText());
        client.expectClose(4413);
        client.connection().receiveText(part, true);
    }

    @Test
    void aHandlerThatThrowsIsReportedAndTheMessageComesAgain() throws Exception {
        Error broken = new AssertionError("broken");
        CountDownLatch repaired = new CountDownLatch(1);
        server = HoldfastServer.builder((session, seq, payload) -> {
                    if (repaired.getCount() > 0) throw broken;
                    return HandlerResult.accepted();
                })
                .onError(failures::add)
                .ackDelay(Duration.ofMillis(1))
                .build();
        HandTransport client = open();
        JsonNode welcome = client.expect("welcome");
        client.expect("live");
        client.say("[{'t':'msg','c':1,'d':1},{'t':'msg','c':2,'d':2}]");
        assertEquals("internal", client.expect("error").get("code").asText());
        client.expectClose(1011);
        assertSame(broken, taken(failures));

        repaired.countDown();
        HandTransport back = resume(server, welcome);
        assertEquals(0, back.expect("welcome").get("c").asLong());
        back.expect("live");
        back.say("{'t':'msg','c':1,'d':1}");
        assertEquals(1, back.expect("ack").get("c").asLong());
    }

    @Test
    void aContainerThatCannotPauseReadingWaitsForRoom() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        server = HoldfastServer.builder((session, seq, payload) -> {
                    if (seq == 1) await(goOn);
                    return HandlerResult.accepted();
                })
                .maxUnacked(1)
                .build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        // A window of one, and 64 acknowledgements beside it.
        for (int seq = 1; seq <= 64; seq++) client.say("{'t':'msg','c':" + seq + ",'d':1}");
        client.connection().awaitRoom();
        client.say("{'t':'msg','c':65,'d':1}");
        Thread reader = waiter(client);
        goOn.countDown();
        reader.join();
    }

    /** Returns a thread that waits for room. */
    private static Thread waiter(HandTransport client) {
        Thread reader = new Thread(() -> {
            try {
                client.connection().awaitRoom();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        reader.start();
        while (reader.getState() != Thread.State.WAITING) {
            assertTrue(reader.isAlive(), "there was room");
            Thread.onSpinWait();
        }
        return reader;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConnectionThatIsOverLeavesNobodyWaiting() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        server = HoldfastServer.builder((session, seq, payload) -> {
                    await(goOn);
                    return HandlerResult.accepted();
                })
                .maxUnacked(1)
                .build();
        HandTransport client = open();
        client.expect("welcome");
        client.expect("live");
        for (int seq = 1; seq <= 65; seq++) client.say("{'t':'msg','c':" + seq + ",'d':1}");
        Thread reader = waiter(client);
        client.lose();
        reader.join();
        goOn.countDown();
    }

    @Test
    void whoMayConnect() {
        server = builder.origins(Set.of("https://app.example.com")::contains)
                .authenticator(
                        credential -> credential != null && credential.asText().equals("good")
                                ? new Authenticator.User("ada")
                                : new Authenticator.Unauthenticated("invalid", "no"))
                .build();
        List<String> spoken = List.of("chat", "resume.v1.json");
        assertEquals(400, refused(server.admit(List.of("chat"), null, null)).status());
        assertEquals(400, refused(server.admit(List.of(), null, null)).status());
        Admission.Refused page = refused(server.admit(spoken, "https://evil.example.com", "Bearer good"));
        assertEquals(403, page.status());
        assertEquals(4403, page.closeCode());
        Admission.Refused stranger = refused(server.admit(spoken, null, "Bearer bad"));
        assertEquals(401, stranger.status());
        assertEquals(4401, stranger.closeCode());
        assertInstanceOf(Admission.Granted.class, server.admit(spoken, "https://app.example.com", "Bearer good"));
        assertInstanceOf(Admission.Granted.class, server.admit(spoken, null, null));
        server.close();
        assertEquals(503, refused(server.admit(spoken, null, null)).status());
    }

    @Test
    void anAuthenticatorThatThrowsIsReportedAndTheClientMayTryAgain() throws Exception {
        Error broken = new AssertionError("broken");
        server = builder.authenticator(credential -> {
                    throw broken;
                })
                .build();
        Admission.Refused refused = refused(server.admit(List.of("resume.v1.json"), null, "Bearer good"));
        assertEquals(503, refused.status());
        assertEquals(1011, refused.closeCode());
        assertSame(broken, taken(failures));

        HandExchange exchange = new HandExchange(Map.of("Authorization", "Bearer good"));
        server.http().handle(exchange, "");
        assertEquals(503, taken(exchange.statuses));
        assertSame(broken, taken(failures));
    }

    @Test
    void ofThePongsThatWaitOnlyTheNewestIsKept() throws Exception {
        server = builder.build();
        String attempt = "a".repeat(22);
        HandExchange stream = new HandExchange(Map.of("Holdfast-Attempt", attempt));
        server.http().handle(stream, "{\"t\":\"open\"}");
        SendCallback written = taken(stream.callbacks);
        HandExchange pings = new HandExchange(Map.of("Holdfast-Attempt", attempt, "Holdfast-Request", "1"));
        server.http().handle(pings, "[{\"ping\":1},{\"ping\":2},{\"ping\":3}]");
        assertEquals(204, taken(pings.statuses));
        HandExchange more = new HandExchange(Map.of("Holdfast-Attempt", attempt, "Holdfast-Request", "2"));
        server.http().handle(more, "[{\"ping\":4}]");
        assertEquals(204, taken(more.statuses));
        stream.written.setLength(0);
        written.succeeded();
        while (!stream.written.toString().contains("pong\ndata: 4\n"))
            taken(stream.callbacks).succeeded();
        assertEquals(1, stream.written.toString().split("event: pong", -1).length - 1, stream.written::toString);
    }

    /** Otherwise it would take the session from the connection on which the client has resumed, which would be closed with 4409. */
    @Test
    void anOpeningThatTheClientHasGivenUpIsRefusedWhenItComesLate() throws Exception {
        server = builder.build();
        HandExchange first = new HandExchange(Map.of("Holdfast-Attempt", "a".repeat(22)));
        server.http().handle(first, "{\"t\":\"open\"}");
        taken(first.callbacks).succeeded();
        Matcher welcome =
                Pattern.compile("\"sid\":\"([^\"]*)\",\"key\":\"([^\"]*)\"").matcher(first.written);
        assertTrue(welcome.find(), first.written::toString);
        String resume = "{\"t\":\"open\",\"sid\":\"" + welcome.group(1) + "\",\"key\":\"" + welcome.group(2) + "\"}";

        String late = "b".repeat(22);
        String other = "c".repeat(64);
        HandExchange newer =
                new HandExchange(Map.of("Holdfast-Attempt", "d".repeat(22), "Holdfast-Instead", other + "," + late));
        server.http().handle(newer, resume);
        taken(newer.callbacks).succeeded();
        assertTrue(newer.written.toString().contains("\"resumed\":true"), newer.written::toString);

        for (String attempt : List.of(late, other)) {
            HandExchange givenUp = new HandExchange(Map.of("Holdfast-Attempt", attempt));
            server.http().handle(givenUp, resume);
            assertEquals(409, taken(givenUp.statuses));
        }
        assertFalse(newer.written.toString().contains("4409"), newer.written::toString);
        assertEquals(1, server.stats().resumed());
    }

    /** Otherwise requests that cost the sender nothing fill the memory of the server. */
    @Test
    void anOpeningThatIsRefusedGivesNoOtherUp() throws Exception {
        server = builder.build();
        String known = "a".repeat(22);
        HandExchange first = new HandExchange(Map.of("Holdfast-Attempt", known));
        server.http().handle(first, "{\"t\":\"open\"}");
        taken(first.callbacks).succeeded();

        String named = "b".repeat(22);
        HandExchange again = new HandExchange(Map.of("Holdfast-Attempt", known, "Holdfast-Instead", named));
        server.http().handle(again, "{\"t\":\"open\"}");
        assertEquals(409, taken(again.statuses));

        HandExchange other = new HandExchange(Map.of("Holdfast-Attempt", named));
        server.http().handle(other, "{\"t\":\"open\"}");
        taken(other.callbacks).succeeded();
        assertTrue(other.written.toString().contains("welcome"), other.written::toString);
        assertEquals(List.of(), List.copyOf(other.statuses));
    }

    @Test
    void aGivenUpOpeningWithoutAnOrdinaryNameIsRefused() throws Exception {
        server = builder.build();
        HandExchange exchange = new HandExchange(Map.of("Holdfast-Attempt", "a".repeat(22), "Holdfast-Instead", "b,c"));
        server.http().handle(exchange, "{\"t\":\"open\"}");
        assertEquals(400, taken(exchange.statuses));
    }

    private static Admission.Refused refused(Admission admission) {
        return assertInstanceOf(Admission.Refused.class, admission);
    }

    @Test
    void aConnectionThatWasLetInBeforeTheEndIsClosed() throws Exception {
        server = builder.build();
        Admission admission = server.admit(List.of("resume.v1.json"), null, null);
        server.close();
        BlockingQueue<Integer> closes = new LinkedBlockingQueue<>();
        var unused = ((Admission.Granted) admission).open(new Transport() {
            @Override
            public void sendText(String text, SendCallback callback) {}

            @Override
            public void sendBinary(byte[] bytes, SendCallback callback) {}

            @Override
            public void ping() {}

            @Override
            public void close(int code, String reason) {
                closes.add(code);
            }

            @Override
            public void abort() {}
        });
        assertEquals(1012, taken(closes));
    }

    /** A server that notes the threads of its handler. */
    private HoldfastServer.Builder noting(BlockingQueue<Thread> threads) {
        return HoldfastServer.builder((session, seq, payload) -> {
                    threads.add(Thread.currentThread());
                    return HandlerResult.accepted();
                })
                .onError(failures::add);
    }

    private JsonNode welcomed(HandTransport client) throws Exception {
        JsonNode welcome = client.expect("welcome");
        client.expect("live");
        return welcome;
    }

    @Test
    void theServersOwnThreadsEndWithIt() throws Exception {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        server = noting(threads).build();
        HandTransport client = open();
        var unused = welcomed(client);
        client.say("{'t':'msg','c':1,'d':1}");
        Thread worker = taken(threads);
        server.close();
        // Well within the time for which an idle thread waits for tasks.
        worker.join(Duration.ofSeconds(20).toMillis());
        assertFalse(worker.isAlive(), worker::toString);
    }

    @Test
    void aSessionThatOutlivesItsServerIsServedOnTheExecutorOfTheNext() throws Exception {
        ThreadPoolExecutor first = pool("first");
        ThreadPoolExecutor second = pool("second");
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        try (SessionStore store = SessionStore.inMemory()) {
            server = noting(threads).store(store).executor(first).build();
            HandTransport client = open();
            JsonNode welcome = welcomed(client);
            client.say("{'t':'msg','c':1,'d':1}");
            assertEquals("first", taken(threads).getName());
            server.close();
            assertFalse(first.isShutdown(), "the application's executor is the application's");
            first.shutdown();

            server = noting(threads).store(store).executor(second).build();
            HandTransport again = resume(server, welcome);
            assertTrue(welcomed(again).get("resumed").asBoolean());
            again.say("{'t':'msg','c':2,'d':2}");
            assertEquals("second", taken(threads).getName());
            server.close();
        } finally {
            first.shutdown();
            second.shutdown();
        }
    }

    private static ThreadPoolExecutor pool(String name) {
        return new ThreadPoolExecutor(
                2, 2, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> DaemonThreads.named(name, task));
    }

    @Test
    void whatAnExecutorRejectsIsReportedAndDone() throws Exception {
        ThreadPoolExecutor executor = pool("gone");
        executor.shutdown();
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        server = noting(threads).executor(executor).build();
        HandTransport client = open();
        var unused = welcomed(client);
        assertInstanceOf(RejectedExecutionException.class, taken(failures));
        client.say("{'t':'msg','c':1,'d':1}");
        assertEquals("holdfast-server-worker", taken(threads).getName());
        server.close();
        failures.clear();

        // Such as the end of a connection, which may come when the server is closed already.
        server.workers().execute(() -> threads.add(Thread.currentThread()));
        assertEquals("holdfast-server-worker", taken(threads).getName());
        assertEquals(List.of(), List.copyOf(failures));
    }

    @Test
    void whatCannotBeIsRefused() {
        var e = assertThrows(IllegalArgumentException.class, () -> builder.maxUnacked(0));
        assertEquals("maxUnacked must be between 1 and 1000000, but was 0", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> builder.maxBytes(0));
        assertThrows(IllegalArgumentException.class, () -> builder.logLimit(0));
        assertThrows(IllegalArgumentException.class, () -> builder.ttl(Duration.ZERO));
    }
}
