package dev.holdfast;

import static dev.holdfast.ClientState.CONNECTING;
import static dev.holdfast.ClientState.OPEN;
import static dev.holdfast.ClientState.RESUMING;
import static dev.holdfast.ClientState.WAITING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ConnectionFailure.Phase;
import dev.holdfast.internal.transport.RawServer.Frame;
import dev.holdfast.internal.transport.RawServer.Peer;
import dev.holdfast.protocol.Opened;
import dev.holdfast.protocol.Outgoing;
import dev.holdfast.protocol.Protocol;
import dev.holdfast.protocol.ProtocolClient;
import dev.holdfast.protocol.ProtocolConnection;
import dev.holdfast.protocol.ProtocolEvents;
import dev.holdfast.protocol.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import okio.ByteString;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A protocol of the public interface over real sockets: what it can express, and what becomes of its exceptions. */
@Timeout(60)
class OwnProtocolTest {
    private static final ByteString BYTES = ByteString.decodeHex("0102");

    @RegisterExtension
    final ClientRig rig = new ClientRig();

    private final IllegalArgumentException bug = new IllegalArgumentException("the protocol's bug");
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final Script script = new Script();

    private static final class Script implements Protocol {
        OpenedBy openedBy = OpenedBy.CLIENT;

        @Nullable
        Outgoing farewell;

        Runnable onNew = () -> {};
        Function<@Nullable String, Outgoing> open = credential -> Outgoing.text("hello " + credential);
        BiConsumer<String, ProtocolEvents> onText = (text, events) -> {
            if (text.equals("welcome")) events.opened(Opened.plain());
            else events.deliver(EncodedPayload.text(text));
        };
        Function<EncodedPayload, Outgoing> outgoing = payload -> Outgoing.text("<" + payload.text() + ">");
        ProtocolClient client;

        @Override
        public OpenedBy openedBy() {
            return openedBy;
        }

        @Override
        public @Nullable Outgoing farewell() {
            return farewell;
        }

        @Override
        public void attach(ProtocolClient newClient) {
            client = newClient;
        }

        @Override
        public ProtocolConnection newConnection() {
            onNew.run();
            return new ProtocolConnection() {
                @Override
                public Outgoing open(@Nullable String credential) {
                    return open.apply(credential);
                }

                @Override
                public void onText(String text, ProtocolEvents events) {
                    onText.accept(text, events);
                }
            };
        }

        @Override
        public Outgoing outgoing(EncodedPayload payload) {
            return outgoing.apply(payload);
        }
    }

    /** A subscription whose messages name it and its cursor. */
    private class Topic implements Subscription {
        Function<@Nullable String, Outgoing> start = cursor -> Outgoing.text("+" + cursor);
        Supplier<@Nullable Outgoing> end = () -> Outgoing.text("-");

        @Override
        public String name() {
            return "topic";
        }

        @Override
        public Outgoing start(@Nullable String cursor) {
            return start.apply(cursor);
        }

        @Override
        public @Nullable Outgoing end() {
            return end.get();
        }

        @Override
        public void onUnanswered() {
            told.add("unanswered");
        }

        @Override
        public void onFailed(Throwable thrown) {
            told.add("failed: " + thrown.getMessage());
        }
    }

    private HoldfastClientBuilder builder() {
        return rig.builder().session(Session.of(() -> script));
    }

    private HoldfastClient client() {
        return rig.build(builder());
    }

    private String told() throws InterruptedException {
        return told.poll(10, TimeUnit.SECONDS);
    }

    private Peer opened(HoldfastClient client) throws Exception {
        client.connect();
        Peer peer = rig.server.acceptUpgrade();
        peer.takeText("hello null");
        peer.text("welcome");
        rig.recorder.takeStates(CONNECTING, RESUMING, OPEN);
        return peer;
    }

    // ---- what it can express ----

