package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.SessionSnapshot;
import dev.holdfast.TestHooks;
import dev.holdfast.UnknownOutcomes;
import dev.holdfast.internal.runtime.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session across the death of its process, and acknowledgements that the application gives itself. */
@Tag("slow")
class SessionLifeTest {
    private final World world = new World(1);
    private final ModelServer server = new ModelServer(world);
    private final SimTransport transport = new SimTransport(world, server);
    private final List<String> acknowledged = new ArrayList<>();

    {
        server.ackObserver = (stream, number) -> acknowledged.add(String.valueOf(number));
    }

    /** One process of the application. */
    private final class Life implements HoldfastListener {
        final List<Message> received = new ArrayList<>();
        final List<SessionLoss> losses = new ArrayList<>();
        final HoldfastClient client;

        Life(Session session, SessionSnapshot snapshot) {
            Environment environment = new Environment(
                    world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
            HoldfastClientBuilder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                    .session(session)
                    .listener(this);
            if (snapshot != null) builder.restore(snapshot);
            client = builder.build();
            client.connect();
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            received.add(message);
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            losses.add(loss);
        }

        List<Long> numbers() {
            return received.stream()
                    .map(message ->
                            Numbered.parse(message.isBinary() ? message.bytes().utf8() : text(message)).number)
                    .collect(Collectors.toList());
        }

        private String text(Message message) {
            return message.text().startsWith("{")
                    ? (String) message.read(Map.class).get("m")
                    : message.text();
        }

        SessionSnapshot snapshot() {
            var taken = client.snapshot();
            pass(1);
            return SessionSnapshot.fromBytes(taken.getNow(null).orElseThrow().toBytes());
        }

        /** The process is killed: nothing of it is heard any more. */
        void die() {
            client.cancel();
            pass(1);
        }
    }

    private Life life(SessionSnapshot snapshot) {
        Life life = new Life(Session.resumable(), snapshot);
        pass(2);
        return life;
    }

    private static List<Outcome.Kind> ends(List<Delivery> deliveries) {
        return deliveries.stream().map(one -> one.outcomeNow().kind()).collect(Collectors.toList());
    }

    private void sendFromServer(int count) {
        for (int i = 0; i < count; i++) server.sendToAll();
        pass(2);
    }

    @Test
    void anotherProcessGoesOnWhereTheFirstStopped() {
        Life first = life(null);
        first.client.send("c/1/");
        sendFromServer(3);
        transport.connections().get(0).forget(true, true);
        first.client.send("c/2/");
        first.client.send(new byte[] {'c', '/', '3', '/'});
        pass(1);
        first.client.disconnect();
        first.client.send("c/4/");
        pass(1);
        SessionSnapshot snapshot = first.snapshot();
        assertFalse(snapshot.toString().contains("key"));
        first.die();
        server.sendToAll();

        Life second = life(snapshot);
        pass(5);
        assertEquals(List.of(1L, 2L, 3L, 4L), server.handled);
        assertEquals(
                List.of(Outcome.Kind.ACKNOWLEDGED, Outcome.Kind.ACKNOWLEDGED, Outcome.Kind.ACKNOWLEDGED),
                ends(second.client.restored()));
        assertEquals(List.of(4L), second.numbers());
        assertEquals(List.of(), second.losses);
        assertEquals(0, second.client.bufferedAmount());
        Delivery next = second.client.send("c/5/");
        pass(2);
        assertEquals(Outcome.acknowledged(), next.outcomeNow());
    }

    @Test
    void whatWasSentAfterTheSnapshotIsNotSentAgainAndItsNumbersAreNotUsedTwice() {
        Life first = life(null);
        first.client.send("c/1/");
        pass(2);
        SessionSnapshot snapshot = first.snapshot();
        first.client.send("c/2/");
        first.client.send("c/3/");
        pass(2);
        first.die();

        Life second = life(snapshot);
        second.client.send("c/4/");
        pass(2);
        assertEquals(List.of(1L, 2L, 3L, 4L), server.handled);
        assertEquals(ClientState.OPEN, second.client.state());
    }

