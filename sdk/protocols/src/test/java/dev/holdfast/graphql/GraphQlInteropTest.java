package dev.holdfast.graphql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Heartbeat;
import dev.holdfast.Outcome;
import dev.holdfast.TypeRef;
import dev.holdfast.interop.NodeServer;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client against the server of the npm package graphql-ws, through a proxy whose network fails. */
@Tag("interop")
@Timeout(120)
class GraphQlInteropTest {
    private static final int NUMBERS = 10_000;
    private static final Operation FEED = Operation.of("subscription ($after: Int) { feed(after: $after) { id } }");
    private static final CatchUp AFTER_FEED = after("feed");

    @TempDir
    Path folder;

    private NodeServer server;
    private FaultProxy proxy;
    private GraphQl client;

    private final BlockingQueue<ConnectionAck> connections = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> failures = new LinkedBlockingQueue<>();

    /** A listener that writes down numbers, gaps and the end. */
    private static final class Log implements SubscriptionListener {
        final String field;
        final List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        final BlockingQueue<String> gaps = new LinkedBlockingQueue<>();
        final CompletableFuture<Object> end = new CompletableFuture<>();

        Log(String field) {
            this.field = field;
        }

        @Override
        public void onNext(Result result) {
            if (result.data() == null) {
                gaps.add(result.toString());
                return;
            }
            numbers.add(
                    result.read(field, new TypeRef<Map<String, Integer>>() {}).get("id"));
        }

        @Override
        public void onGap(String reason) {
            gaps.add(reason);
        }

        @Override
        public void onError(OperationException failure) {
            end.complete(failure);
        }

        @Override
        public void onComplete() {
            end.complete("complete");
        }

        void awaitNumbers(int count) throws Exception {
            while (numbers.size() < count) Thread.sleep(5);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        server = new NodeServer(
                "graphql-ws", "graphql-server.js", folder.resolve("count").toString());
        proxy = FaultProxy.start(server.port());
    }

    @AfterEach
    void end() {
        if (client != null) client.close();
        if (proxy != null) proxy.close();
        if (server != null) server.close();
    }

    private static CatchUp after(String field) {
        return CatchUp.jsonPointer("/data/" + field + "/id").variables(id -> Map.of("after", Integer.parseInt(id)));
    }

