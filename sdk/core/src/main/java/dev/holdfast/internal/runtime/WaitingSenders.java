package dev.holdfast.internal.runtime;

import dev.holdfast.Priority;
import dev.holdfast.internal.session.Outbound;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The threads that wait for room in a full queue. They go on by priority, and in order of arrival within one priority, so
 * that small messages do not overtake a large one for ever. Every method must be called with the lock held.
 */
final class WaitingSenders {
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

    WaitingSenders(ReentrantLock lock) {
        this.lock = lock;
    }

    /** Returns whether a thread waits that goes before this message. */
    boolean goBefore(Outbound message) {
        return placeFor(message) > 0;
    }

    /** Returns the place behind the waiters of the same priority. */
    private int placeFor(Outbound message) {
        int place = 0;
        while (place < waiters.size()
                && waiters.get(place).priority.compareTo(message.options().priority()) <= 0) place++;
        return place;
    }

    /**
     * Waits, without the lock, until no thread goes before the message and there is room. Returns false if that takes longer
     * than {@code nanos}.
     *
     * @param hasRoom called with the lock held
     */
    boolean await(Outbound message, BooleanSupplier hasRoom, long nanos) throws InterruptedException {
        Waiter waiter = new Waiter(message.options().priority(), lock.newCondition());
        waiters.add(placeFor(message), waiter);
        try {
            long left = nanos;
            while (waiters.get(0) != waiter || !hasRoom.getAsBoolean()) {
                if (left <= 0) return false;
                left = waiter.turn.awaitNanos(left);
            }
            return true;
        } finally {
            waiters.remove(waiter);
            signalFirst();
        }
    }

    /** Wakes the first thread: there may be room. */
    void signalFirst() {
        if (!waiters.isEmpty()) waiters.get(0).turn.signal();
    }
}
