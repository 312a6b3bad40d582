package dev.holdfast.internal.runtime;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.Overflow;
import dev.holdfast.internal.session.Admission;
import dev.holdfast.internal.session.MessageSource;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.TakenMessages;
import dev.holdfast.internal.session.WaitingQueue;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The {@link WaitingQueue} between the threads that send and the machine that takes, and the count of what is buffered.
 * Safe from any thread. The lock is held for a few steps only; its owner is told after it is released.
 */
final class SharedQueue implements MessageSource {
    /** Who is told, on the thread that caused it and with no lock held. */
    interface Owner {
        /** The queue is not what the machine last saw. Not told again before {@link #seen}. */
        void onChanged();

        /** A message that waited is over. */
        void onEnded(Outbound message, Outcome outcome);
    }

    /** What waits. */
    static final class Level {
        final int messages;
        final long bytes;
        /** Messages taken, ever. */
        final long taken;

        Level(int messages, long bytes, long taken) {
            this.messages = messages;
            this.bytes = bytes;
            this.taken = taken;
        }
    }

    private final long maxBytes;
    private final Overflow overflow;
    private final Owner owner;
    private final AtomicLong bufferedAmount = new AtomicLong();

    /** Confined to the machine's thread. */
    private final TakenMessages takenMessages = new TakenMessages();

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitingQueue queue;
    private final Doorway doorway = new Doorway(lock);
    private @Nullable Outbound first;
    private long taken;
    /** Why nothing is taken any more; null while it is. */
    private @Nullable String closed;

    // Written under the lock, read without.
    private volatile long nextBytes = -1;
    private volatile boolean patient;
    private volatile long nextExpiry = SessionMachine.NEVER;
    private volatile boolean pressed;
    /** What the server takes at most, as far as it has said. */
    private volatile long maxMessage = Long.MAX_VALUE;
    /** Whether the owner was told of a change and has not looked yet. */
    private volatile boolean told;

    SharedQueue(OutboundQueue settings, Owner owner) {
        this.maxBytes = settings.maxBytes();
        this.overflow = settings.overflow();
        this.queue = new WaitingQueue(settings);
        this.owner = owner;
    }

    // ---- those who send ----

    /** Returns null where the message is taken, or else how it ended. Waits for room if that is the policy. */
    @Nullable
    Outcome offer(Outbound message) {
        Outcome tooLarge = tooLarge(message);
        if (tooLarge != null) return tooLarge;
        Admission admission;
        boolean tell;
        lock.lock();
        try {
            if (blocks() && mustWait(message)) {
                Outcome why = awaitRoom(message);
                if (why != null) return why;
            }
            if (closed != null) return Outcome.cancelled(Reason.CLIENT_CLOSED, closed);
            admission = queue.offer(message);
            if (!admission.isTaken()) return dropped(Reason.QUEUE_FULL, "the queue is full");
            taken++;
            bufferedAmount.addAndGet(message.bytes() - displacedBytes(admission));
            tell = publish();
        } finally {
            lock.unlock();
        }
        Outbound conflated = admission.conflated();
        if (conflated != null) ended(conflated, Outcome.conflated());
        for (Outbound dropped : admission.dropped()) {
            ended(dropped, dropped(Reason.DISPLACED, "made room for another message"));
        }
        if (tell) owner.onChanged();
        return null;
    }

    private @Nullable Outcome tooLarge(Outbound message) {
        long limit = maxMessage;
        if (message.bytes() > limit) return Outbound.tooLarge(message, limit);
        if (message.bytes() <= maxBytes) return null;
        return Outcome.tooLarge("message of " + message.bytes() + " bytes, and the queue takes at most " + maxBytes);
    }

    private Outcome dropped(Reason reason, String detail) {
        return Outcome.dropped(overflow.policy(), reason, detail);
    }

    private static long displacedBytes(Admission admission) {
        Outbound conflated = admission.conflated();
        long sum = conflated == null ? 0 : conflated.bytes();
        for (Outbound dropped : admission.dropped()) sum += dropped.bytes();
        return sum;
    }

    /** Whether {@link #offer} may wait. */
    boolean blocks() {
        return overflow.blockNanos() > 0;
    }

    private boolean mustWait(Outbound message) {
        if (closed != null) return false;
        return !queue.fits(message) || (doorway.isTaken(message) && !queue.replacesAnother(message));
    }

