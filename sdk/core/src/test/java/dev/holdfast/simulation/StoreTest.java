package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastListener;
import dev.holdfast.MemoryStore;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Priority;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreCipher;
import dev.holdfast.StoreException;
import dev.holdfast.StoreFailure;
import dev.holdfast.TestHooks;
import dev.holdfast.UnknownOutcomes;
import dev.holdfast.internal.runtime.Environment;
import dev.holdfast.internal.time.Scheduler;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import okio.ByteString;
import org.junit.jupiter.api.Test;

/** A session with a store: what survives the death of a process, and what is never done before it is stored. */
class StoreTest {
    private final World world = new World(1);
    private final ModelServer server = new ModelServer(world);
    private final PlainServer plainServer = new PlainServer(world);
    private final MemoryStore store = new MemoryStore();
    private SessionStore used = store;
    private SimTransport transport = new SimTransport(world, server);

    /** One process of the application. */
    private final class Life implements HoldfastListener {
        final ClientProcess process = new ClientProcess(world);
        final List<String> received = new ArrayList<>();
        final List<SessionLoss> losses = new ArrayList<>();
        final List<StoreException> failures = new ArrayList<>();
        final List<ConnectionFailure> connectionFailures = new ArrayList<>();
        CloseReason closed;
        boolean storeWasOpenAtTheEnd;
        boolean timersFail;
        final HoldfastClient client;

        Life(Session session) {
            this(session, StoreFailure.END_CLIENT);
        }

        Life(Session session, StoreFailure policy) {
            Scheduler scheduler = (task, delay) -> {
                if (timersFail) throw new IllegalStateException("no timer");
                return process.schedule(task, delay);
            };
            Environment environment = new Environment(
                    world.ticker, world.wall, scheduler, process, new Random(1), new Random(1), transport);
            HoldfastClientBuilder builder = TestHooks.in(environment, HoldfastClient.builder("ws://simulated.example/"))
                    .session(session)
                    .store(used)
                    .storeFailure(policy)
                    .listener(this);
            client = builder.build();
        }

        Life connect() {
            client.connect();
            pass(2);
            return this;
        }

        @Override
        public void onMessage(HoldfastClient from, Message message) {
            received.add(message.isBinary() ? message.bytes().utf8() : message.text());
        }

        @Override
        public void onSessionLost(HoldfastClient from, SessionLoss loss) {
            losses.add(loss);
        }

        @Override
        public void onStoreFailure(HoldfastClient from, StoreException failure) {
            failures.add(failure);
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            connectionFailures.add(failure);
        }

        @Override
        public void onClosed(HoldfastClient from, CloseReason reason) {
            closed = reason;
            storeWasOpenAtTheEnd = store.isOpen();
        }

        List<Delivery> opened() {
            CompletableFuture<List<Delivery>> opened = client.storeOpened();
            pass(1);
            return opened.join();
        }

        /** The process is killed: nothing of it runs any more. */
        void die() {
            process.die();
            store.ownerDied();
            transport.abandon(false);
        }
    }

    private void pass(long seconds) {
        long end = world.now() + World.seconds(seconds);
        while (world.step(end)) {}
    }

    private void plain() {
        transport = new SimTransport(world, plainServer);
    }

    private static List<String> texts(List<Delivery> deliveries) {
        return deliveries.stream().map(one -> one.message().text()).collect(Collectors.toList());
    }

    private static Outcome.Kind end(Delivery delivery) {
        Outcome outcome = delivery.outcomeNow();
        return outcome == null ? null : outcome.kind();
    }

    // ---- what survives ----

    @Test
    void aFirstStartOfflineLosesNothing() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        first.client.send("c/2/", SendOptions.defaults().withPriority(Priority.BULK));
        first.client.send("c/3/");
        CompletableFuture<Boolean> stored = one.stored();
        pass(1);
        assertTrue(stored.join());
        assertEquals(Delivery.Stage.QUEUED, one.stage());
        first.die();