    @Test
    void messagesWaitForTheOpeningThatTheClientBegins() throws Exception {
        HoldfastClient client = rig.build(
                builder().credentialProvider(reason -> CompletableFuture.completedFuture(Credential.inOpen("secret"))));
        client.connect();
        Delivery delivery = client.send("text");
        Peer peer = rig.server.acceptUpgrade();
        peer.takeText("hello secret");
        peer.text("welcome");
        peer.takeText("<text>");
        assertEquals(
                Outcome.Kind.WRITTEN,
                delivery.outcome().get(10, TimeUnit.SECONDS).kind());
        assertEquals("text", delivery.message().text());
        client.send(delivery.message());
        peer.takeText("<text>");
        client.send(Map.of("a", 1));
        peer.takeText("<{\"a\":1}>");
        peer.text("from the server");
        rig.recorder.takeStates(CONNECTING, RESUMING, OPEN);
        assertEquals("from the server", rig.recorder.takeMessage().text());
    }

    @Test
    void theServerBeginsTheOpening() throws Exception {
        script.openedBy = Protocol.OpenedBy.SERVER;
        script.onText = (text, events) -> {
            if (text.equals("hi")) events.hello();
            else events.opened(Opened.plain());
        };
        HoldfastClient client = client();
        client.connect();
        client.send("text");
        Peer peer = rig.server.acceptUpgrade();
        peer.text("hi");
        peer.takeText("hello null");
        peer.text("welcome");
        peer.takeText("<text>");
    }

    /** A store that opens when it is told to. */
    private static final class GatedStore implements SessionStore {
        final CountDownLatch opening = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);
        private final MemoryStore store;

        GatedStore(MemoryStore store) {
            this.store = store;
        }

        @Override
        public Map<Long, byte[]> open() throws StoreException {
            opening.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return store.open();
        }