    @Test
    void whereTheServerHasForgottenTheSessionTheRestIsUnknown() {
        Life first = life(null);
        transport.connections().get(0).forget(true, true);
        first.client.send("c/1/");
        pass(1);
        SessionSnapshot snapshot = first.snapshot();
        first.die();
        server.restart(false);

        Life second = life(snapshot);
        assertEquals(List.of(Outcome.Kind.UNKNOWN), ends(second.client.restored()));
        assertEquals(1, second.losses.size());
        assertEquals(second.client.restored(), second.losses.get(0).unknown());
    }

    /** More messages than the server's window has room for, so that some wait. */
    private static final int MORE_THAN_THE_WINDOW = 25;

    private static final int WINDOW = 20;

    /** Takes a snapshot while messages wait, which are sent afterwards. */
    private SessionSnapshot snapshotOfWaitingMessages(Life first) {
        for (int i = 1; i <= MORE_THAN_THE_WINDOW; i++) first.client.send("c/" + i + "/");
        SessionSnapshot snapshot = first.snapshot();
        pass(3);
        assertEquals(MORE_THAN_THE_WINDOW, server.handled.size());
        return snapshot;
    }

    @Test
    void whatWaitedAtTheSnapshotAndWasSentAfterItIsNotSentAgain() {
        Life first = life(null);
        SessionSnapshot snapshot = snapshotOfWaitingMessages(first);
        first.die();

        Life second = new Life(Session.resumable(), snapshot);
        Delivery own = second.client.send("c/26/");
        pass(3);
        List<Delivery> restored = second.client.restored();
        assertEquals(MORE_THAN_THE_WINDOW, restored.size());
        for (Delivery sent : restored.subList(0, WINDOW)) assertEquals(Outcome.acknowledged(), sent.outcomeNow());
        for (Delivery waited : restored.subList(WINDOW, MORE_THAN_THE_WINDOW)) {
            assertEquals(
                    Outcome.unknown(
                            Outcome.Reason.RESTORED,
                            "the server has had messages up to 25 and the snapshot knows of 20: an earlier process may"
                                    + " have sent it after its snapshot was taken"),
                    waited.outcomeNow());
        }
        assertEquals(Outcome.acknowledged(), own.outcomeNow());
        assertEquals(MORE_THAN_THE_WINDOW + 1, server.handled.size());
        assertEquals(List.of(), second.losses);
        assertEquals(0, second.client.bufferedAmount());
    }

    @Test
    void aRejectionThatOnlyTheFirstProcessSawNeverPassesForAnAcknowledgement() {
        Life first = life(null);
        server.refusal = 1;
        SimConnection connection = transport.connections().get(0);
        connection.hold(true, false);
        Delivery rejected = first.client.send("c/1/");
        pass(1);
        SessionSnapshot snapshot = first.snapshot();
        connection.goOn();
        pass(2);
        assertEquals(Outcome.Kind.REJECTED, rejected.outcomeNow().kind());
        first.die();

        Life second = life(snapshot);
        assertEquals("trimmed", second.losses.get(0).reason());
        assertEquals(List.of(Outcome.Kind.UNKNOWN), ends(second.client.restored()));
        assertEquals(second.client.restored(), second.losses.get(0).unknown());
    }

    @Test
    void aSnapshotFromTheMiddleOfAReplayKnowsWhatTheServerMustNotForget() {
        Life first = life(null);
        SimConnection connection = transport.connections().get(0);
        connection.hold(false, true);
        first.client.send("c/1/");
        pass(1);
        server.withhold(World.seconds(10));
        connection.cut();
        pass(2);
        assertEquals(ClientState.RESUMING, first.client.state());
        // The first message is covered by the welcome, and the second one is acknowledged.
        Delivery second = first.client.send("c/2/");
        pass(2);
        assertEquals(Outcome.acknowledged(), second.outcomeNow());
        SessionSnapshot snapshot = first.snapshot();
        assertEquals("snapshot of session s1, 1 messages", snapshot.toString());
        first.die();
        server.rollBack(1);

        Life next = life(snapshot);
        assertEquals(1, next.losses.size());
        assertEquals("rolled-back", next.losses.get(0).reason());
    }

