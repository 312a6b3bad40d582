package dev.holdfast.stomp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.Delivery;
import dev.holdfast.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgements of a subscription. Brokers end the connection if a message is acknowledged twice, so each message has one at a
 * time: it is free again if its acknowledgement was not sent. Safe from any thread.
 */
final class Acknowledgements {
    /** What is needed of a message to acknowledge it. */
    static final class Place {
        /** The number of its connection, on which alone it can be acknowledged. */
        final long connection;
        /**
         * Its place among the messages of a subscription with {@link AckMode#CLIENT}, from 1. Guarded by the lock of its {@code Acknowledgements},
         * like the next two.
         */
        private long sequence;

        /** The id to acknowledge; null if the broker gave none. */
        private @Nullable String ackId;

        private @Nullable Claim claim;
        /** Is to run when the application has handled the message. */
        private final Runnable handled;

        Place(long connection, @Nullable String ackId, Runnable handled) {
            this.connection = connection;
            this.ackId = ackId;
            this.handled = handled;
        }
    }

    /** An acknowledgement that is about to be sent, or was. Safe from any thread. */
    static final class Claim {
        final long connection;
        private final long sequence;
        final String ackId;
        private final Runnable handled;

        private volatile @Nullable Delivery delivery;
        private volatile boolean undone;

        private Claim(Place of, String ackId) {
            this.connection = of.connection;
            this.sequence = of.sequence;
            this.ackId = ackId;
            this.handled = of.handled;
        }

        /** Records that the application has handled the message. */
        void handled() {
            handled.run();
        }

        /** Records what it goes out with. */
        void sentWith(Delivery newDelivery) {
            delivery = newDelivery;
        }

        /** Takes it back. */
        void undo() {
            undone = true;
        }

        /** Returns whether it was taken back, or is known not to have been sent. */
        private boolean isVoid() {
            Outcome outcome = outcome();
            return undone || (outcome != null && !mayBeSent(outcome));
        }

        private boolean isSent() {
            Outcome outcome = outcome();
            return outcome != null && mayBeSent(outcome);
        }

        private @Nullable Outcome outcome() {
            Delivery known = delivery;
            return known == null ? null : known.outcomeNow();
        }
    }

    static boolean mayBeSent(Outcome outcome) {
        return outcome.isSuccess() || outcome.kind() == Outcome.Kind.UNKNOWN;
    }

    private final AckMode mode;
    /** The place of all messages that need no acknowledgement. */
    private final Place none = new Place(0, null, () -> {});

    private final ReentrantLock lock = new ReentrantLock();

    /** With {@link AckMode#CLIENT}, the claims that say up to where all is acknowledged, by rising sequence. */
    @GuardedBy("lock")
    private final Deque<Claim> claims = new ArrayDeque<>(1);

    /** With {@link AckMode#CLIENT}, the newest message; null before the first. */
    @GuardedBy("lock")
    private @Nullable Place newest;

    Acknowledgements(AckMode mode) {
        this.mode = mode;
    }

    /**
     * Records a message that the application is about to receive, and returns its place.
     *
     * @param handled is to run when the application has handled the message
     */
    Place received(Received message, Runnable handled) {
        if (mode == AckMode.AUTO) return none;
        Place place = new Place(message.connection, message.ackId(), handled);
        if (mode != AckMode.CLIENT) return place;
        lock.lock();
        try {
            Place before = newest;
            place.sequence = before == null ? 1 : before.sequence + 1;
            newest = place;
        } finally {
            lock.unlock();
        }
        return place;
    }

    /**
     * Claims the acknowledgement of a message.
     *
     * @throws IllegalStateException if it has one, or can't have one
     */
    Claim claim(Place message) {
        if (mode == AckMode.AUTO) throw new IllegalStateException("the subscription is automatically acknowledged");
        lock.lock();
        try {
            String ackId = message.ackId;
            if (ackId == null) {
                throw new IllegalStateException(
                        "the broker supports no acknowledgements: its message has no ack header");
            }
            Claim before = message.claim;
            if (before != null && !before.isVoid()) {
                throw new IllegalStateException("the message was acknowledged before");
            }
            Claim claim = new Claim(message, ackId);
            if (mode == AckMode.CLIENT) add(claim);
            message.claim = claim;
            return claim;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void add(Claim claim) {
        Claim last;
        while ((last = claims.peekLast()) != null && last.isVoid()) claims.removeLast();
        if (last != null && last.sequence > claim.sequence) {
            throw new IllegalStateException("the message was acknowledged with a later one");
        }
        claims.addLast(claim);
        // A claim that was sent can't become void, so those before it no longer count.
        Claim first = claims.removeFirst();
        for (Claim second; (second = claims.peekFirst()) != null && second.isSent(); ) first = claims.removeFirst();
        claims.addFirst(first);
    }

    /**
     * Handles a message that came before, and that the application does not receive again.
     *
     * @return whether to acknowledge it now. Otherwise the acknowledgement of a message covers it
     */
    boolean mayAcknowledgeDuplicate(long connection, String ackId) {
        if (mode != AckMode.CLIENT) return mode == AckMode.CLIENT_INDIVIDUAL;
        lock.lock();
        try {
            Place before = newest;
            if (before == null || before.connection != connection) return true;
            Claim claim = before.claim;
            // A claim without a delivery belongs to a transaction that may be aborted.
            if (claim != null && !claim.isVoid() && claim.delivery != null) return true;
            // An acknowledgement now would cover messages with which the application has not finished.
            before.ackId = ackId;
            return false;
        } finally {
            lock.unlock();
        }
    }
}