        @Override
        public void commit(List<StoreChange> changes) throws StoreException {
            store.commit(changes);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** The server may speak as soon as there is a connection, and there is none before the store's content is known. */
    @Test
    void whatTheServerSaysBeforeTheOpeningComesInOrderAfterTheStoreIsRead() throws Exception {
        script.openedBy = Protocol.OpenedBy.SERVER;
        MemoryStore disk = new MemoryStore();
        HoldfastClient earlier = rig.build(builder().store(disk));
        Delivery unused = earlier.send("stored");
        for (int i = 0; disk.content().isEmpty() && i < 10_000; i++) Thread.sleep(1);
        disk.ownerDied();

        GatedStore store = new GatedStore(disk.another());
        HoldfastClient client = rig.build(builder().store(store));
        client.connect();
        Delivery sent = client.send("sent");
        assertTrue(store.opening.await(10, TimeUnit.SECONDS));
        assertEquals(ClientState.IDLE, client.state());
        store.gate.countDown();
        Peer peer = rig.server.acceptUpgrade();
        peer.text("1");
        peer.text("2");
        peer.text("welcome");
        peer.text("3");
        peer.takeText("<stored>");
        peer.takeText("<sent>");
        assertEquals(
                Outcome.Kind.WRITTEN, sent.outcome().get(10, TimeUnit.SECONDS).kind());
        rig.recorder.takeStates(CONNECTING, RESUMING);
        assertEquals("1", rig.recorder.takeMessage().text());
        assertEquals("2", rig.recorder.takeMessage().text());
        rig.recorder.takeStates(OPEN);
        assertEquals("3", rig.recorder.takeMessage().text());
    }

    @Test
    void nobodyBeginsAndTheConnectionIsTheNewOneAfterALoss() throws Exception {
        script.openedBy = Protocol.OpenedBy.NOBODY;
        BlockingQueue<String> connections = new LinkedBlockingQueue<>();
        script.onNew = () -> connections.add("new");
        HoldfastClient client = client();
        client.connect();
        client.send("text");
        Peer peer = rig.server.acceptUpgrade();
        peer.takeText("<text>");
        peer.text("one");
        rig.recorder.takeStates(CONNECTING, OPEN);
        assertEquals("one", rig.recorder.takeMessage().text());
        peer.endStream();
        Peer next = rig.server.acceptUpgrade();
        next.text("two");
        assertInstanceOf(ConnectionFailure.class, rig.recorder.take());
        rig.recorder.takeStates(WAITING, CONNECTING, OPEN);
        assertEquals("two", rig.recorder.takeMessage().text());
        assertEquals(2, connections.size());
    }

    @Test
    void aCredentialOfTheOpeningNeedsAnOpening() throws Exception {
        script.openedBy = Protocol.OpenedBy.NOBODY;
        HoldfastClient client = rig.build(
                builder().credentialProvider(reason -> CompletableFuture.completedFuture(Credential.inOpen("secret"))));
        client.connect();
        rig.recorder.takeStates(CONNECTING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.CONFIGURATION, failure.phase());
        assertFalse(failure.willRetry());
    }

    @Test
    void aMessageMayHaveSeveralPartsAndAControlMessageMayBeBinary() throws Exception {
        script.outgoing = payload -> payload.kind() == EncodedPayload.Kind.BINARY
                ? Outgoing.binary(payload.bytes())
                : Outgoing.text(payload.text(), BYTES, BYTES);
        HoldfastClient client = client();
        Peer peer = opened(client);
        Delivery delivery = client.send("parts");
        peer.takeText("parts");
        assertEquals(BYTES, peer.take().payload());
        assertEquals(BYTES, peer.take().payload());
        assertEquals(
                Outcome.Kind.WRITTEN,
                delivery.outcome().get(10, TimeUnit.SECONDS).kind());
        client.send(BYTES);
        Frame binary = peer.take();
        assertEquals(2, binary.opcode());
        assertEquals(BYTES, binary.payload());
        script.onText = (text, events) -> events.send(Outgoing.binary(BYTES));
        peer.text("ping");
        assertEquals(BYTES, peer.take().payload());
    }

    @Test
    void anAnswerEndsAMessageAndAnotherConnectionTakesItAgain() throws Exception {
        script.outgoing = payload -> Outgoing.text(payload.text()).withAcknowledgement(7, 2, null);
        HoldfastClient client = client();
        Peer peer = opened(client);
        Delivery delivery = client.send("again");
        peer.takeText("again");
        peer.endStream();
        Peer next = rig.server.acceptUpgrade();
        next.takeText("hello null");
        next.text("welcome");
        next.takeText("again");
        script.onText = (text, events) -> {
            if (text.startsWith("answer")) events.acknowledged(7, () -> told.add(text));
            else events.deliver(() -> told.add(text));
        };
        next.text("answer");
        assertEquals("answer", told());
        Outcome outcome = delivery.outcome().get(10, TimeUnit.SECONDS);
        assertEquals(Outcome.Kind.ACKNOWLEDGED, outcome.kind());
        next.text("answer to nothing");
        next.text("behind it");
        assertEquals("behind it", told());
    }

    @Test
    void aRequestEndsInTimeAndMayBeAbandoned() throws Exception {
        HoldfastClient client = client();
        Peer peer = opened(client);
        Delivery late =
                client.send(Outgoing.text("late").withAnswer(1, true, Duration.ofMillis(50)), SendOptions.defaults());
        peer.takeText("late");
        assertEquals(
                Outcome.Reason.NOT_ACKNOWLEDGED,
                late.outcome().get(10, TimeUnit.SECONDS).reason());
        Delivery abandoned = client.send(Outgoing.text("abandoned").withAnswer(2, true, null));
        peer.takeText("abandoned");
        script.client.abandon(2);
        assertEquals(
                Outcome.Reason.GIVEN_UP,
                abandoned.outcome().get(10, TimeUnit.SECONDS).reason());
    }

    @Test
    void aMessageThatTheServerDoesNotTakeEnds() throws Exception {
        script.onText = (text, events) -> events.opened(Opened.plain().withMaxMessageBytes(10));
        HoldfastClient client = client();
        Peer peer = opened(client);
        Outcome outcome = client.send("much too long").outcome().get(10, TimeUnit.SECONDS);
        assertEquals(Outcome.Reason.TOO_LARGE, outcome.reason());
        client.send("short");
        peer.takeText("<short>");
    }

    @Test
    void theClientSendsItsHeartbeat() throws Exception {
        script.onText = (text, events) ->
                events.opened(Opened.plain().withClientHeartbeat(Duration.ofMillis(20), Outgoing.binary(BYTES)));
        Peer peer = opened(client());
        assertEquals(BYTES, peer.take().payload());
        assertEquals(BYTES, peer.take().payload());
    }

    @Test
    void aServerWhoseHeartbeatStaysAwayIsDead() throws Exception {
        script.onText = (text, events) -> events.opened(Opened.plain().withServerHeartbeat(Duration.ofMillis(100)));
        opened(client());
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertEquals(Phase.SESSION, failure.phase());
        assertTrue(failure.willRetry());
    }

    @Test
    void aSubscriptionGoesOnFromItsCursor() throws Exception {
        script.onText = (text, events) -> {
            if (text.equals("welcome")) events.opened(Opened.plain());
            else if (text.equals("gap")) events.gap("topic", () -> told.add("gap"));
            else if (text.equals("end")) events.ended("topic", () -> told.add("end"));
            else events.message("topic", text, () -> told.add(text));
        };
        HoldfastClient client = client();
        script.client.subscribe(new Topic(), "a");
        Peer peer = opened(client);
        peer.takeText("+a");
        peer.text("b");
        peer.text("b");
        peer.text("c");
        assertEquals("b", told());
        assertEquals("c", told());
        peer.endStream();
        Peer next = rig.server.acceptUpgrade();
        next.takeText("hello null");
        next.text("welcome");
        next.takeText("+c");
        next.text("gap");
        assertEquals("gap", told());
        next.takeText("+null");
        script.client.unsubscribe("topic");
        next.takeText("-");
        script.client.subscribe(new Topic(), null);
        next.takeText("+null");
        next.text("end");
        assertEquals("end", told());
        next.text("d");
        client.send("behind it");
        next.takeText("<behind it>");
        assertNull(told.peek());
    }

    @Test
    void aSubscriptionWithoutAnAnswerIsReported() throws Exception {
        HoldfastClient client = client();
        Topic topic = new Topic();
        topic.start = cursor -> Outgoing.text("+").withAnswer(1, false, Duration.ofMillis(50));
        script.client.subscribe(topic, null);
        opened(client).takeText("+");
        assertEquals("unanswered", told());
    }

    @Test
    void theClientTakesItsLeave() throws Exception {
        script.farewell = Outgoing.text("bye");
        HoldfastClient client = client();
        Peer peer = opened(client);
        client.close();
        peer.takeText("bye");
        peer.takeClose(1000);
    }

    @Test
    void withoutAFarewellTheCloseFrameIsTheEnd() throws Exception {
        HoldfastClient client = client();
        Peer peer = opened(client);
        client.close();
        peer.takeClose(1000);
    }

    @Test
    void theServerEndsTheSessionWithATypedCause() throws Exception {
        script.onText = (text, events) -> events.end(text, bug);
        HoldfastClient client = rig.build(builder()
                .reconnectPolicy(ReconnectPolicy.standard()
                        .withExceptionReaction(IllegalArgumentException.class, Reaction.stop("refused"))));
        client.connect();
        Peer peer = rig.server.acceptUpgrade();
        peer.text("no\u0007");
        rig.recorder.takeStates(CONNECTING, RESUMING);
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertSame(bug, failure.cause());
        assertFalse(failure.willRetry());
        assertFalse(failure.toString().contains("\u0007"), failure::toString);
    }

    @Test
    void aViolationEndsTheConnection() throws Exception {
        Peer peer = opened(client());
        peer.binary(BYTES);
        assertEquals(
                "server broke the session protocol: binary message of 2 bytes",
                rig.recorder.takeFailure().message());
        peer.takeClose(4400);
    }

    @Test
    void aHandoverHasAConnectionOfItsOwn() throws Exception {
        BlockingQueue<String> connections = new LinkedBlockingQueue<>();
        script.onNew = () -> connections.add("new");
        HoldfastClient client = client();
        Peer peer = opened(client);
        CompletableFuture<Opening> reopened = client.reconnect();
        Peer next = rig.server.acceptUpgrade();
        next.takeText("hello null");
        script.onText = (text, events) -> events.opened(Opened.plain());
        peer.text("late");
        next.text("welcome");
        assertNotNull(reopened.get(10, TimeUnit.SECONDS));
        client.send("text");
        next.takeText("<text>");
        assertEquals(2, connections.size());
    }

    // ---- faults ----

    private void assertFault(Throwable expected) throws Exception {
        ConnectionFailure failure = rig.recorder.takeFailure();
        assertSame(expected, failure.cause());
        assertTrue(failure.willRetry());
    }

    @Test
    void anExceptionOfTheReaderEndsTheConnectionAfterWhatItHasTold() throws Exception {
        Peer peer = opened(client());
        script.onText = (text, events) -> {
            events.deliver(EncodedPayload.text(text));
            throw bug;
        };
        peer.text("told");
        assertEquals("told", rig.recorder.takeMessage().text());
        assertFault(bug);
        rig.server.acceptUpgrade().takeText("hello null");
    }

    @Test
    void anExceptionOfTheOpeningEndsTheConnection() throws Exception {
        script.open = credential -> {
            throw bug;
        };
        HoldfastClient client = client();
        client.connect();
        rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, RESUMING);
        assertFault(bug);
        assertSame(bug, rig.threads.takeThrown(1).get(0));
        client.cancel();
    }

