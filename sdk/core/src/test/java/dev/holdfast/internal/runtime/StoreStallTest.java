package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.MemoryStore;
import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.Session;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.StoreFailure;
import dev.holdfast.TestHooks;
import dev.holdfast.internal.time.FakeClock;
import dev.holdfast.internal.time.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store whose disk hangs holds nobody for longer than the limit. */
@Timeout(60)
class StoreStallTest {
    private static final Duration TOO_LONG = Duration.ofSeconds(36);

    private final FakeClock clock = new FakeClock();
    private final ExecutorService io = Executors.newCachedThreadPool();
    private final MemoryStore disk = new MemoryStore();
    private final BlockingQueue<StoreException> failures = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionFailure> connectionFailures = new LinkedBlockingQueue<>();
    private final StallingStore store = new StallingStore();
    /** Whether the next timer cannot be set. */
    private final AtomicBoolean nextTimerFails = new AtomicBoolean();

    /** A disk that hangs in one kind of call, until it is released. */
    private final class StallingStore implements SessionStore {
        private volatile String stalled = "";
        private volatile BooleanSupplier mayBeOldCopy = () -> false;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch closed = new CountDownLatch(1);

        private void maybeStall(String call) {
            if (!call.equals(stalled)) return;
            reached.countDown();
            await(released);
        }

        @Override
        public Map<Long, byte[]> open() throws StoreException {
            maybeStall("open");
            return disk.open();
        }

        @Override
        public boolean mayBeOldCopy() {
            return mayBeOldCopy.getAsBoolean();
        }

        @Override
        public void commit(List<StoreChange> changes) throws StoreException {
            maybeStall("commit");
            disk.commit(changes);
        }

        @Override
        public void close() {
            maybeStall("close");
            disk.close();
            closed.countDown();
        }
    }