    @Test
    void aServerThatForgetsWhatOnlyAnEarlierProcessSentLosesTheSession() {
        Life first = life(null);
        server.withhold(World.seconds(30));
        server.refusal = 1;
        first.client.send("c/1/");
        pass(1);
        server.refusal = 0;
        SessionSnapshot snapshot = first.snapshot();
        first.client.send("c/2/");
        first.client.send("c/3/");
        pass(1);
        first.die();

        Life next = life(snapshot);
        assertEquals(ClientState.RESUMING, next.client.state());
        // The next process has been told of three messages, and has only the first one to send again.
        server.rollBack(1);
        pass(2);
        assertEquals("rolled-back", next.losses.get(0).reason());
        // The server refused it, and its refusal never came.
        assertEquals(List.of(Outcome.Kind.UNKNOWN), ends(next.client.restored()));
        assertEquals(next.client.restored(), next.losses.get(0).unknown());
    }

    @Test
    void messagesWithAKeyAreSentAgainAfterALostSessionAndTheOthersAreReported() {
        List<String> keys = new ArrayList<>();
        server.keyObserver = keys::add;
        Life life = new Life(Session.resumable().withUnknownOutcomes(UnknownOutcomes.RESEND_WITH_KEY), null);
        pass(2);
        transport.connections().get(0).hold(true, false);
        Delivery first = life.client.send("c/1/", SendOptions.defaults().withIdempotencyKey("k1"));
        Delivery plain = life.client.send("c/2/");
        Delivery second = life.client.send("c/3/", SendOptions.defaults().withIdempotencyKey("k2"));
        pass(1);
        SessionSnapshot snapshot = life.snapshot();
        server.restart(false);
        pass(5);
        assertEquals(
                List.of(Outcome.Kind.ACKNOWLEDGED, Outcome.Kind.UNKNOWN, Outcome.Kind.ACKNOWLEDGED),
                ends(List.of(first, plain, second)));
        assertEquals(List.of(plain), life.losses.get(0).unknown());
        assertEquals(List.of("k1", "k2"), keys);

        // A snapshot remembers the keys.
        life.die();
        keys.clear();
        Life next = new Life(Session.resumable().withUnknownOutcomes(UnknownOutcomes.RESEND_WITH_KEY), snapshot);
        pass(5);
        assertEquals(
                List.of(Outcome.Kind.ACKNOWLEDGED, Outcome.Kind.UNKNOWN, Outcome.Kind.ACKNOWLEDGED),
                ends(next.client.restored()));
        assertEquals(List.of("k1", "k2"), keys);
    }

    @Test
    void whatWaitedAtTheSnapshotIsUnknownIfTheSessionIsLost() {
        Life first = life(null);
        SessionSnapshot snapshot = snapshotOfWaitingMessages(first);
        first.die();
        server.restart(false);

        Life second = new Life(Session.resumable(), snapshot);
        second.client.send("c/26/");
        pass(3);
        assertEquals(second.client.restored(), second.losses.get(0).unknown());
        assertTrue(ends(second.client.restored()).stream().allMatch(end -> end == Outcome.Kind.UNKNOWN));
        assertEquals(MORE_THAN_THE_WINDOW + 1, server.handled.size());
    }

    @Test
    void whatWaitedAtTheSnapshotIsNeverSaidToHaveCertainlyNotArrived() {
        Life first = life(null);
        SessionSnapshot snapshot = snapshotOfWaitingMessages(first);
        first.die();

        HoldfastClient second = builder().restore(snapshot).build();
        List<Delivery> restored = second.restored();
        assertTrue(restored.get(WINDOW).cancel());
        pass(1);
        second.cancel();
        pass(1);
        for (Delivery waited : restored)
            assertEquals(Outcome.Kind.UNKNOWN, waited.outcomeNow().kind());
    }