    @Test
    void aConnectionThatCannotBeMadeEndsTheConnection() throws Exception {
        script.openedBy = Protocol.OpenedBy.SERVER;
        script.onNew = () -> {
            throw bug;
        };
        client().connect();
        rig.server.acceptUpgrade().text("hi");
        rig.recorder.takeStates(CONNECTING, RESUMING);
        assertFault(bug);
    }

    @Test
    void anExceptionOfASendReachesItsCaller() throws Exception {
        script.outgoing = payload -> {
            throw bug;
        };
        HoldfastClient client = client();
        assertSame(bug, assertThrows(IllegalArgumentException.class, () -> client.send("text")));
        assertSame(bug, assertThrows(IllegalArgumentException.class, () -> client.send(BYTES)));
        assertSame(bug, assertThrows(IllegalArgumentException.class, () -> client.onSessionStart("a", "text")));
        script.outgoing = payload -> null;
        assertThrows(NullPointerException.class, () -> client.send("text"));
        // It would go out in each session with the same id.
        script.outgoing = payload -> Outgoing.text(payload.text()).withAcknowledgement(7, 2, null);
        assertThrows(IllegalArgumentException.class, () -> client.onSessionStart("a", "text"));
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void anExceptionBehindTheEndIsReported() throws Exception {
        HoldfastClient client = client();
        Peer peer = opened(client);
        script.onText = (text, events) -> {
            events.end("done", null);
            throw bug;
        };
        peer.text("ends");
        assertEquals("done", rig.recorder.takeFailure().message());
        assertSame(bug, rig.threads.takeThrown(1).get(0));
        client.cancel();
    }

    @Test
    void anExceptionOfASubscriptionStartEndsIt() throws Exception {
        HoldfastClient client = client();
        Topic topic = new Topic();
        topic.start = cursor -> {
            throw bug;
        };
        script.client.subscribe(topic, null);
        opened(client);
        assertEquals("failed: the protocol's bug", told());
        topic.start = cursor -> Outgoing.text("two", BYTES);
        script.client.subscribe(topic, null);
        assertEquals("failed: the start of a subscription must be a single WebSocket message", told());
    }

    @Test
    void anExceptionOfASubscriptionEndIsReportedAndTheClientGoesOn() throws Exception {
        HoldfastClient client = client();
        Topic topic = new Topic();
        topic.end = () -> {
            throw bug;
        };
        script.client.subscribe(topic, null);
        Peer peer = opened(client);
        peer.takeText("+null");
        script.client.unsubscribe("topic");
        client.send("first");
        peer.takeText("<first>");
        assertSame(bug, rig.threads.takeThrown(1).get(0));

        topic.end = () -> Outgoing.text("two", BYTES);
        script.client.subscribe(topic, null);
        peer.takeText("+null");
        // One of the same name takes its place.
        script.client.subscribe(new Topic(), null);
        peer.takeText("+null");
        assertEquals(
                "the end of a subscription must be a single WebSocket message",
                rig.threads.takeThrown(1).get(0).getMessage());
        assertEquals(OPEN, client.state());
        assertNull(told.peek());
    }

    @Test
    void aMessageWhoseIdIsInUseIsRejectedAlone() throws Exception {
        script.outgoing = payload -> Outgoing.text(payload.text()).withAcknowledgement(7, 2, null);
        HoldfastClient client = client();
        Peer peer = opened(client);
        Delivery first = client.send("first");
        peer.takeText("first");
        Delivery second = client.send("second");
        assertEquals(
                "REJECTED (ID_IN_USE): another message or subscription waits for the answer 7",
                second.outcome().get(10, TimeUnit.SECONDS).toString());
        assertNull(first.outcomeNow());

        // It has the id on the next connection, too.
        peer.endStream();
        Peer next = rig.server.acceptUpgrade();
        next.takeText("hello null");
        next.text("welcome");
        next.takeText("first");
        Outcome third = client.send("third").outcome().get(10, TimeUnit.SECONDS);
        assertEquals(Outcome.Reason.ID_IN_USE, third.reason());
        script.onText = (text, events) -> events.acknowledged(7, () -> told.add(text));
        next.text("answer");
        assertEquals("answer", told());
        assertEquals(
                Outcome.Kind.ACKNOWLEDGED,
                first.outcome().get(10, TimeUnit.SECONDS).kind());

        Delivery fourth = client.send("fourth");
        next.takeText("fourth");
        fourth.written().get(10, TimeUnit.SECONDS);
        assertEquals(0, client.bufferedAmount());
    }

    @Test
    void aMessageWithTheIdOfASubscriptionStartIsRejectedAlone() throws Exception {
        HoldfastClient client = client();
        Topic topic = new Topic();
        topic.start = cursor -> Outgoing.text("+").withAnswer(7, false, null);
        script.client.subscribe(topic, null);
        Peer peer = opened(client);
        peer.takeText("+");
        Outcome outcome = client.send(Outgoing.text("text").withAnswer(7, false, null))
                .outcome()
                .get(10, TimeUnit.SECONDS);
        assertEquals(Outcome.Kind.REJECTED, outcome.kind());
        assertEquals(Outcome.Reason.ID_IN_USE, outcome.reason());
        script.onText = (text, events) -> events.acknowledged(7, () -> told.add(text));
        peer.text("answer of the subscription");
        assertEquals("answer of the subscription", told());
        Delivery again = client.send(Outgoing.text("again").withAnswer(7, false, null));
        peer.takeText("again");
        peer.text("answer of the message");
        assertEquals("answer of the message", told());
        assertEquals(
                Outcome.Kind.ACKNOWLEDGED,
                again.outcome().get(10, TimeUnit.SECONDS).kind());
    }

    @Test
    void anExceptionOfACallbackReachesTheHandlerAndLaterOnesRun() throws Exception {
        Peer peer = opened(client());
        script.onText = (text, events) -> {
            events.deliver(() -> {
                throw bug;
            });
            events.deliver(() -> told.add(text));
        };
        peer.text("later");
        assertEquals("later", told());
        assertSame(bug, rig.uncaught.get(0));
    }

    @Test
    void eventsAreForTheCallAlone() throws Exception {
        Peer peer = opened(client());
        BlockingQueue<ProtocolEvents> kept = new LinkedBlockingQueue<>();
        script.onText = (text, events) -> kept.add(events);
        peer.text("keep");
        ProtocolEvents events = kept.poll(10, TimeUnit.SECONDS);
        script.onText = (text, now) -> now.deliver(() -> told.add(text));
        peer.text("over");
        assertEquals("over", told());
        assertThrows(IllegalStateException.class, () -> events.deliver(() -> {}));
    }

    /** The client stops reading, so that few answers wait, and the stuck write ends the connection. */
    @Test
    void aServerThatAsksAndDoesNotReadTheAnswersIsLeft() throws Exception {
        Peer peer = opened(rig.build(builder()
                .okHttpClient(rig.okHttp
                        .newBuilder()
                        .writeTimeout(Duration.ofSeconds(1))
                        .build())));
        Outgoing answer = Outgoing.text("a".repeat(4096));
        AtomicInteger asked = new AtomicInteger();
        script.onText = (text, events) -> {
            asked.getAndIncrement();
            events.send(answer);
        };
        int questions = 20_000;
        for (int i = 0; i < questions; i++) peer.text("ask");
        assertEquals(
                "write timed out: server does not read",
                rig.recorder.takeFailure().message());
        // The limit, what one batch asks for, and what fits into the buffers of the sockets.
        assertTrue(asked.get() < questions, asked + " read");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000, 20_000})
    void everyAnswerIsSent(int answers) throws Exception {
        Peer peer = opened(client());
        script.onText = (text, events) -> {
            for (int i = 0; i < answers; i++) events.send(Outgoing.text(text + i));
        };
        for (String ask : new String[] {"a", "b", "c"}) {
            peer.text(ask);
            for (int i = 0; i < answers; i++) peer.takeText(ask + i);
        }
    }