    /** Returns null where there may be room, or why it did not wait longer. */
    private @Nullable Outcome awaitRoom(Outbound message) {
        try {
            return doorway.await(message, () -> closed != null || queue.fits(message), overflow.blockNanos())
                    ? null
                    : dropped(Reason.QUEUE_FULL, "no room in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return dropped(Reason.INTERRUPTED, "interrupted while it waited for room");
        }
    }

    /** Takes the message back and ends it. Returns false where it waits no more. */
    boolean recall(Outbound message) {
        boolean tell;
        lock.lock();
        try {
            if (!queue.recall(message)) return false;
            bufferedAmount.addAndGet(-message.bytes());
            tell = publish();
        } finally {
            lock.unlock();
        }
        ended(message, Outcome.cancelled(Reason.CANCELLED_BY_CALLER, "recalled"));
        if (tell) owner.onChanged();
        return true;
    }

    /** Calls {@link Owner#onChanged} although nothing has changed but the time, unless it was called and not seen yet. */
    void look() {
        boolean tell;
        lock.lock();
        try {
            tell = !told;
            told = true;
        } finally {
            lock.unlock();
        }
        if (tell) owner.onChanged();
    }

    private void ended(Outbound message, Outcome outcome) {
        owner.onEnded(message, message.ifNotSentBefore(outcome));
    }

    /** Whether a message that was taken waits no more. */
    boolean hasLeft(Outbound message) {
        lock.lock();
        try {
            return !queue.holds(message);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is taken any more, from when this returns. What waits, waits on. */
    void close() {
        lock.lock();
        try {
            if (closed == null) closed = "the client is closing";
            doorway.next();
        } finally {
            lock.unlock();
        }
    }

    /** The largest message that could ever be taken. */
    long maxBytes() {
        return maxBytes;
    }

    /** Whether the high water mark was passed and the low one not reached since. */
    boolean isPressed() {
        return pressed;
    }

    /** Payload bytes of messages that were taken and are neither in a socket nor over. */
    long bufferedAmount() {
        return bufferedAmount.get();
    }

    Level level() {
        lock.lock();
        try {
            return new Level(queue.count(), queue.bytes(), taken);
        } finally {
            lock.unlock();
        }
    }

    // ---- the machine ----

    /** What has changed until now is being looked at. */
    void seen() {
        told = false;
    }

    /** A message that did not come through here is handed to a connection. */
    void buffer(Outbound message) {
        bufferedAmount.addAndGet(message.bytes());
    }

    /** What waited in another process waits on, whatever the limits of this one. Before anything else. */
    void restore(List<Outbound> messages) {
        lock.lock();
        try {
            for (Outbound message : messages) {
                queue.restore(message);
                bufferedAmount.addAndGet(message.bytes());
            }
            refresh();
        } finally {
            lock.unlock();
        }
    }

    /** What waits, in order. */
    List<Outbound> waiting() {
        lock.lock();
        try {
            return queue.waiting();
        } finally {
            lock.unlock();
        }
    }

    /** A message that another process handed to a connection is the machine's. */
    void restoreTaken(Outbound message) {
        takenMessages.add(message);
    }

    /** A message that the machine had taken has ended. Has no effect for a message that did not come through here. */
    void ended(Outbound message) {
        takenMessages.remove(message);
    }

    /**
     * Takes all that wait, and returns them behind what the machine had taken and what has not ended, oldest first. Closes
     * the queue. Asks nothing of the machine.
     */
    List<Outbound> abandon() {
        end();
        return takenMessages.removeAll();
    }

    /** All messages have ended. */
    void allEnded() {
        bufferedAmount.set(0);
    }

    /** A message that was polled is in a socket, or over without. */
    void unbuffer(Outbound message) {
        bufferedAmount.addAndGet(-message.bytes());
    }

    @Override
    public long nextBytes() {
        return nextBytes;
    }

    @Override
    public boolean isPatient() {
        return patient;
    }

    @Override
    public @Nullable Outbound poll(long most) {
        lock.lock();
        try {
            Outbound message = queue.poll(most);
            if (message != null) takenMessages.add(message);
            refresh();
            return message;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Outbound pollLarger(long bytes) {
        lock.lock();
        try {
            Outbound message = queue.pollLarger(bytes);
            if (message != null) takenMessages.add(message);
            refresh();
            return message;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void limitMessages(long maxMessage) {
        this.maxMessage = maxMessage;
    }

    @Override
    public long nextExpiry() {
        return nextExpiry;
    }

    @Override
    public List<Outbound> takeExpired(long now) {
        lock.lock();
        try {
            return unbuffered(queue.takeExpired(now));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Outbound> takeUnproven() {
        lock.lock();
        try {
            return unbuffered(queue.takeUnproven());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void prove() {
        lock.lock();
        try {
            queue.prove();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Outbound> end() {
        lock.lock();
        try {
            closed = "the client is closed";
            return unbuffered(queue.end());
        } finally {
            lock.unlock();
        }
    }

    private List<Outbound> unbuffered(List<Outbound> messages) {
        for (Outbound message : messages) {
            bufferedAmount.addAndGet(-message.bytes());
            takenMessages.add(message);
        }
        refresh();
        return messages;
    }

    /** Returns whether the owner is to be told. */
    private boolean publish() {
        if (!refresh() || told) return false;
        told = true;
        return true;
    }

    /** Shows outside of the lock what has changed. Returns whether it is anything that the machine goes by. */
    private boolean refresh() {
        doorway.next();
        boolean changed = false;
        Outbound nowFirst = queue.first();
        if (nowFirst != first) {
            first = nowFirst;
            nextBytes = nowFirst == null ? -1 : nowFirst.bytes();
            changed = true;
        }
        long expiry = queue.nextExpiry();
        if (expiry != nextExpiry) {
            // The timer that is set for an earlier one comes for nothing.
            changed |= expiry < nextExpiry;
            nextExpiry = expiry;
        }
        if (queue.isPressed() != pressed) {
            pressed = !pressed;
            changed = true;
        }
        if (changed) patient = queue.isPatient();
        return changed;
    }
}
