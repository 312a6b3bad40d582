package dev.holdfast.jsonrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Backoff;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.TypeRef;
import dev.holdfast.interop.NodeServer;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client against a server of the npm package json-rpc-2.0, through a proxy whose network fails. */
@Tag("interop")
@Timeout(180)
class JsonRpcInteropTest {
    private static final int NUMBERS = 10_000;

    @TempDir
    Path folder;

    private NodeServer server;
    private FaultProxy proxy;
    private JsonRpc rpc;

    @AfterEach
    void end() {
        if (rpc != null) rpc.close();
        if (proxy != null) proxy.close();
        if (server != null) server.close();
    }

    private void start() throws Exception {
        server = new NodeServer(
                "json-rpc-2.0",
                "jsonrpc-server.js",
                Files.createFile(folder.resolve("numbers")).toString());
        proxy = FaultProxy.start(server.port());
        rpc = JsonRpc.builder("ws://127.0.0.1:" + proxy.port())
                .callTimeout(Duration.ofSeconds(60))
                .configure(client -> client.backoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(200)))
                        .queue(OutboundQueue.ofBytes(16 * 1024 * 1024)))
                .build();
        rpc.connect();
    }

    private static JsonValue get(CompletableFuture<JsonValue> call) throws Exception {
        return call.get(60, TimeUnit.SECONDS);
    }

    private static void await(BooleanSupplier condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(90), "nothing came");
            Thread.sleep(5);
        }
    }

    @Test
    void callsErrorsBatchesAndRequestsBothWays() throws Exception {
        start();
        assertEquals(
                "[1,null,\"\u2713\",{\"a\":[]}]",
                get(rpc.call("echo", 1, null, "\u2713", Map.of("a", List.of()))).json());
        assertEquals(
                "{\"a\":1}", get(rpc.call(Call.named("echo", Map.of("a", 1)))).json());
        Throwable failed = assertThrows(ExecutionException.class, () -> get(rpc.call("fail")))
                .getCause();
        JsonRpcErrorException error = assertInstanceOf(JsonRpcErrorException.class, failed);
        assertEquals(7, error.code());
        assertEquals("{\"why\":\"because\"}", ((JsonValue) error.data()).json());
        failed = assertThrows(ExecutionException.class, () -> get(rpc.call("nobody")))
                .getCause();
        assertEquals(JsonRpcErrorException.METHOD_NOT_FOUND, ((JsonRpcErrorException) failed).code());

        var batch = rpc.batch(Call.of("sum", 1, 2), Call.of("fail"), Call.of("echo", "x"));
        assertEquals("3", get(batch.get(0)).json());
        assertThrows(ExecutionException.class, () -> get(batch.get(1)));
        assertEquals("[\"x\"]", get(batch.get(2)).json());

        rpc.onRequest("question", params -> "you asked " + params.json());
        assertEquals(
                "the client said you asked [\"why\"]",
                get(rpc.call("ask", "why")).text());
        assertEquals("Method not found", get(rpc.call("askNobody")).text());
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        rpc.onNotification("told", params -> told.add(params.json()));
        rpc.notify("notifyMe", 1);
        assertEquals("[1]", told.poll(20, TimeUnit.SECONDS));

        failed = assertThrows(
                        ExecutionException.class,
                        () -> get(rpc.call(Call.of("never").timeout(Duration.ofMillis(100)))))
                .getCause();
        assertEquals(
                Outcome.Kind.UNKNOWN, ((NoAnswerException) failed).outcome().kind());
    }

    @Test
    void aSubscriptionEndsOnTheServer() throws Exception {
        start();
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        RpcSubscription numbers = rpc.subscribe(
                SubscriptionCall.of(Call.of("subscribe"), "unsubscribe"), value -> seen.add(value.json()));
        get(rpc.call("numbers", 3));
        for (int i = 1; i <= 3; i++) assertEquals("" + i, seen.poll(20, TimeUnit.SECONDS));
        assertEquals("1", get(rpc.call("subscriptions")).json());
        numbers.close();
        assertEquals("0", get(rpc.call("subscriptions")).json());
    }

    @Test
    void tenThousandNumbersThroughCutsAndRestartsComeOnceAndInOrder() throws Exception {
        start();
        List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        List<String> gaps = Collections.synchronizedList(new ArrayList<>());
        SubscriptionCall call = SubscriptionCall.of(Call.of("subscribe"), "unsubscribe")
                .cursor(JsonValue::json)
                .backfill(last -> Call.of("after", Integer.valueOf(last)))
                .startingAfter("0");
        rpc.subscribe(call, new SubscriptionListener() {
            @Override
            public void onValue(JsonValue value) {
                numbers.add(value.read(Integer.class));
            }

            @Override
            public void onGap(Throwable cause) {
                gaps.add(String.valueOf(cause));
            }
        });
        rpc.onOpen(() -> rpc.notify("numbers", NUMBERS));
        int faults = 0;
        for (int next = 1_000; next < NUMBERS; next += 1_000) {
            int until = next;
            await(() -> numbers.size() >= until);
            faults++;
            if (faults % 3 == 0) {
                server.restart();
            } else {
                proxy.cut();
            }
        }
        await(() -> numbers.size() >= NUMBERS);
        for (int i = 0; i < NUMBERS; i++) assertEquals(i + 1, numbers.get(i));
        assertEquals(NUMBERS, numbers.size());
        assertEquals(List.of(), gaps);
        System.out.println("10,000 numbers once and in order, " + faults + " faults, 3 of them restarts");
    }

    @Test
    void withoutABackfillWhatIsMissingIsBehindAGap() throws Exception {
        start();
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        rpc.subscribe(SubscriptionCall.of(Call.of("subscribe"), "unsubscribe"), new SubscriptionListener() {
            @Override
            public void onValue(JsonValue value) {
                seen.add(value.read(Integer.class));
            }

            @Override
            public void onGap(Throwable cause) {
                seen.add("gap");
            }
        });
        get(rpc.call("numbers", 4_000));
        for (int next = 800; next <= 2_400; next += 800) {
            int until = next;
            await(() -> seen.size() >= until);
            proxy.cut();
        }
        await(() -> seen.contains(4_000));
        int expected = 1;
        int missing = 0;
        boolean gap = false;
        for (Object each : seen) {
            if (each.equals("gap")) {
                gap = true;
                continue;
            }
            int number = (Integer) each;
            assertTrue(gap ? number >= expected : number == expected, number + " after " + (expected - 1));
            missing += number - expected;
            gap = false;
            expected = number + 1;
        }
        assertEquals(4_001, expected);
        System.out.println("4,000 numbers without a backfill: " + missing + " missing, all behind a gap");
    }

    @Test
    void tenThousandCallsThroughCutsAndARestart() throws Exception {
        start();
        List<CompletableFuture<JsonValue>> repeated = new ArrayList<>();
        List<CompletableFuture<JsonValue>> once = new ArrayList<>();
        for (int i = 0; i < NUMBERS / 2; i++) {
            repeated.add(rpc.call(Call.of("save", i).repeatable()));
            once.add(rpc.call("save", NUMBERS + i));
            if (i % 1_000 == 400) {
                Thread.sleep(20);
                proxy.cut();
            }
            if (i == 2_900) server.restart();
        }
        for (CompletableFuture<JsonValue> call : repeated) assertFalse(get(call).isNull());
        List<Integer> answered = new ArrayList<>();
        int unknown = 0;
        for (int i = 0; i < once.size(); i++) {
            try {
                answered.add(get(once.get(i)).read(Integer.class));
            } catch (ExecutionException e) {
                assertEquals(
                        Outcome.Kind.UNKNOWN,
                        assertInstanceOf(NoAnswerException.class, e.getCause())
                                .outcome()
                                .kind());
                unknown++;
            }
        }
        List<Integer> saved = get(rpc.call("saved")).read(new TypeRef<List<Integer>>() {});
        HashSet<Integer> distinct = new HashSet<>(saved);
        for (int i = 0; i < NUMBERS / 2; i++) assertTrue(distinct.contains(i), i + " was never handled");
        assertTrue(distinct.containsAll(answered));
        long ofOnce = saved.stream().filter(number -> number >= NUMBERS).count();
        long distinctOfOnce =
                distinct.stream().filter(number -> number >= NUMBERS).count();
        assertEquals(distinctOfOnce, ofOnce, "a call that may not be repeated was handled twice");
        System.out.println("10,000 calls: " + (saved.size() - distinct.size())
                + " that may be repeated were handled twice, " + unknown + " others are unknown, of which "
                + (distinctOfOnce - answered.size()) + " were handled");
    }

    @Test
    void aCallIntoABlackHoleIsSentAgain() throws Exception {
        start();
        assertEquals("3", get(rpc.call("sum", 1, 2)).json());
        proxy.blackHole(Direction.BOTH, true);
        CompletableFuture<JsonValue> call = rpc.call(Call.of("sum", 1, 2).repeatable());
        proxy.cut();
        proxy.forget();
        proxy.blackHole(Direction.BOTH, false);
        assertEquals("3", get(call).json());
    }
}
