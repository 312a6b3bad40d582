package dev.holdfast.internal.runtime;

import static dev.holdfast.internal.session.QueueMessages.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.internal.session.Outbound;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes between the steps of a notification, which the simulation does not reach. */
class BackpressureTest {
    private final Queue<Runnable> io = new ArrayDeque<>();
    private final Queue<Runnable> turns = new ArrayDeque<>();
    private final List<Boolean> told = new ArrayList<>();
    private Runnable inCallback = () -> {};
    private final Outbound large = message("n1:60");
    private final SharedQueue queue =
            new SharedQueue(OutboundQueue.ofBytes(100).withWaterMarks(50, 10), new SharedQueue.Owner() {
                @Override
                public void onChanged() {}

                @Override
                public void onEnded(Outbound message, Outcome outcome) {}
            });

    private final ClientCallbacks callbacks = (ClientCallbacks) Proxy.newProxyInstance(
            ClientCallbacks.class.getClassLoader(), new Class<?>[] {ClientCallbacks.class}, (proxy, method, args) -> {
                assertEquals("onBackpressure", method.getName());
                told.add((Boolean) args[0]);
                inCallback.run();
                return null;
            });

    private final Backpressure backpressure = new Backpressure(
            queue,
            new SerialContext(io::add, thrown -> {}),
            new ListenerDispatcher(turns::add, true, io::add, refusal -> {}, batch -> {}),
            () -> false,
            callbacks);

    private static void runAll(Queue<Runnable> tasks) {
        for (Runnable task; (task = tasks.poll()) != null; ) task.run();
    }

    @BeforeEach
    void press() {
        queue.offer(large);
        backpressure.update();
    }

    @Test
    void aChangeThatNobodyElseTellsOfIsTold() {
        inCallback = () -> queue.recall(large);
        runAll(turns);
        assertEquals(List.of(true, false), told);
    }

    @Test
    void nothingIsToldAfterTheEnd() {
        backpressure.end();
        runAll(turns);
        assertEquals(List.of(), told);
    }

    @Test
    void oneWordIsUnderWay() {
        for (int i = 0; i < 1_000; i++) backpressure.update();
        // So many would not go in one turn.
        turns.remove().run();
        assertTrue(turns.isEmpty());
        assertEquals(List.of(true), told);
    }

    @Test
    void whoAsksJustAfterTheReliefIsTold() {
        CompletableFuture<Void> early = backpressure.writable();
        assertTrue(queue.recall(large));
        // The queue's owner has not been heard of yet; this one need not wait for it.
        assertTrue(backpressure.writable().isDone());
        assertFalse(early.isDone());
        backpressure.update();
        runAll(turns);
        assertTrue(early.isDone());
    }

    @Test
    void whatIsGivenUpIsForgotten() {
        for (int i = 0; i < 10_000; i++) assertTrue(backpressure.writable().cancel(false));
        assertTrue(backpressure.waiting() <= 32, backpressure.waiting() + " are remembered");
        assertTrue(io.isEmpty());
    }
}