    private GraphQlBuilder builder() {
        return GraphQl.builder("ws://127.0.0.1:" + proxy.port() + "/graphql")
                .onConnect(connections::add)
                .onConnectionFailure(failures::add)
                .configure(settings ->
                        settings.backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200))));
    }

    private void start(GraphQlBuilder builder) throws Exception {
        client = builder.build();
        client.connect();
    }

    private static <T> T next(BlockingQueue<T> queue) throws Exception {
        T value = queue.poll(30, TimeUnit.SECONDS);
        assertNotNull(value, "nothing came");
        return value;
    }

    private Result execute(String query) throws Exception {
        return client.execute(Operation.of(query)).get(30, TimeUnit.SECONDS);
    }

    private void publish(int upTo) throws Exception {
        execute("mutation { publish(upTo: " + upTo + ") }");
    }

    private static List<Integer> upTo(int count) {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    @Test
    void queriesMutationsAndErrors() throws Exception {
        start(builder());
        assertNotNull(next(connections).payload());
        Result echo = client.execute(Operation.of("query E($t: String, $in: [Int]) { echo(text: $t, in: $in) }")
                        .withName("E")
                        .withVariables(Map.of("t", "\u2713 \"", "in", List.of(1, 2))))
                .get(30, TimeUnit.SECONDS);
        assertEquals("\u2713 \"[1,2]", echo.read("echo", String.class));
        assertEquals(1, execute("mutation { save(number: 7) }").read("save", Integer.class));
        assertEquals("{\"saved\":[7]}", execute("{ saved }").data());
        Result fails = execute("{ fails }");
        assertEquals("FAILS", fails.errors().get(0).code());
        assertEquals("[\"fails\"]", fails.errors().get(0).path());
        ExecutionException wrong = assertThrows(ExecutionException.class, () -> execute("{ nothing }"));
        assertInstanceOf(OperationException.class, wrong.getCause());
        // This server does not answer what it can't parse: it closes the connection.
        ExecutionException noGraphQl = assertThrows(ExecutionException.class, () -> execute("nonsense"));
        assertInstanceOf(NoResultException.class, noGraphQl.getCause());
        System.out.println("a document that is not GraphQL: " + next(failures));
        next(connections);
        assertEquals("{\"saved\":[7]}", execute("{ saved }").data());
    }

    @Test
    void subscriptionsEndOneByOne() throws Exception {
        start(builder());
        next(connections);
        Log three = new Log("three");
        Log dies = new Log("dies");
        Log none = new Log("none");
        Log feed = new Log("feed");
        client.subscribe(Operation.of("subscription { three { id } }"), three);
        client.subscribe(Operation.of("subscription { dies { id } }"), dies);
        client.subscribe(Operation.of("subscription { none { id } }"), none);
        GraphQlSubscription last = client.subscribe(FEED, AFTER_FEED, feed);
        publish(5);
        assertEquals("complete", three.end.get(30, TimeUnit.SECONDS));
        assertEquals(List.of(1, 2, 3), three.numbers);
        System.out.println("a subscription whose source throws ends with: " + dies.end.get(30, TimeUnit.SECONDS));
        assertEquals(List.of(1), dies.numbers);
        assertInstanceOf(OperationException.class, none.end.get(30, TimeUnit.SECONDS));
        feed.awaitNumbers(5);
        assertEquals("{\"active\":1}", execute("{ active }").data());
        last.close();
        // The server wakes its source for the next number, and ends it then.
        publish(6);
        while (!execute("{ active }").data().equals("{\"active\":0}")) Thread.sleep(5);
        assertEquals(upTo(5), feed.numbers);
    }

    @Test
    void credentialsAreRefusedAndRefreshed() throws Exception {
        List<String> tokens = Collections.synchronizedList(new ArrayList<>(List.of("bad", "good")));
        start(builder().credentials(reason -> CompletableFuture.completedFuture(Credential.inOpen(tokens.remove(0)))));
        ConnectionFailure refused = next(failures);
        assertEquals(4403, refused.closeCode());
        assertTrue(refused.willRetry());
        next(connections);
        assertEquals("{\"Authorization\":\"Bearer good\"}", execute("{ user }").read("user", String.class));
        client.close();
        start(builder().initPayload(() -> Map.of("Authorization", "Bearer bad")));
        assertFalse(next(failures).willRetry());
    }

    @Test
    void cancelledAndLateOperationsDoNotDisturbOthers() throws Exception {
        start(builder());
        next(connections);
        CompletableFuture<Result> cancelled = client.execute(Operation.of("{ slow }"));
        CompletableFuture<Result> late =
                client.execute(Operation.of("{ slow }").repeatable().withTimeout(Duration.ofSeconds(3)));
        cancelled.cancel(true);
        ExecutionException failed = assertThrows(ExecutionException.class, () -> late.get(30, TimeUnit.SECONDS));
        assertEquals(
                Outcome.Kind.UNKNOWN,
                assertInstanceOf(NoResultException.class, failed.getCause())
                        .outcome()
                        .kind());
        assertEquals("{\"saved\":[]}", execute("{ saved }").data());
        assertTrue(failures.isEmpty());
    }

    @Test
    void tenThousandNumbersThroughCutsAndARestartComeOnceAndInOrder() throws Exception {
        Log feed = new Log("feed");
        start(builder());
        client.subscribe(FEED, AFTER_FEED, feed);
        next(connections);
        publish(NUMBERS);
        int cuts = 0;
        boolean restarted = false;
        while (feed.numbers.size() < NUMBERS) {
            Thread.sleep(100);
            int come = feed.numbers.size();
            if (come > NUMBERS - 500) continue;
            if (come > NUMBERS / 2 && !restarted) {
                restarted = true;
                server.restart();
                next(connections);
                publish(NUMBERS);
            } else {
                proxy.cut();
                next(connections);
                cuts++;
            }
        }
        assertEquals(upTo(NUMBERS), feed.numbers);
        assertTrue(feed.gaps.isEmpty(), feed.gaps.toString());
        assertTrue(restarted && cuts > 2, cuts + " cuts");
        System.out.println("10,000 results in order, " + cuts + " cuts and a restart of the server");
    }

    @Test
    void aBlackHoleLosesNothing() throws Exception {
        Log feed = new Log("feed");
        start(builder()
                .configure(settings -> settings.heartbeat(
                                Heartbeat.every(Duration.ofMillis(300)).withDeadline(Duration.ofMillis(300)))
                        .backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200)))));
        client.subscribe(FEED, AFTER_FEED, feed);
        next(connections);
        publish(4_000);
        feed.awaitNumbers(1);
        proxy.blackHole(Direction.BOTH, true);
        assertTrue(next(failures).message().startsWith("no sign of life"));
        proxy.forget();
        proxy.blackHole(Direction.BOTH, false);
        next(connections);
        feed.awaitNumbers(4_000);
        assertEquals(upTo(4_000), feed.numbers);
        assertTrue(feed.gaps.isEmpty(), feed.gaps.toString());
    }

    @Test
    void withoutAnIdTheGapIsTold() throws Exception {
        Log live = new Log("live");
        start(builder());
        client.subscribe(Operation.of("subscription { live { id } }"), live);
        next(connections);
        publish(10);
        live.awaitNumbers(1);
        assertTrue(live.gaps.isEmpty());
        proxy.cut();
        next(live.gaps);
        next(connections);
        server.restart();
        next(live.gaps);
    }

    @Test
    void aStaleIdIsToldAndTheSubscriptionGoesOn() throws Exception {
        Operation trimmed = Operation.of("subscription ($after: Int) { trimmed(after: $after) { id } }");
        Log log = new Log("trimmed");
        Log ends = new Log("trimmed");
        start(builder());
        next(connections);
        Log feed = new Log("feed");
        client.subscribe(FEED, AFTER_FEED, feed);
        publish(1_000);
        feed.awaitNumbers(1_000);
        client.subscribe(trimmed, after("trimmed").startingAfter("7").staleIf(e -> "TRIMMED".equals(e.code())), log);
        client.subscribe(trimmed, after("trimmed").startingAfter("7"), ends);
        assertTrue(next(log.gaps).contains("TRIMMED"));
        System.out.println(
                "a stale id without staleIf: " + next(ends.gaps) + ", then " + ends.end.get(30, TimeUnit.SECONDS));
        publish(1_010);
        log.awaitNumbers(10);
        assertEquals(1_001, log.numbers.get(0));
        assertFalse(log.end.isDone());
    }

    @Test
    void aMutationInFlightIsUnknownAndARepeatableQueryIsNot() throws Exception {
        start(builder());
        next(connections);
        proxy.blackHole(Direction.SERVER_TO_CLIENT, true);
        CompletableFuture<Result> save = client.execute(Operation.of("mutation { save(number: 1) }"));
        CompletableFuture<Result> query =
                client.execute(Operation.of("{ echo(text: \"a\") }").repeatable());
        Thread.sleep(300);
        proxy.cut();
        proxy.blackHole(Direction.SERVER_TO_CLIENT, false);
        ExecutionException failed = assertThrows(ExecutionException.class, () -> save.get(30, TimeUnit.SECONDS));
        Outcome outcome =
                assertInstanceOf(NoResultException.class, failed.getCause()).outcome();
        assertEquals(Outcome.Kind.UNKNOWN, outcome.kind());
        assertNotEquals(null, query.get(30, TimeUnit.SECONDS).data());
        assertEquals("{\"saved\":[1]}", execute("{ saved }").data());
    }
}
