package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.MemoryStore;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.StoreException;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.runtime.StoreRecordRewriter;
import dev.holdfast.protocol.Outgoing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Subscriptions and messages of a protocol in a store: what the next process goes on from. */
class StoredSubscriptionsTest {
    private final World world = new World(1);
    private final CursorServer server = new CursorServer(world);
    private final SimTransport transport = new SimTransport(world, server);
    private final MemoryStore store = new MemoryStore();
    private final List<String> begun = new ArrayList<>();

    StoredSubscriptionsTest() {
        server.topics.put("news", new CursorServer.Topic());
        server.topics.put("orders", new CursorServer.Topic());
        server.observer = (topic, id, cursor) -> begun.add(topic + " after " + cursor);
    }

    /** One process of the application. */
    private final class Life implements CursorProtocol.Listener, HoldfastListener {
        final ClientProcess process = new ClientProcess(world);
        final List<String> seen = new ArrayList<>();
        final List<Throwable> failed = new ArrayList<>();
        final List<StoreException> storeFailures = new ArrayList<>();
        final Deque<Runnable> acks = new ArrayDeque<>();
        /** The callbacks that wait while the application is busy; null while it is not. */
        @Nullable
        Deque<Runnable> waiting;

        final CursorProtocol protocol = new CursorProtocol(0, Set.of("orders"), this);
        final HoldfastClient client;

        Life() {
            this(null);
        }

        /** @param atOnce the topic to which the protocol subscribes before the store is open; null for none */
        Life(@Nullable String atOnce) {
            protocol.atOnce = atOnce;
            Environment environment = new Environment(
                    world.ticker, world.wall, process, process, new Random(1), new Random(1), transport);
            client = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                    .session(Session.of(() -> protocol))
                    .store(store)
                    .inboundLimitBytes(1_000)
                    .listener(this)
                    .callbackExecutor(task -> {
                        if (waiting == null) process.execute(task);
                        else waiting.add(task);
                    })
                    .build();
        }

        Life connect() {
            client.connect();
            pass(2);
            return this;
        }

        @Override
        public void onMessage(String topic, long number, @Nullable Runnable ack) {
            seen.add(topic + " " + number);
            if (ack != null) acks.add(ack);
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            throw new AssertionError(message);
        }

        @Override
        public void onGap(String topic, long upTo) {
            seen.add(topic + " gap up to " + upTo);
        }

        @Override
        public void onFailed(Throwable thrown) {
            failed.add(thrown);
        }

        @Override
        public void onStoreFailure(HoldfastClient from, StoreException failure) {
            storeFailures.add(failure);
        }

        /** The application returns to its callbacks. */
        void goOn() {
            Deque<Runnable> tasks = waiting;
            waiting = null;
            tasks.forEach(process::execute);
            pass(1);
        }

        void die() {
            process.die();
            store.ownerDied();
            transport.abandon(false);
            pass(1);
        }
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    private void publish(String topic, int count) {
        for (int i = 0; i < count; i++) server.publish(topic);
        pass(1);
    }

    private Map<String, String> cursors() {
        return StoreRecordRewriter.cursors(store.content());
    }

    private <T> T now(CompletableFuture<T> future) {
        pass(1);
        return future.join();
    }

    // ---- cursors ----

    @Test
    void aSubscriptionThatBeginsBeforeTheStoreIsOpenGoesOnAfterTheStoredCursor() {
        Life first = new Life("news").connect();
        publish("news", 3);
        first.die();
        publish("news", 2);
        Life second = new Life("news").connect();
        assertEquals(List.of("news after -", "news after 3"), begun);
        assertEquals(List.of("news 4", "news 5"), second.seen);
    }

    /** They come to the next process, and to it alone. */
    @Test
    void messagesThatWaitWhenTheClientIsCancelledAreNotGivenToTheApplication() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        pass(1);
        first.waiting = new ArrayDeque<>();
        publish("news", 3);
        first.client.cancel();
        pass(1);
        first.goOn();
        assertEquals(List.of(), first.seen);
        Life second = new Life();
        second.protocol.subscribe("news");
        second.connect();
        publish("news", 1);
        assertEquals(List.of(), first.seen);
        assertTrue(second.seen.contains("news 4"), second.seen::toString);
    }

