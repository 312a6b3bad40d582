package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.Priority;
import dev.holdfast.RateLimit;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** The outbound queue as an application meets it. Without a session, so that what is written is over. */
class QueueTest {
    private final World world = new World(1);
    private final Recorder server = new Recorder();
    private final SimTransport transport = new SimTransport(world, server);
    private final List<String> told = new ArrayList<>();
    private int tasks;

    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onBackpressure(HoldfastClient from, boolean pressed) {
            told.add(pressed ? "pressed" : "relieved");
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            told.add("closed");
        }
    };

    private HoldfastClientBuilder builder(OutboundQueue queue) {
        Executor threads = task -> {
            tasks++;
            world.threads.execute(task);
        };
        Environment environment =
                new Environment(world.ticker, world.scheduler, threads, new Random(1), new Random(1), transport);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.none())
                .callbackExecutor(world.threads)
                .queue(queue)
                .listener(listener);
    }

    private HoldfastClient client(OutboundQueue queue) {
        return builder(queue).build();
    }

    private static SendOptions priority(Priority priority) {
        return SendOptions.defaults().withPriority(priority);
    }

    private void pass(Duration time) {
        for (long end = world.now() + time.toNanos(); world.step(end); ) {}
    }

    private void pass() {
        pass(Duration.ofSeconds(5));
    }

    // ---- order ----

    @Test
    void urgentMessagesGoFirst() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        client.send("bulk", priority(Priority.BULK));
        client.send("one");
        client.send(ByteString.encodeUtf8("high"), priority(Priority.HIGH));
        client.send(new byte[] {'c'}, priority(Priority.CONTROL));
        client.send("two");
        client.connect();
        pass();
        assertEquals(List.of("c", "high", "one", "two", "bulk"), server.received);
        client.cancel();
    }

    @Test
    void theNewestValueOfAKeyTakesTheOldestsPlace() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        SendOptions cursor = SendOptions.defaults().withConflationKey("cursor");
        Delivery old = client.send("1", cursor);
        CompletableFuture<Outcome> asked = old.outcome();
        client.send("other");
        client.send("2", cursor);
        assertEquals(Outcome.conflated(), old.outcomeNow());
        assertFalse(asked.isDone(), "not on the sender's thread");
        client.connect();
        pass();
        assertEquals(Outcome.conflated(), asked.join());
        assertEquals(List.of("2", "other"), server.received);
        client.cancel();
    }

    // ---- messages that do not go ----

    @Test
    void aMessageThatWaitsCanBeRecalled() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        Delivery recalled = client.send("recalled");
        Delivery sent = client.send("sent");
        assertTrue(recalled.cancel());
        assertFalse(recalled.cancel());
        assertEquals(Outcome.cancelled(Outcome.Reason.CANCELLED_BY_CALLER, "recalled"), recalled.outcomeNow());
        assertEquals(4, client.bufferedAmount());
        client.connect();
        pass();
        assertFalse(sent.cancel());
        assertEquals(Outcome.written(), sent.outcomeNow());
        assertEquals(List.of("sent"), server.received);
        client.cancel();
    }

    @Test
    void closingDoesNotWaitForWhatIsRecalled() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        transport.weather = SimTransport.Weather.SILENT;
        client.connect();
        Delivery recalled = client.send("recalled");
        client.close();
        pass(Duration.ofSeconds(1));
        assertEquals(ClientState.CLOSING, client.state());
        assertTrue(recalled.cancel());
        pass(Duration.ofSeconds(1));
        assertEquals(ClientState.CLOSED, client.state());
        assertFalse(recalled.cancel());
    }

    @Test
    void aMessageExpiresWhereverTheClientStands() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        Delivery delivery = client.send("m", SendOptions.defaults().withExpiry(Duration.ofSeconds(3)));
        CompletableFuture<Outcome> asked = delivery.outcome();
        pass(Duration.ofMillis(2_999));
        assertNull(delivery.outcomeNow());
        pass(Duration.ofMillis(10));
        assertEquals(Outcome.expired(), asked.join());
        assertEquals(0, client.bufferedAmount());
        client.connect();
        pass();
        assertEquals(List.of(), server.received);
        client.cancel();
    }

    @Test
    void whatGaveWaySaysToWhichPolicy() {
        HoldfastClient client = client(OutboundQueue.ofBytes(10).withOverflow(Overflow.dropOldest()));
        Delivery old = client.send("12345678");
        Delivery delivery = client.send("123");
        assertEquals(Outcome.Kind.DROPPED, old.outcomeNow().kind());
        assertEquals(Overflow.Policy.DROP_OLDEST, old.outcomeNow().droppedBy());
        assertEquals(Outcome.Reason.DISPLACED, old.outcomeNow().reason());
        assertNull(delivery.outcomeNow());
        assertEquals(3, client.bufferedAmount());
        HoldfastClient other = client(OutboundQueue.ofBytes(10).withOverflow(Overflow.dropNewest()));
        other.send("12345678");
        assertEquals(Overflow.Policy.DROP_NEWEST, other.send("123").outcomeNow().droppedBy());
        Outcome refused = full(Overflow.reject()).send("123").outcomeNow();
        assertEquals(Overflow.Policy.REJECT, refused.droppedBy());
        assertEquals(Outcome.Reason.QUEUE_FULL, refused.reason());
        assertNull(refused.code(), "the code is the server's");
    }

    private HoldfastClient full(Overflow overflow) {
        HoldfastClient client = client(OutboundQueue.ofBytes(10).withOverflow(overflow));
        client.send("12345678");
        return client;
    }

    @Test
    void whatWasSentBeforeCloseGoesOutAndWhatComesAfterIsRefused() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000));
        client.connect();
        Delivery before = client.send("before");
        client.close();
        Delivery after = client.send("after");
        assertEquals(Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "the client is closing"), after.outcomeNow());
        pass();
        assertEquals(Outcome.written(), before.outcomeNow());
        assertEquals(List.of("before"), server.received);
        assertEquals(ClientState.CLOSED, client.state());
        HoldfastClient cancelled = client(OutboundQueue.ofBytes(1_000));
        cancelled.cancel();
        assertEquals(Outcome.Kind.CANCELLED, cancelled.send("late").outcomeNow().kind());
    }

    // ---- progress ----

    @Test
    void writtenIsToldOnTheCallbackExecutorBeforeTheOutcome() {
        Queue<Runnable> turns = new ArrayDeque<>();
        HoldfastClient client = builder(OutboundQueue.ofBytes(1_000))
                .callbackExecutor(turns::add)
                .build();
        Delivery delivery = client.send("m");
        List<String> order = new ArrayList<>();
        CompletableFuture<?> outcome = delivery.outcome().thenAccept(how -> order.add(how.toString()));
        CompletableFuture<?> written = delivery.written().thenAccept(how -> order.add("written " + how));
        client.connect();
        pass();
        assertEquals(Delivery.Stage.ENDED, delivery.stage());
        assertFalse(written.isDone() || outcome.isDone());
        while (!turns.isEmpty()) turns.remove().run();
        assertEquals(List.of("written true", "WRITTEN"), order);
        client.cancel();
    }

    @Test
    void manySendsWakeTheMachineOnce() {
        HoldfastClient client = client(OutboundQueue.ofBytes(100_000));
        for (int i = 0; i < 1_000; i++) client.send("message");
        assertEquals(1, tasks);
        pass();
        for (int i = 0; i < 1_000; i++) client.send("message");
        assertEquals(1, tasks, "nobody needs to know while there is no connection");
        client.connect();
        pass();
        assertEquals(2_000, server.received.size());
        client.cancel();
    }

    // ---- pressure ----

    @Test
    void pressureIsToldInTurnsAndWhoWaitsGoesOn() {
        HoldfastClient client = client(OutboundQueue.ofBytes(100).withWaterMarks(50, 10));
        assertTrue(client.writable().isDone());
        client.send("x".repeat(50));
        assertTrue(client.writable().isDone());
        client.send("y");
        CompletableFuture<Void> writable = client.writable();
        assertFalse(writable.isDone());
        assertNotSame(writable, client.writable());
        assertTrue(client.writable().cancel(true), "one's own");
        pass();
        assertEquals(List.of("pressed"), told);
        client.connect();
        pass();
        assertTrue(writable.isDone());
        writable.join();
        assertEquals(List.of("pressed", "relieved"), told);
        client.cancel();
    }

    @Test
    void pressureThatIsOverBeforeAnybodyLooksIsNotTold() {
        Queue<Runnable> turns = new ArrayDeque<>();
        HoldfastClient client = builder(OutboundQueue.ofBytes(100).withWaterMarks(50, 10))
                .callbackExecutor(turns::add)
                .build();
        CompletableFuture<Void> writable = null;
        for (int i = 0; i < 10; i++) {
            Delivery large = client.send("x".repeat(60));
            writable = client.writable();
            pass();
            assertTrue(large.cancel());
            pass();
        }
        client.send("x".repeat(60));
        pass();
        while (!turns.isEmpty()) {
            turns.remove().run();
            pass();
        }
        assertEquals(List.of("pressed"), told);
        assertTrue(writable.isDone());
        client.cancel();
    }

    @Test
    void whoWaitsForRoomIsSentAwayWhenTheClientEnds() {
        HoldfastClient client = client(OutboundQueue.ofBytes(100).withWaterMarks(50, 10));
        client.send("x".repeat(60));
        CompletableFuture<Void> writable = client.writable();
        pass();
        client.cancel();
        pass();
        assertTrue(writable.isCancelled());
        assertTrue(client.writable().isCancelled());
        assertEquals(List.of("pressed", "closed"), told);
    }

    @Test
    void sendNeverWaitsInACallbackNorOnTheThreadOfCallbacks() {
        AtomicReference<RuntimeException> inCallback = new AtomicReference<>();
        OutboundQueue blocking = OutboundQueue.ofBytes(100).withOverflow(Overflow.block(Duration.ofSeconds(1)));
        HoldfastClient client = builder(blocking)
                .listener(new HoldfastListener() {
                    @Override
                    public void onState(HoldfastClient from, ClientState state) {
                        if (state != ClientState.OPEN) return;
                        inCallback.set(assertThrows(IllegalStateException.class, () -> from.send("m")));
                    }
                })
                .build();
        // Nothing has run yet, so nobody can know which thread it is.
        client.send("before");
        client.connect();
        pass();
        assertEquals(
                "send that may block, on a thread of the callback executor",
                inCallback.get().getMessage());
        assertThrows(IllegalStateException.class, () -> client.send("after"));
        client.cancel();
        pass();
    }

    @Test
    void aThreadOfTheSdksIsTheCallbacksOnlyDuringOne() {
        List<String> thrown = new ArrayList<>();
        OutboundQueue blocking = OutboundQueue.ofBytes(100).withOverflow(Overflow.block(Duration.ofSeconds(1)));
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        HoldfastClient client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.none())
                .queue(blocking)
                .listener(new HoldfastListener() {
                    @Override
                    public void onState(HoldfastClient from, ClientState state) {
                        if (state != ClientState.OPEN) return;
                        thrown.add(assertThrows(IllegalStateException.class, () -> from.send("m"))
                                .getMessage());
                    }
                })
                .build();
        client.connect();
        pass();
        assertEquals(1, thrown.size());
        client.send("after");
        pass();
        assertEquals(List.of("after"), server.received);
        client.cancel();
    }

    // ---- the rate ----

    @Test
    void messagesLeaveAtTheRateAndNoFaster() {
        HoldfastClient client = client(OutboundQueue.ofBytes(1_000)
                .withRateLimit(RateLimit.ofMessages(2).withBurst(Duration.ofSeconds(1))));
        client.connect();
        pass(Duration.ofSeconds(1));
        for (int i = 0; i < 6; i++) client.send("m" + i);
        pass(Duration.ofMillis(400));
        assertEquals(2, server.received.size());
        pass(Duration.ofSeconds(1));
        assertEquals(4, server.received.size());
        pass(Duration.ofSeconds(1));
        assertEquals(List.of("m0", "m1", "m2", "m3", "m4", "m5"), server.received);
        client.cancel();
    }

    private static final class Recorder implements SimServer {
        final List<String> received = new ArrayList<>();

        @Override
        public void onConnect(SimConnection connection) {}

        @Override
        public void onText(SimConnection connection, String text) {
            received.add(text);
        }

        @Override
        public void onBinary(SimConnection connection, ByteString bytes) {
            received.add(bytes.utf8());
        }

        @Override
        public void onDisconnect(SimConnection connection) {}
    }
}