    private final HoldfastListener listener = new HoldfastListener() {
        @Override
        public void onStoreFailure(HoldfastClient from, StoreException failure) {
            failures.add(failure);
        }

        @Override
        public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
            connectionFailures.add(failure);
        }
    };

    @AfterEach
    void releaseThreads() {
        store.released.countDown();
        io.shutdown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS), "nothing happened");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private HoldfastClient client(StoreFailure policy) {
        Scheduler scheduler = (task, delay) -> {
            if (nextTimerFails.getAndSet(false)) throw new IllegalStateException("no timer");
            return clock.schedule(task, delay);
        };
        Environment environment =
                new Environment(clock, scheduler, io, new Random(1), new Random(1), (request, events) -> {
                    throw new IllegalStateException("nothing connects here");
                });
        return TestHooks.in(environment, HoldfastClient.builder("ws://stalled.example/"))
                .session(Session.resumable())
                .store(store)
                .storeFailure(policy)
                .listener(listener)
                .build();
    }

    private HoldfastClient opened() {
        HoldfastClient client = client(StoreFailure.END_CLIENT);
        get(client.storeOpened());
        return client;
    }

    private StoreException failure() throws InterruptedException {
        StoreException failure = failures.poll(30, TimeUnit.SECONDS);
        assertEquals(StoreException.Kind.TIMED_OUT, failure.kind());
        return failure;
    }

    @Test
    void aStalledCommitDoesNotHoldCancel() throws InterruptedException {
        HoldfastClient client = opened();
        Delivery stored = client.send("stored");
        assertTrue(get(stored.stored()));
        store.stalled = "commit";
        Delivery beingStored = client.send("being stored");
        await(store.reached);
        Delivery queued = client.send("queued");
        client.cancel();
        clock.advance(Duration.ofSeconds(29));
        assertFalse(client.closed().isDone());
        clock.advance(TOO_LONG);

        CloseReason reason = get(client.closed());
        assertEquals(1006, reason.code());
        assertTrue(failure().getMessage().contains("has not answered for 30 s"));
        assertEquals(Outcome.stored(), stored.outcomeNow());
        assertEquals(Outcome.Kind.UNKNOWN, beingStored.outcomeNow().kind());
        assertEquals(Outcome.Reason.STORAGE, beingStored.outcomeNow().reason());
        assertFalse(get(beingStored.stored()));
        assertEquals(Outcome.Kind.REJECTED, queued.outcomeNow().kind());
        assertEquals(ConnectionFailure.Phase.STORAGE, connectionFailures.take().phase());
        assertEquals(ClientState.CLOSED, client.state());
        assertTrue(disk.isOpen(), "the call has not returned");
        assertEquals(0, client.bufferedAmount());

        store.released.countDown();
        await(store.closed);
        assertFalse(disk.isOpen());
        // Stored after all, as its outcome says.
        assertEquals(2, disk.content().size());
    }

    @Test
    void aStalledCommitDoesNotHoldCloseWithATimeout() {
        HoldfastClient client = opened();
        store.stalled = "commit";
        client.send("being stored");
        await(store.reached);
        assertFalse(client.close(Duration.ofMillis(10)));
        clock.advance(TOO_LONG);
        assertEquals(1006, get(client.closed()).code());
    }

    @Test
    void aStalledOpenEndsTheClientAndTheStoreIsClosedWhenItReturns() throws InterruptedException {
        store.stalled = "open";
        HoldfastClient client = client(StoreFailure.END_CLIENT);
        CompletableFuture<List<Delivery>> opened = client.storeOpened();
        Delivery delivery = client.send("queued");
        await(store.reached);
        clock.advance(TOO_LONG);
        assertEquals(1006, get(client.closed()).code());
        failure();
        assertEquals(Outcome.Kind.REJECTED, delivery.outcomeNow().kind());
        assertTrue(
                assertThrows(ExecutionException.class, () -> opened.get(30, TimeUnit.SECONDS))
                                .getCause()
                        instanceof StoreException);
        store.released.countDown();
        await(store.closed);
        assertFalse(disk.isOpen());
    }

    @Test
    void anOpenThatThrowsSomethingElseEndsTheClientAtOnceWithTheCause() throws InterruptedException {
        store.mayBeOldCopy = () -> {
            throw new IllegalStateException("planted");
        };
        HoldfastClient client = client(StoreFailure.END_CLIENT);
        CompletableFuture<List<Delivery>> opened = client.storeOpened();
        assertEquals(1006, get(client.closed()).code());
        StoreException failure = failures.poll(30, TimeUnit.SECONDS);
        assertEquals(StoreException.Kind.FAILED, failure.kind());
        assertEquals("planted", failure.getCause().getMessage());
        assertThrows(ExecutionException.class, () -> opened.get(30, TimeUnit.SECONDS));
        assertFalse(disk.isOpen());
    }

    @Test
    void aStalledCloseDoesNotHoldTheEnd() throws InterruptedException {
        HoldfastClient client = opened();
        Delivery delivery = client.send("stored");
        assertTrue(get(delivery.stored()));
        store.stalled = "close";
        client.cancel();
        await(store.reached);
        assertFalse(client.closed().isDone());
        clock.advance(TOO_LONG);
        assertEquals(1006, get(client.closed()).code());
        failure();
        assertEquals(Outcome.stored(), delivery.outcomeNow());
    }

    @Test
    void aPanicIsReportedWhenTheStoreIsClosed() {
        HoldfastClient client = opened();
        store.stalled = "close";
        nextTimerFails.set(true);
        client.send("needs a timer", SendOptions.expiringAfter(Duration.ofSeconds(1)));
        await(store.reached);
        assertNotEquals(ClientState.CLOSED, client.state());
        assertFalse(client.closed().isDone());
        store.released.countDown();
        assertEquals(1006, get(client.closed()).code());
        assertFalse(disk.isOpen());
    }

    @Test
    void aPanicDoesNotWaitForAStalledStore() {
        HoldfastClient client = opened();
        store.stalled = "close";
        nextTimerFails.set(true);
        client.send("needs a timer", SendOptions.expiringAfter(Duration.ofSeconds(1)));
        await(store.reached);
        clock.advance(TOO_LONG);
        assertEquals(1006, get(client.closed()).code());
    }

    @Test
    void aClientMayGoOnWithoutAStalledStore() throws InterruptedException {
        HoldfastClient client = client(StoreFailure.CONTINUE_IN_MEMORY);
        get(client.storeOpened());
        store.stalled = "commit";
        Delivery delivery = client.send("queued");
        await(store.reached);
        clock.advance(TOO_LONG);
        failure();
        assertNull(delivery.outcomeNow());
        assertTrue(delivery.cancel());
        assertEquals(Outcome.Kind.CANCELLED, get(delivery.outcome()).kind());
        client.cancel();
        get(client.closed());
        assertEquals(0, failures.size());
    }

    /** A timer that fires late says that the process did not run, and so neither did the disk. */
    @Test
    void aStoppedProcessDoesNotCountAsAStalledDisk() throws InterruptedException {
        HoldfastClient client = opened();
        store.stalled = "commit";
        Delivery delivery = client.send("stored");
        await(store.reached);
        clock.stop(Duration.ofHours(1));
        clock.advance(Duration.ofSeconds(20));
        store.released.countDown();
        assertTrue(get(delivery.stored()));
        assertEquals(0, failures.size());
        client.cancel();
        get(client.closed());
    }

    @Test
    void manyShortCallsAreNotTakenForALongOne() {
        HoldfastClient client = opened();
        for (int second = 0; second < 60; second++) {
            assertTrue(get(client.send("stored " + second).stored()));
            clock.advance(Duration.ofSeconds(1));
        }
        assertEquals(0, failures.size());
        client.cancel();
        get(client.closed());
    }
}