        Life second = new Life(Session.resumable());
        Delivery four = second.client.send("c/4/");
        List<Delivery> restored = second.opened();
        assertEquals(List.of("c/1/", "c/2/", "c/3/"), texts(restored));
        assertEquals(16, second.client.bufferedAmount());
        second.connect();
        assertEquals(List.of(1L, 3L, 4L, 2L), server.handled);
        for (Delivery delivery : restored) assertEquals(Outcome.Kind.ACKNOWLEDGED, end(delivery));
        assertEquals(Outcome.Kind.ACKNOWLEDGED, end(four));
        assertEquals(0, second.client.bufferedAmount());
        second.die();

        assertEquals(List.of(), new Life(Session.resumable()).opened());
    }

    @Test
    void aMessageInFlightIsHandledOnce() {
        Life first = new Life(Session.resumable()).connect();
        first.client.send("c/1/");
        pass(2);
        // Handled, and the acknowledgement does not come.
        transport.connections().get(0).forget(true, false);
        first.client.send("c/2/");
        pass(2);
        first.client.send("c/3/");
        transport.connections().get(0).forget(false, true);
        pass(2);
        first.die();

        Life second = new Life(Session.resumable()).connect();
        List<Delivery> restored = second.opened();
        pass(3);
        assertEquals(List.of(1L, 2L, 3L), server.handled);
        for (Delivery delivery : restored) assertEquals(Outcome.Kind.ACKNOWLEDGED, end(delivery));
        assertEquals(List.of(), second.losses);
    }

    @Test
    void thePositionIsThatOfTheLastHandledMessage() {
        Life first = new Life(Session.resumable()).connect();
        server.sendToAll();
        server.sendToAll();
        pass(3);
        assertEquals(2, first.received.size());
        first.die();
        server.sendToAll();
        Life second = new Life(Session.resumable()).connect();
        assertEquals(1, second.received.size());
        assertEquals(List.of(), second.losses);
    }

    @Test
    void whatIsNotAcknowledgedByHandComesAgain() {
        Life first = new Life(Session.resumable().withManualAcks()).connect();
        server.sendToAll();
        pass(3);
        first.die();
        Life second = new Life(Session.resumable().withManualAcks()).connect();
        assertEquals(first.received, second.received);
    }

    @Test
    void withoutASessionTheOutboxSurvives() {
        plain();
        Life first = new Life(Session.none()).connect();
        first.client.send("c/1/");
        pass(2);
        first.client.disconnect();
        pass(1);
        first.client.send("c/2/");
        pass(1);
        first.die();
        Life second = new Life(Session.none());
        assertEquals(List.of("c/2/"), texts(second.opened()));
        second.connect();
        assertEquals(List.of(1L, 2L), new ArrayList<>(plainServer.handled));
        second.die();
        assertEquals(List.of(), new Life(Session.none()).opened());
    }

    @Test
    void whatASocketMayHaveHadIsUnknown() {
        plain();
        Life first = new Life(Session.none()).connect();
        // The process dies when the mark is stored, and the message is on its way to the socket.
        store.watch = new MemoryStore.Watch() {
            @Override
            public void after(long commit) {
                first.die();
                throw new Killed();
            }
        };
        first.client.send("c/1/");
        pass(1);
        store.watch = new MemoryStore.Watch() {};
        Life second = new Life(Session.none());
        List<Delivery> restored = second.opened();
        assertEquals(List.of("c/1/"), texts(restored));
        assertEquals(Outcome.Reason.RESTORED, restored.get(0).outcomeNow().reason());
        second.connect();
        assertEquals(0, plainServer.handled.size());
        second.die();
        assertEquals(List.of(), new Life(Session.none()).opened());
    }

    @Test
    void optionsSurvive() {
        Life first = new Life(Session.resumable());
        first.client.send("c/1/", SendOptions.expiringAfter(Duration.ofSeconds(10)));
        first.client.send("c/2/", SendOptions.expiringAfter(Duration.ofSeconds(60)));
        first.client.send("c/3/", SendOptions.conflated("k"));
        first.client.send("c/4/", SendOptions.conflated("k"));
        first.client.send("c/5/", SendOptions.conflated("l"));
        pass(1);
        first.die();
        pass(20);
        Life second = new Life(Session.resumable());
        second.client.send("c/6/", SendOptions.conflated("l"));
        List<Delivery> restored = second.opened();
        assertEquals(List.of("c/1/", "c/2/", "c/4/", "c/5/"), texts(restored));
        assertEquals(Outcome.Kind.EXPIRED, end(restored.get(0)));
        assertEquals(Outcome.Kind.CONFLATED, end(restored.get(3)));
        pass(50);
        assertEquals(Outcome.Kind.EXPIRED, end(restored.get(1)));
        second.connect();
        assertEquals(List.of(4L, 6L), server.handled);
    }

    @Test
    void whatAProcessFoundExpiredStaysExpiredWhenTheClockIsSetBack() {
        Life first = new Life(Session.resumable());
        first.client.send("c/1/", SendOptions.expiringAfter(Duration.ofSeconds(10)));
        first.client.send("c/2/");
        pass(1);
        first.die();
        pass(20);
        used = new ForgetsNothing();
        Life second = new Life(Session.resumable());
        second.opened();
        second.die();
        used = store;
        world.setWall(-World.seconds(60));

        Life third = new Life(Session.resumable());
        List<Delivery> restored = third.opened();
        assertEquals(Outcome.Kind.EXPIRED, end(restored.get(0)));
        third.connect();
        assertEquals(List.of(2L), server.handled);
    }

    @Test
    void theSeqOfALostSessionIsNotTakenForOneOfTheNext() {
        diesWithAKeyedMessageOfALostSession();
        Life second = new Life(resending());
        for (int i = 3; i < 33; i++) {
            second.client.send("c/" + i + "/", SendOptions.defaults().withPriority(Priority.CONTROL));
        }
        second.opened();
        // It dies with a new session, whose window is full before the message's turn comes.
        store.watch = new MemoryStore.Watch() {
            @Override
            public void after(long commit) {
                if (!store.content().containsKey(1L)) return;
                second.die();
                throw new Killed();
            }
        };
        second.connect();
        assertTrue(second.process.isDead());
        store.watch = new MemoryStore.Watch() {};

        Life third = new Life(resending()).connect();
        pass(5);
        for (Delivery delivery : third.opened()) assertEquals(Outcome.Kind.ACKNOWLEDGED, end(delivery));
        assertEquals(32, server.handled.size());
        assertEquals(List.of(), third.connectionFailures);
    }

    @Test
    void aMessageOfALostSessionNeverExpires() {
        diesWithAKeyedMessageOfALostSession();
        Life second = new Life(resending());
        second.opened();
        second.die();
        pass(20);
        Life third = new Life(resending());
        List<Delivery> restored = third.opened();
        assertNull(end(restored.get(0)), "the server may have handled it");
        third.connect();
        assertEquals(Outcome.Kind.ACKNOWLEDGED, end(restored.get(0)));
    }

    @Test
    void aMessageOfALostSessionThatIsTakenBackMayHaveBeenHandled() {
        diesWithAKeyedMessageOfALostSession();
        Life second = new Life(resending());
        Delivery restored = second.opened().get(0);
        assertTrue(restored.cancel());
        pass(1);
        assertEquals(Outcome.Kind.UNKNOWN, end(restored));
        assertEquals(Outcome.Reason.RESTORED, restored.outcomeNow().reason());
        second.connect();
        assertEquals(List.of(1L), server.handled);
        second.die();
        assertEquals(List.of(), new Life(resending()).opened());
    }

    @Test
    void aMessageOfALostSessionThatIsReplacedMayHaveBeenHandled() {
        Life first = new Life(resending()).connect();
        transport.connections().get(0).forget(true, true);
        first.client.send("c/1/", SendOptions.conflated("k").withIdempotencyKey("i"));
        pass(1);
        first.die();
        forgetsItsSession();
        Life second = new Life(resending());
        Delivery restored = second.opened().get(0);
        second.client.send("c/2/", SendOptions.conflated("k"));
        pass(1);
        assertEquals(Outcome.Kind.UNKNOWN, end(restored));
    }

    private static Session resending() {
        return Session.resumable().withUnknownOutcomes(UnknownOutcomes.RESEND_WITH_KEY);
    }

    /** Its seq is 2. */
    private void diesWithAKeyedMessageOfALostSession() {
        Life first = new Life(resending()).connect();
        first.client.send("c/1/");
        pass(2);
        transport.connections().get(0).forget(true, true);
        first.client.send(
                "c/2/", SendOptions.expiringAfter(Duration.ofSeconds(10)).withIdempotencyKey("k"));
        pass(1);
        first.die();
        forgetsItsSession();
    }

    /** As after a rollback: the session is lost, and there is no other yet. */
    private void forgetsItsSession() {
        Map<Long, byte[]> content = store.content();
        content.remove(1L);
        store.replace(content);
    }

    @Test
    void whatWasRecalledIsNotSentByTheNextProcess() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        pass(1);
        assertTrue(one.cancel());
        assertNull(one.outcomeNow(), "the store still has it");
        pass(1);
        assertEquals(Outcome.Kind.CANCELLED, end(one));
        first.die();
        assertEquals(List.of(), new Life(Session.resumable()).opened());
    }

    @Test
    void aSessionStartMessageGoesOutOnceInASession() {
        Life first = new Life(Session.resumable());
        first.client.onSessionStart("subscription", "c/1/");
        first.connect();
        first.die();
        Life second = new Life(Session.resumable());
        second.client.onSessionStart("subscription", "c/1/");
        second.connect();
        assertEquals(List.of(1L), server.handled);
    }

    @Test
    void aServerWithAHistoryIsAskedForWhatCameAfterTheLastHandledMessage() {
        HistoryServer.Place place = HistoryServer.PLACES.get(2);
        HistoryServer history = new HistoryServer(world, place);
        transport = new SimTransport(world, history);
        Life first = new Life(place.session(() -> {})).connect();
        history.send();
        history.send();
        pass(3);
        int before = first.received.size();
        assertTrue(before > 0);
        first.die();
        history.send();
        Life second = new Life(place.session(() -> {})).connect();
        pass(3);
        assertEquals(1, history.replays);
        assertEquals(1, second.received.size(), second.received.toString());
    }

    // ---- the end of a client ----

    @Test
    void aClientThatEndsLeavesWhatItCouldNotSendToTheNext() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        first.client.close();
        pass(1);
        assertEquals(Outcome.stored(), one.outcomeNow());
        assertFalse(first.storeWasOpenAtTheEnd);
        assertEquals(1006, first.closed.code());
        Life second = new Life(Session.resumable());
        assertEquals(List.of("c/1/"), texts(second.opened()));
        second.connect();
        assertEquals(List.of(1L), server.handled);
    }

    @Test
    void aCancelledClientLeavesItsSessionToTheNext() {
        Life first = new Life(Session.resumable()).connect();
        transport.connections().get(0).forget(false, true);
        Delivery one = first.client.send("c/1/");
        pass(1);
        first.client.cancel();
        pass(1);
        assertEquals(Outcome.stored(), one.outcomeNow());
        Life second = new Life(Session.resumable()).connect();
        pass(2);
        assertEquals(List.of(1L), server.handled);
        assertEquals(List.of(), second.losses);
        second.client.close();
        pass(2);
        assertEquals(1000, second.closed.code());
        assertEquals(Map.of(), store.content());
    }

    @Test
    void drainSendsWhatIsStoredAndDisconnects() {
        Life first = new Life(Session.resumable());
        first.client.send("c/1/");
        first.client.send("c/2/");
        pass(1);
        first.die();
        Life second = new Life(Session.resumable());
        CompletableFuture<List<Delivery>> left = second.client.drain(Duration.ofSeconds(10));
        pass(8);
        assertEquals(List.of(), left.join());
        assertEquals(List.of(1L, 2L), server.handled);
        assertEquals(ClientState.IDLE, second.client.state());
        int attempts = transport.attempts.size();
        CompletableFuture<List<Delivery>> nothing = second.client.drain(Duration.ofSeconds(10));
        pass(1);
        assertEquals(List.of(), nothing.join());
        assertEquals(attempts, transport.attempts.size());
    }

    @Test
    void drainReportsWhatIsLeft() {
        transport.weather = SimTransport.Weather.REFUSED;
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        CompletableFuture<List<Delivery>> left = first.client.drain(Duration.ofSeconds(10));
        pass(9);
        assertFalse(left.isDone());
        pass(2);
        assertEquals(List.of(one), left.join());
        assertEquals(ClientState.IDLE, first.client.state());
    }

    // ---- encryption ----

    /** Nobody's cipher but this test's: it shows what reaches the disk. */
    private static StoreCipher cipher(int secret) {
        return new StoreCipher() {
            @Override
            public byte[] encrypt(byte[] record) {
                return mixed(record);
            }

            private byte[] mixed(byte[] record) {
                byte[] mixed = record.clone();
                for (int i = 0; i < mixed.length; i++) mixed[i] ^= (byte) (secret + i);
                return mixed;
            }

            @Override
            public byte[] decrypt(byte[] encrypted) throws GeneralSecurityException {
                byte[] plain = mixed(encrypted);
                if (plain.length > 0 && plain[0] != 1) throw new GeneralSecurityException("another key");
                return plain;
            }
        };
    }

    @Test
    void recordsCanBeEncrypted() {
        used = SessionStore.encrypted(store, cipher(77));
        Life first = new Life(Session.resumable());
        first.client.send("c/1/secret");
        pass(1);
        first.die();
        for (byte[] bytes : store.content().values()) {
            assertFalse(ByteString.of(bytes).utf8().contains("secret"));
        }
        assertEquals(List.of("c/1/secret"), texts(new Life(Session.resumable()).opened()));
        store.ownerDied();
        used = SessionStore.encrypted(store, cipher(78));
        Life third = new Life(Session.resumable());
        pass(1);
        assertEquals(StoreException.Kind.DAMAGED, third.failures.get(0).kind());
        assertFalse(store.isOpen());
    }

    // ---- failures ----

    @Test
    void aStoreInUseEndsTheSecondClient() {
        new Life(Session.resumable()).opened();
        Life second = new Life(Session.resumable());
        Delivery one = second.client.send("c/1/");
        CompletableFuture<List<Delivery>> opened = second.client.storeOpened();
        pass(1);
        assertEquals(Outcome.Reason.STORAGE, one.outcomeNow().reason());
        assertEquals(StoreException.Kind.IN_USE, second.failures.get(0).kind());
        assertEquals(
                ConnectionFailure.Phase.STORAGE,
                second.connectionFailures.get(0).phase());
        assertEquals(ClientState.CLOSED, second.client.state());
        assertEquals(1006, second.closed.code());
        assertTrue(assertThrows(CompletionException.class, opened::join).getCause() instanceof StoreException);
        assertTrue(store.isOpen());
    }

    @Test
    void aFullDiskEndsTheClientAndKeepsWhatIsStored() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        pass(1);
        store.failure = new StoreException(StoreException.Kind.FULL, "no space left", null);
        Delivery two = first.client.send("c/2/");
        CompletableFuture<Boolean> stored = two.stored();
        pass(1);
        assertEquals(Outcome.stored(), one.outcomeNow());
        assertEquals(Outcome.Kind.REJECTED, end(two));
        assertFalse(stored.join());
        assertFalse(store.isOpen());
        store.failure = null;
        assertEquals(List.of("c/1/"), texts(new Life(Session.resumable()).opened()));
    }

    @Test
    void aMessageThatIsTakenBackEndsAlsoIfTheStoreFailsMeanwhile() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        Delivery two = first.client.send("c/2/", SendOptions.conflated("k"));
        pass(1);
        store.failure = new StoreException(StoreException.Kind.FULL, "no space left", null);
        assertTrue(one.cancel());
        Delivery three = first.client.send("c/3/", SendOptions.conflated("k"));
        pass(1);
        // The store has both, so the next client sends them.
        assertEquals(Outcome.stored(), one.outcomeNow());
        assertEquals(Outcome.stored(), two.outcomeNow());
        assertEquals(Outcome.Reason.STORAGE, three.outcomeNow().reason());
        assertEquals(1006, first.closed.code());
        store.failure = null;
        assertEquals(List.of("c/1/", "c/2/"), texts(new Life(Session.resumable()).opened()));
    }

    @Test
    void aClientThatPanicsReportsItsEndWhenItsStoreIsClosed() {
        Life first = new Life(Session.resumable());
        Delivery one = first.client.send("c/1/");
        pass(1);
        first.timersFail = true;
        first.connect();
        assertEquals(
                ConnectionFailure.Phase.INTERNAL,
                first.connectionFailures.get(0).phase());
        assertEquals(Outcome.stored(), one.outcomeNow());
        assertEquals(ClientState.CLOSED, first.client.state());
        assertFalse(first.storeWasOpenAtTheEnd);
        assertFalse(store.isOpen());
        assertEquals(1006, first.closed.code());
        assertEquals(List.of("c/1/"), texts(new Life(Session.resumable()).opened()));
    }

    @Test
    void aClientMayGoOnInMemory() {
        store.failure = new StoreException(StoreException.Kind.FAILED, "read-only", null);
        Life first = new Life(Session.resumable(), StoreFailure.CONTINUE_IN_MEMORY);
        Delivery one = first.client.send("c/1/");
        first.connect();
        assertEquals(1, first.failures.size());
        assertEquals(Outcome.Kind.ACKNOWLEDGED, end(one));
        assertFalse(one.stored().join());
        first.client.disconnect();
        pass(1);
        Delivery two = first.client.send("c/2/");
        first.client.cancel();
        pass(1);
        assertEquals(Outcome.Kind.CANCELLED, end(two));
    }

    @Test
    void aDamagedRecordEndsTheClient() {
        Life first = new Life(Session.resumable());
        first.client.send("c/1/");
        pass(1);
        first.die();
        Map<Long, byte[]> content = store.content();
        content.values().forEach(bytes -> bytes[bytes.length / 2] ^= 1);
        store.replace(content);
        Life second = new Life(Session.resumable());
        pass(1);
        assertEquals(StoreException.Kind.DAMAGED, second.failures.get(0).kind());
        assertFalse(store.isOpen());
    }

    // ---- old copies ----

    @Test
    void anOldCopyDoublesNothing() {
        store.mayBeOldCopy = true;
        Life first = new Life(Session.resumable()).connect();
        first.client.disconnect();
        pass(1);
        first.client.send("c/1/");
        pass(1);
        Map<Long, byte[]> copy = store.content();
        first.client.connect();
        pass(2);
        first.client.disconnect();
        pass(2);
        assertEquals(List.of(1L), server.handled);
        first.die();
        store.replace(copy);
        server.snapshotsAreStale = true;
        Life second = new Life(Session.resumable());
        List<Delivery> restored = second.opened();
        second.connect();
        assertEquals(List.of(1L), server.handled);
        assertEquals(Outcome.Kind.UNKNOWN, end(restored.get(0)));
    }

    @Test
    void aStoreThatIsNoCopySendsWhatWaitedInANewSession() {
        Life first = new Life(Session.resumable()).connect();
        first.client.disconnect();
        pass(1);
        first.client.send("c/1/");
        pass(1);
        first.die();
        server.restart(false);
        Life second = new Life(Session.resumable());
        List<Delivery> restored = second.opened();
        second.connect();
        assertEquals(List.of(1L), server.handled);
        assertEquals(Outcome.Kind.ACKNOWLEDGED, end(restored.get(0)));
        assertEquals(1, second.losses.size());
    }

    /** The process dies when it would have the store forget something. */
    private final class ForgetsNothing implements SessionStore {
        @Override
        public Map<Long, byte[]> open() throws StoreException {
            return store.open();
        }

        @Override
        public void commit(List<StoreChange> changes) throws StoreException {
            for (StoreChange change : changes) if (change.bytes() == null) throw new Killed();
            store.commit(changes);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    /** What a process that was killed in a write throws here: no code of it goes on. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }
}
