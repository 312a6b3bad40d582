package dev.holdfast.internal.runtime;

import static dev.holdfast.internal.session.QueueMessages.message;
import static dev.holdfast.internal.session.QueueMessages.name;
import static dev.holdfast.internal.session.QueueMessages.names;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.schedules.Schedules;
import dev.holdfast.schedules.Schedules.Plant;
import dev.holdfast.schedules.Schedules.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Lincheck runs the operations on three threads, interleaved in every way it comes to, and holds the results against those
 * of some order of the same operations on one thread.
 */
@Tag("slow")
@Tag("schedules")
public class SharedQueueConcurrencyTest {
    private final Outbound bulk = message("b1");
    private final Outbound keyed = message("n2/k");

    private final SharedQueue queue = new SharedQueue(
            OutboundQueue.ofBytes(100).withMaxMessages(2).withOverflow(Overflow.dropOldest()), new SharedQueue.Owner() {
                @Override
                public void onChanged() {}

                @Override
                public void onEnded(Outbound message, Outcome outcome) {}
            });

    /** Whether it is taken. */
    private boolean offer(Outbound message) {
        return queue.offer(message) == null;
    }

    public SharedQueueConcurrencyTest() {
        Schedules.count();
    }

    @Operation(runOnce = true)
    public boolean offerBulk() {
        return offer(bulk);
    }

    @Operation(runOnce = true)
    public boolean offerKeyed() {
        return offer(keyed);
    }

    @Operation(runOnce = true)
    public boolean offerNewerOfTheKey() {
        return offer(message("n3/k"));
    }

    @Operation(runOnce = true)
    public boolean offerControl() {
        return offer(message("c4"));
    }

    @Operation(runOnce = true)
    public boolean offerAnother() {
        return offer(message("n5"));
    }

    @Operation(runOnce = true)
    public boolean recallBulk() {
        return queue.recall(bulk);
    }

    @Operation(runOnce = true)
    public boolean recallKeyed() {
        return queue.recall(keyed);
    }

    @Operation
    public String poll() {
        return name(queue.poll(100));
    }

    @Operation
    public String pollTogether() {
        List<Outbound> together = new ArrayList<>();
        queue.poll(2, 100, 100, 100, together);
        return names(together);
    }

    @Operation
    public long nextBytes() {
        return queue.nextBytes();
    }

    @Operation(runOnce = true)
    public void close() {
        queue.close();
    }

    @Operation(runOnce = true)
    public int end() {
        return queue.end().size();
    }

    private static final Shape SHAPE = Shape.random(3, 3, 12, 150).linearizable();

    @Test
    void isLinearizable() {
        // They are long ones.
        Schedules.survives(
                SharedQueueConcurrencyTest.class, Shape.random(3, 3, 6, 100).linearizable());
    }

    @Test
    @Tag("planted")
    void withALockThatLocksNothing() {
        Schedules.finds(
                SharedQueueConcurrencyTest.class,
                SHAPE,
                new Plant(
                        SharedQueue.class,
                        "private final ReentrantLock lock = new ReentrantLock();",
                        "private final ReentrantLock lock = new ReentrantLock() {"
                                + " public void lock() {} public void unlock() {} };"));
    }
}