    @Test
    void theNextProcessGoesOnAfterTheNewestHandledMessage() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 3);
        assertEquals(List.of("news 1", "news 2", "news 3"), first.seen);
        assertEquals(Map.of("news", "3"), cursors());
        first.die();
        publish("news", 2);
        Life second = new Life();
        second.protocol.subscribe("news");
        second.connect();
        assertEquals(List.of("news after -", "news after 3"), begun);
        assertEquals(List.of("news 4", "news 5"), second.seen);
    }

    @Test
    void whatTheApplicationHasNotHandledComesAgain() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 2);
        first.waiting = new ArrayDeque<>();
        publish("news", 2);
        assertEquals(Map.of("news", "2"), cursors());
        first.die();
        Life second = new Life();
        second.protocol.subscribe("news");
        second.connect();
        assertEquals(List.of("news 3", "news 4"), second.seen);
    }

    @Test
    void byHandTheCursorMovesWhenEverythingBeforeIsAcknowledged() {
        Life first = new Life().connect();
        first.protocol.subscribe("orders");
        publish("orders", 3);
        Runnable one = first.acks.remove();
        Runnable two = first.acks.remove();
        two.run();
        first.acks.remove().run();
        pass(1);
        assertEquals(Map.of(), cursors());
        one.run();
        one.run();
        pass(1);
        assertEquals(Map.of("orders", "3"), cursors());
        publish("orders", 1);
        first.die();
        Life second = new Life();
        second.protocol.subscribe("orders");
        second.connect();
        assertEquals(List.of("orders 4"), second.seen);
    }

    @Test
    void manyMessagesShareACommit() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 1);
        long before = store.commits();
        for (int i = 0; i < 100; i++) {
            server.publish("news");
            while (world.step(world.now() + World.millis(1))) {}
        }
        pass(1);
        assertEquals(Map.of("news", "101"), cursors());
        assertTrue(store.commits() - before <= 10, () -> "commits: " + (store.commits() - before));
    }

    @Test
    void theEndOfTheClientStoresWhatWaitedForMore() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 1);
        for (int i = 0; i < 2; i++) {
            server.publish("news");
            long end = world.now() + World.millis(80);
            while (world.step(end)) {}
        }
        assertEquals(List.of("news 1", "news 2", "news 3"), first.seen);
        assertEquals(Map.of("news", "2"), cursors());
        first.client.cancel();
        pass(1);
        assertEquals(Map.of("news", "3"), cursors());
    }

    @Test
    void aCursorThatTheServerRefusesIsAGapAsAfterAReconnect() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 2);
        first.die();
        publish("news", 2);
        server.topics.get("news").trimmed = 3;
        Life second = new Life();
        second.waiting = new ArrayDeque<>();
        second.protocol.subscribe("news");
        second.connect();
        // The application has not heard of it: the next process must.
        assertEquals(Map.of("news", "2"), cursors());
        second.die();
        Life third = new Life();
        third.protocol.subscribe("news");
        third.connect();
        assertEquals(List.of("news gap up to 3", "news 4"), third.seen);
        assertEquals(Map.of("news", "4"), cursors());
    }

    @Test
    void afterAReportedGapTheStoreHasNoCursor() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 2);
        first.die();
        server.topics.get("news").newest = 4;
        server.topics.get("news").trimmed = 4;
        Life second = new Life();
        second.protocol.subscribe("news");
        second.connect();
        assertEquals(List.of("news gap up to 4"), second.seen);
        assertEquals(Map.of(), cursors());
        assertEquals(List.of("news after -", "news after 2", "news after -"), begun);
    }

    @Test
    void aClosedSubscriptionKeepsItsCursor() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("news");
        publish("news", 2);
        first.protocol.unsubscribe(name);
        publish("news", 2);
        first.protocol.subscribe("news");
        pass(1);
        assertEquals(List.of("news 1", "news 2", "news 3", "news 4"), first.seen);
        assertEquals(List.of("news after -", "news after 2"), begun);
        first.client.close();
        pass(1);
        assertEquals(Map.of("news", "4"), cursors());
    }

    /** Otherwise a message would count as handled that its subscription's listener no longer takes. */
    @Test
    void aMessageWhoseCallbackHasNotBegunWhenItsSubscriptionEndsComesAgain() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("news");
        publish("news", 1);
        first.waiting = new ArrayDeque<>();
        publish("news", 2);
        first.protocol.unsubscribe(name);
        first.goOn();
        assertEquals(List.of("news 1"), first.seen);
        assertEquals(Map.of("news", "1"), cursors());
        first.protocol.subscribe("news");
        pass(1);
        assertEquals(List.of("news 1", "news 2", "news 3"), first.seen);
        assertEquals(Map.of("news", "3"), cursors());
    }

    @Test
    void aMessageWhoseCallbackHasNotBegunWhenItsSubscriptionIsReplacedComesToTheNewOne() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("news");
        publish("news", 1);
        first.waiting = new ArrayDeque<>();
        publish("news", 2);
        first.protocol.replace(name);
        first.goOn();
        assertEquals(List.of("news after -", "news after 1"), begun);
        assertEquals(List.of("news 1", "news 2", "news 3"), first.seen);
    }

    @Test
    void whatTheServerHasSentBeforeItEndsASubscriptionIsHandled() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("news");
        publish("news", 1);
        first.waiting = new ArrayDeque<>();
        publish("news", 2);
        server.endAll();
        pass(1);
        // It has ended already.
        first.protocol.unsubscribe(name);
        first.goOn();
        assertEquals(List.of("news 1", "news 2", "news 3"), first.seen);
        assertEquals(Map.of("news", "3"), cursors());
    }

    @Test
    void messagesThatTheApplicationDoesNotGetTakeNoRoom() {
        Life first = new Life().connect();
        int number = 0;
        for (int i = 0; i < 20; i++) {
            String name = first.protocol.subscribe("news");
            pass(1);
            first.waiting = new ArrayDeque<>();
            publish("news", 10);
            first.protocol.unsubscribe(name);
            first.goOn();
        }
        first.protocol.subscribe("news");
        pass(1);
        for (String seen : first.seen) assertEquals("news " + ++number, seen);
        assertEquals(200, number);
    }

    @Test
    void whatIsHandledWithoutAConnectionIsStoredToo() {
        Life first = new Life().connect();
        first.protocol.subscribe("orders");
        publish("orders", 2);
        first.client.disconnect();
        pass(1);
        first.acks.remove().run();
        long end = world.now() + World.millis(50);
        while (world.step(end)) {}
        assertEquals(Map.of("orders", "1"), cursors());
        first.acks.remove().run();
        pass(1);
        assertEquals(Map.of("orders", "2"), cursors());
    }

    @Test
    void aMessageThatTheApplicationHasIsNotRepeatedInItsProcess() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("orders");
        publish("orders", 2);
        first.protocol.unsubscribe(name);
        first.protocol.subscribe("orders");
        publish("orders", 1);
        assertEquals(List.of("orders 1", "orders 2", "orders 3"), first.seen);
        assertEquals(Map.of(), cursors());
        first.acks.forEach(Runnable::run);
        pass(1);
        assertEquals(Map.of("orders", "3"), cursors());
    }

    @Test
    void aMessageThatWasAcknowledgedAfterTheEndOfItsSubscriptionDoesNotComeAgain() {
        Life first = new Life().connect();
        String name = first.protocol.subscribe("orders");
        publish("orders", 2);
        first.protocol.unsubscribe(name);
        first.acks.forEach(Runnable::run);
        pass(1);
        first.protocol.subscribe("orders");
        publish("orders", 1);
        assertEquals(List.of("orders 1", "orders 2", "orders 3"), first.seen);
    }

    @Test
    void oneStoreNameHasOneSubscriptionAtATime() {
        Life first = new Life().connect();
        first.protocol.subscribe("news", "mine");
        first.protocol.subscribe("orders", "mine");
        pass(1);
        assertEquals(1, first.failed.size());
        assertInstanceOf(IllegalStateException.class, first.failed.get(0));
        assertTrue(first.failed.get(0).getMessage().contains("mine"), first.failed.get(0)::getMessage);
        assertEquals(List.of("news after -"), begun);
    }

    @Test
    void aStoreNameHasBounds() {
        Life first = new Life();
        assertThrows(IllegalArgumentException.class, () -> first.protocol.subscribe("news", ""));
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> first.protocol.subscribe("news", "x".repeat(257)));
        assertEquals("storeName must have 1 to 256 characters, but has 257", thrown.getMessage());
    }

    @Test
    void withoutAStoreNameNothingIsStored() {
        Life first = new Life().connect();
        first.protocol.subscribe("news", null);
        publish("news", 2);
        assertEquals(List.of("news 1", "news 2"), first.seen);
        assertEquals(Map.of(), store.content());
    }

    /** A record that was cut off must not look like a name that was never stored. */
    @Test
    void aTornRecordEndsTheClient() {
        Life first = new Life().connect();
        first.protocol.subscribe("news");
        publish("news", 2);
        first.die();
        Map<Long, byte[]> content = store.content();
        Map.Entry<Long, byte[]> record = content.entrySet().iterator().next();
        for (int length = 0; length < record.getValue().length; length++) {
            store.replace(Map.of(record.getKey(), java.util.Arrays.copyOf(record.getValue(), length)));
            Life second = new Life();
            pass(1);
            assertEquals(
                    StoreException.Kind.DAMAGED, second.storeFailures.get(0).kind());
        }
    }

    // ---- messages ----

    @Test
    void whatWaitedGoesOutAndWhatWasHandedOverIsUnknown() {
        Life first = new Life().connect();
        server.connections().forEach(each -> each.hold(true, true));
        Delivery sent = first.client.send("sent a");
        pass(1);
        assertTrue(now(sent.stored()));
        first.client.disconnect();
        Delivery waits = first.client.send("waits-a");
        assertTrue(now(waits.stored()));
        first.die();
        Life second = new Life();
        List<Delivery> found = now(second.client.storeOpened());
        assertEquals("waits-a", found.get(1).message().text());
        second.connect();
        Outcome unknown = now(found.get(0).outcome());
        assertEquals(Outcome.Kind.UNKNOWN, unknown.kind());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, now(found.get(1).outcome()).kind());
        assertEquals(Map.of("waits-a", 1), server.received);
    }

    @Test
    void aMessageThatTheProtocolRefusesAfterTheRestartEnds() {
        Life first = new Life();
        first.client.send("waits");
        pass(1);
        first.die();
        Life second = new Life();
        second.protocol.refuses = true;
        Delivery found = now(second.client.storeOpened()).get(0);
        Outcome outcome = now(found.outcome());
        assertEquals(Outcome.Kind.CANCELLED, outcome.kind());
        assertEquals(Outcome.Reason.RESTORED, outcome.reason());
        assertTrue(outcome.detail().contains("refused"), outcome::toString);
        second.client.close();
        pass(1);
        assertEquals(Map.of(), store.content());
    }

    @Test
    void aMessageWhoseIdIsInUseEndsSoInTheNextProcessToo() {
        Life first = new Life().connect();
        server.connections().forEach(each -> each.hold(true, true));
        first.client.send("one a");
        pass(1);
        first.protocol.sameId = true;
        first.waiting = new ArrayDeque<>();
        first.client.send("two a");
        pass(1);
        first.die();
        Life second = new Life();
        List<Delivery> found = now(second.client.storeOpened());
        assertEquals("two a", found.get(1).message().text());
        Outcome outcome = now(found.get(1).outcome());
        assertEquals(Outcome.Kind.REJECTED, outcome.kind());
        assertEquals(Outcome.Reason.ID_IN_USE, outcome.reason());
    }

    /** Its acknowledgement has an id of this process. */
    @Test
    void aMessageThatTheProtocolMadeItselfIsNotStored() {
        Life first = new Life();
        Delivery own = first.client.send(Outgoing.text("SEND 0 own"));
        first.connect();
        assertEquals(Outcome.Kind.WRITTEN, now(own.outcome()).kind());
        assertFalse(now(own.stored()));
        assertEquals(Map.of(), store.content());
    }

    @Test
    void aMessageThatTakesThePlaceOfTheProtocolsOwnIsStored() {
        Life first = new Life();
        Delivery own = first.client.send(Outgoing.text("SEND 0 own"), SendOptions.conflated("key"));
        Delivery text = first.client.send("text", SendOptions.conflated("key"));
        assertEquals(Outcome.Kind.CONFLATED, now(own.outcome()).kind());
        assertTrue(now(text.stored()));
        first.die();
        Life second = new Life();
        assertEquals(1, now(second.client.storeOpened()).size());
    }

    // ---- kinds of session ----
}
