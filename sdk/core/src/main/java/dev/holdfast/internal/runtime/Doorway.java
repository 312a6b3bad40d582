package dev.holdfast.internal.runtime;

import dev.holdfast.Priority;
import dev.holdfast.internal.session.Outbound;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Where threads wait for room in a full queue. They are let in by priority, and within one in the order they came: a large
 * message is not passed by small ones for ever. Every method is called with the lock held.
 */
final class Doorway {
    private static final class Waiter {
        final Priority priority;
        final Condition turn;

        Waiter(Priority priority, Condition turn) {
            this.priority = priority;
            this.turn = turn;
        }
    }

    private final ReentrantLock lock;
    private final List<Waiter> waiters = new ArrayList<>();

    Doorway(ReentrantLock lock) {
        this.lock = lock;
    }

    /** Whether somebody waits who goes before this message. */
    boolean isTaken(Outbound message) {
        return placeFor(message) > 0;
    }

    /** Behind those of its own priority. */
    private int placeFor(Outbound message) {
        int place = 0;
        while (place < waiters.size()
                && waiters.get(place).priority.compareTo(message.options().priority()) <= 0) place++;
        return place;
    }

    /** Waits until nobody goes before the message and it {@code mayEnter}. Returns false where that takes too long. */
    boolean await(Outbound message, BooleanSupplier mayEnter, long nanos) throws InterruptedException {
        Waiter waiter = new Waiter(message.options().priority(), lock.newCondition());
        waiters.add(placeFor(message), waiter);
        try {
            long left = nanos;
            while (waiters.get(0) != waiter || !mayEnter.getAsBoolean()) {
                if (left <= 0) return false;
                left = waiter.turn.awaitNanos(left);
            }
            return true;
        } finally {
            waiters.remove(waiter);
            next();
        }
    }

    /** There may be room. */
    void next() {
        if (!waiters.isEmpty()) waiters.get(0).turn.signal();
    }
}