    @Test
    void aMessageIsGivenUpOnceItWasHandedOverAndUntilItEnds() {
        Life first = life(null);
        first.client.disconnect();
        Delivery waits = first.client.send("c/1/");
        pass(1);
        assertFalse(waits.giveUp());
        first.client.connect();
        pass(2);
        assertEquals(Outcome.acknowledged(), waits.outcomeNow());
        assertFalse(waits.giveUp());
        transport.connections().get(0).forget(true, true);
        Delivery poison = first.client.send("c/2/");
        Delivery next = first.client.send("c/3/");
        pass(1);
        assertTrue(poison.giveUp());
        first.client.disconnect();
        SessionSnapshot snapshot = first.snapshot();
        pass(10);
        first.client.connect();
        pass(3);
        assertEquals(
                Outcome.unknown(Outcome.Reason.GIVEN_UP, "given up before it was acknowledged"), poison.outcomeNow());
        assertEquals(Outcome.acknowledged(), next.outcomeNow());
        assertEquals(List.of(1L, 3L), server.handled);
        assertEquals("snapshot of session s1, 2 messages", snapshot.toString());
    }

    @Test
    void whatWasGivenUpIsNotSentAgainByAnotherProcess() {
        Life first = life(null);
        transport.connections().get(0).forget(true, true);
        Delivery poison = first.client.send("c/1/");
        first.client.send("c/2/");
        pass(1);
        assertTrue(poison.giveUp());
        SessionSnapshot snapshot = first.snapshot();
        first.die();
        Life second = life(snapshot);
        assertEquals(List.of(Outcome.Kind.UNKNOWN, Outcome.Kind.ACKNOWLEDGED), ends(second.client.restored()));
        assertEquals(List.of(2L), server.handled);
    }

    @Test
    void nothingIsGivenUpWhereNothingIsSentAgain() {
        HoldfastClient client = builder().session(Session.none()).build();
        client.connect();
        Delivery delivery = client.send("c/1/");
        assertFalse(delivery.giveUp());
        client.cancel();
        pass(1);
    }

    @Test
    void anotherProcessAcknowledgesWhatTheFirstHandled() {
        Life first = life(null);
        transport.connections().get(0).forget(true, false);
        sendFromServer(3);
        assertEquals(List.of(1L, 2L, 3L), first.numbers());
        SessionSnapshot snapshot = first.snapshot();
        assertEquals(List.of(), acknowledged);
        first.die();

        life(snapshot);
        assertEquals(List.of("1", "2", "3"), acknowledged);
    }

    @Test
    void anotherProcessAcknowledgesNothingWhereNothingWasHandled() {
        Life first = life(null);
        SessionSnapshot snapshot = first.snapshot();
        first.die();
        Life second = life(snapshot);
        sendFromServer(1);
        assertEquals(List.of(1L), second.numbers());
        assertEquals(List.of("1"), acknowledged);
    }

    @Test
    void withoutASessionThereIsNoSnapshot() {
        Life first = new Life(Session.resumable(), null);
        CompletableFuture<?> taken = first.client.snapshot();
        long soon = world.now() + World.millis(1);
        while (world.step(soon)) {}
        assertEquals(Optional.empty(), taken.getNow(null));
        assertThrows(
                IllegalStateException.class,
                () -> HoldfastClient.builder("ws://simulated.example/")
                        .session(Session.none())
                        .restore(snapshotOfASession())
                        .build());
    }

    private SessionSnapshot snapshotOfASession() {
        return life(null).snapshot();
    }

    @Test
    void aMessageIsAcknowledgedWhenTheApplicationSaysSoAndInOrder() {
        Life life = new Life(Session.resumable().withManualAcks(), null);
        pass(2);
        sendFromServer(3);
        assertEquals(List.of(), acknowledged);
        life.received.get(1).ack();
        pass(2);
        assertEquals(List.of(), acknowledged);
        life.received.get(0).ack();
        life.received.get(0).ack();
        pass(2);
        assertEquals(List.of("1", "2"), acknowledged);
    }