    @Test
    void everyQuestionThatCameAtOnceIsAnswered() throws Exception {
        Peer peer = opened(client());
        script.onText = (text, events) -> events.send(Outgoing.text(text));
        // No more than fits into the buffers of the sockets, since the peer writes all before it reads.
        int questions = 5000;
        for (int i = 0; i < questions; i++) peer.text("ask " + i);
        for (int i = 0; i < questions; i++) peer.takeText("ask " + i);
    }

    @ParameterizedTest
    @ValueSource(strings = {"two parts", "acknowledged"})
    void aControlMessageIsOneMessageWithoutAnAcknowledgement(String kind) throws Exception {
        Peer peer = opened(client());
        Outgoing wrong = kind.equals("two parts")
                ? Outgoing.text("a", BYTES)
                : Outgoing.text("a").withAcknowledgement(1, 1, null);
        script.onText = (text, events) -> events.send(wrong);
        peer.text("ask");
        assertInstanceOf(
                IllegalArgumentException.class, rig.recorder.takeFailure().cause());
    }

    @Test
    void anOpeningIsNeededToReportIt() throws Exception {
        script.openedBy = Protocol.OpenedBy.NOBODY;
        client().connect();
        Peer peer = rig.server.acceptUpgrade();
        rig.recorder.takeStates(CONNECTING, OPEN);
        peer.text("welcome");
        assertInstanceOf(IllegalStateException.class, rig.recorder.takeFailure().cause());
    }

    @Test
    void anOutgoingNeedsASessionOfItsProtocol() {
        HoldfastClient client = rig.build(rig.builder());
        assertThrows(IllegalArgumentException.class, () -> client.send(Outgoing.text("text")));
    }

    @Test
    void twoStartsUnderOneIdFailTheSecondSubscription() throws Exception {
        HoldfastClient client = client();
        Peer peer = opened(client);
        for (String name : new String[] {"first", "second"}) {
            Topic topic = new Topic() {
                @Override
                public String name() {
                    return name;
                }
            };
            topic.start = cursor -> Outgoing.text("+" + name).withAnswer(7, false, null);
            script.client.subscribe(topic, null);
        }
        peer.takeText("+first");
        assertEquals("failed: another message or subscription waits for the answer 7", told());
        client.cancel();
    }
}