    @Test
    void whatWasNotAcknowledgedComesAgainToTheNextProcess() {
        Life first = new Life(Session.resumable().withManualAcks(), null);
        pass(2);
        sendFromServer(3);
        first.received.get(0).ack();
        pass(2);
        SessionSnapshot snapshot = first.snapshot();
        first.die();
        assertEquals(List.of(2L, 3L), life(snapshot).numbers());
    }

    @Test
    void whatIsNotAcknowledgedHoldsTheServerBack() {
        Life life = new Life(Session.resumable().withManualAcks(), null);
        pass(2);
        server.padding = 2000;
        sendFromServer(2000);
        int held = life.received.size();
        assertTrue(held < 2000, held + " received");
        for (Message message : life.received) message.ack();
        pass(2);
        assertTrue(life.received.size() > held);
    }

    @Test
    void aSessionWithoutAcknowledgementsHasNoneByHand() {
        assertThrows(IllegalStateException.class, () -> Session.none().withManualAcks());
    }

    private HoldfastClientBuilder builder() {
        Environment environment =
                new Environment(world.ticker, world.scheduler, world.threads, new Random(1), new Random(1), transport);
        return TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                .session(Session.resumable());
    }

    /** With a session, no connection, and nothing sent yet. */
    private HoldfastClient disconnected(HoldfastClientBuilder builder) {
        HoldfastClient client = builder.build();
        client.connect();
        pass(2);
        client.disconnect();
        pass(2);
        return client;
    }

    @Test
    void aSnapshotIsOfOneMomentHoweverLateItIsTaken() {
        List<Runnable> callbacks = new ArrayList<>();
        HoldfastClient client = disconnected(builder().callbackExecutor(callbacks::add));
        client.send("c/1/");
        pass(1);
        CompletableFuture<Optional<SessionSnapshot>> taken = client.snapshot();
        pass(1);
        client.connect();
        pass(2);
        // The message has a number by now, which the snapshot must not half know.
        assertEquals(List.of(1L), server.handled);
        while (!callbacks.isEmpty()) callbacks.remove(0).run();
        SessionSnapshot snapshot =
                SessionSnapshot.fromBytes(taken.getNow(null).orElseThrow().toBytes());
        assertEquals(snapshot.toString(), "snapshot of session s1, 1 messages");
    }

    @Test
    void aSnapshotHoldsWhateverMayBeSent() {
        HoldfastClient client = disconnected(builder().queue(OutboundQueue.ofBytes(64 << 20)));
        client.send(new byte[16 << 20]);
        client.send("x".repeat(21 << 20));
        pass(1);
        var taken = client.snapshot();
        pass(1);
        byte[] bytes = taken.getNow(null).orElseThrow().toBytes();
        assertEquals(
                "snapshot of session s1, 2 messages",
                SessionSnapshot.fromBytes(bytes).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"reject", "drop", "block"})
    void whatWaitedWaitsOnInAQueueThatHasNoRoomForIt(String policy) {
        HoldfastClient client = disconnected(builder());
        for (int i = 1; i <= 3; i++) client.send("c/" + i + "/" + "x".repeat(600));
        pass(1);
        var taken = client.snapshot();
        pass(1);
        SessionSnapshot snapshot = taken.getNow(null).orElseThrow();
        client.cancel();
        pass(1);

        Overflow overflow = switch (policy) {
            case "drop" -> Overflow.dropOldest();
            case "block" -> Overflow.block(Duration.ofDays(1));
            default -> Overflow.reject();
        };
        HoldfastClient smaller = builder()
                .queue(OutboundQueue.ofBytes(100).withOverflow(overflow))
                .restore(snapshot)
                .build();
        assertEquals(3, smaller.restored().size());
        assertTrue(smaller.restored().stream().allMatch(one -> one.outcomeNow() == null));
        smaller.connect();
        pass(3);
        assertEquals(List.of(1L, 2L, 3L), server.handled);
        assertEquals(0, smaller.bufferedAmount());
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }
}
