package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Outcome.Reason;
import dev.holdfast.Overflow;
import dev.holdfast.internal.session.Admission;
import dev.holdfast.internal.session.MessageSource;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.StoreRecord;
import dev.holdfast.internal.session.TakenMessages;
import dev.holdfast.internal.session.WaitingQueue;
import dev.holdfast.internal.settings.Nanos;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The {@link WaitingQueue} between the threads that send and the machine that polls, and the count of buffered bytes. Safe
 * from any thread. The lock is held for a few steps only; the owner is notified after it is released.
 */
final class SharedQueue implements MessageSource {
    /** Receives the queue's events, on the thread that caused them and with no lock held. */
    interface Owner {
        /** The queue is no longer as the machine last saw it. Not called again before {@link #rearm}. */
        void onChanged();

        /** A message that waited has ended. */
        void onEnded(Outbound message, Outcome outcome);
    }

    private final long maxBytes;
    private final Overflow overflow;
    private final long maxWaitNanos;
    private final Owner owner;
    private final AtomicLong bufferedAmount = new AtomicLong();

    /** Null without a store. */
    private final @Nullable StoreJournal journal;

    /** Confined to the machine's thread. */
    private final TakenMessages takenMessages = new TakenMessages();

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final WaitingQueue queue;

    @GuardedBy("lock")
    private final WaitingSenders senders = new WaitingSenders(lock);

    @GuardedBy("lock")
    private long taken;

    /** Why the queue takes no more messages; null while it does. */
    @GuardedBy("lock")
    private @Nullable String closed;

    /** Updated with the lock held, read without. */
    private final QueueView view = new QueueView();

    /** Whether the owner was notified of a change and has not looked yet. */
    private volatile boolean notified;

    /** The size of the largest message that the server takes, if it has said so. */
    private volatile long maxMessage = Long.MAX_VALUE;

    SharedQueue(OutboundQueue settings, Owner owner) {
        this(settings, null, owner);
    }

    /** @param journal records the messages that wait; null for none */
    SharedQueue(OutboundQueue settings, @Nullable StoreJournal journal, Owner owner) {
        this.journal = journal;
        this.maxBytes = settings.maxBytes();
        this.overflow = settings.overflow();
        this.maxWaitNanos = Nanos.maxWait(overflow);
        this.queue = new WaitingQueue(settings);
        this.owner = owner;
    }

    // ---- senders ----

    /** Takes the message, and waits for room if that is the policy. Returns null, or how the message ended instead. */
    @Nullable
    Outcome offer(Outbound message) {
        Outcome tooLarge = tooLarge(message);
        if (tooLarge != null) return tooLarge;
        Admission admission;
        boolean notify;
        lock.lock();
        try {
            if (mayBlock(message) && mustWait(message)) {
                Outcome why = awaitRoom(message);
                if (why != null) return why;
            }
            if (closed != null) return Outcome.cancelled(Reason.CLIENT_CLOSED, closed);
            admission = queue.offer(message);
            if (!admission.isTaken()) return dropped(Reason.QUEUE_FULL, "the queue is full");
            taken++;
            bufferedAmount.addAndGet(message.bytes() - admission.displacedBytes());
            if (journal != null) record(message, admission, journal);
            notify = publish();
        } finally {
            lock.unlock();
        }
        Outbound conflated = admission.conflated();
        if (conflated != null) ended(conflated, Outcome.conflated());
        for (Outbound dropped : admission.dropped()) {
            ended(dropped, dropped(Reason.DISPLACED, "made room for another message"));
        }
        if (notify) owner.onChanged();
        return null;
    }

    @GuardedBy("lock")
    private void record(Outbound message, Admission admission, StoreJournal in) {
        Outbound old = admission.conflated();
        // The protocol's own message has an answer that another process can't use.
        if (!message.payload().hasOriginal()) {
            if (old != null) old.removeStored();
        } else if (old != null
                && old.payload().hasOriginal()
                && old.options().priority() == message.options().priority()) {
            message.replaceStored(old);
        } else {
            message.storeIn(new StoreRecord(in));
            if (old != null) old.removeStored();
        }
        for (Outbound dropped : admission.dropped()) dropped.removeStored();
        in.put(message);
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

    /** Returns whether {@link #offer} of this message may wait. */
    boolean mayBlock(Outbound message) {
        return maxWaitNanos > 0 && !message.payload().isReply();
    }

    @GuardedBy("lock")
    private boolean mustWait(Outbound message) {
        if (closed != null) return false;
        return !queue.fits(message) || (senders.goBefore(message) && !queue.replacesAnother(message));
    }

    /** Returns null if there may be room, or how the message ends because there is none. */
    @GuardedBy("lock")
    @SuppressWarnings("GuardedBy") // The condition is called with the lock held.
    private @Nullable Outcome awaitRoom(Outbound message) {
        try {
            return senders.await(message, () -> closed != null || queue.fits(message), maxWaitNanos)
                    ? null
                    : dropped(Reason.QUEUE_FULL, "no room in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return dropped(Reason.INTERRUPTED, "interrupted while it waited for room");
        }
    }

    /** Takes the message back and ends it. Returns false if it no longer waits. */
    boolean recall(Outbound message) {
        boolean notify;
        lock.lock();
        try {
            if (!queue.recall(message)) return false;
            bufferedAmount.addAndGet(-message.bytes());
            message.removeStored();
            notify = publish();
        } finally {
            lock.unlock();
        }
        ended(message, Outcome.cancelled(Reason.CANCELLED_BY_CALLER, "recalled"));
        if (notify) owner.onChanged();
        return true;
    }

    /** Notifies the owner although only the time has changed, unless it was notified and has not looked yet. */
    void notifyOwner() {
        boolean notify;
        lock.lock();
        try {
            notify = !notified;
            notified = true;
        } finally {
            lock.unlock();
        }
        if (notify) owner.onChanged();
    }

    private void ended(Outbound message, Outcome outcome) {
        owner.onEnded(message, message.ifNotSentBefore(outcome));
    }

    /** Returns whether a message that the queue took no longer waits. */
    boolean hasLeft(Outbound message) {
        lock.lock();
        try {
            return !queue.holds(message);
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more messages. Those that wait stay. */
    void close() {
        lock.lock();
        try {
            if (closed == null) closed = "the client is closing";
            senders.signalFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the size of the largest message that the queue can ever take. */
    long maxBytes() {
        return maxBytes;
    }

    /** Returns whether the high water mark was passed, and the low one not reached since. */
    boolean isPressed() {
        return view.pressed;
    }

    /** Returns the payload bytes of messages that the queue took and that are neither in a socket nor ended. */
    long bufferedAmount() {
        return bufferedAmount.get();
    }

    /** Returns how full the queue is. */
    QueueLevel level() {
        lock.lock();
        try {
            return new QueueLevel(queue.count(), queue.bytes(), taken);
        } finally {
            lock.unlock();
        }
    }

    // ---- the machine ----

    /** Has the next change notify the owner, which is about to look at those before. */
    void rearm() {
        notified = false;
    }

    /** Counts a message that did not come through the queue and is about to be handed to a connection. */
    void buffer(Outbound message) {
        bufferedAmount.addAndGet(message.bytes());
    }

    /**
     * Adds messages that waited in another process ahead of all others, whatever the limits. To be called before the machine
     * looks.
     *
     * @param proven whether no process can have sent them since
     */
    void restore(List<Outbound> messages, boolean proven) {
        List<Outbound> conflated;
        lock.lock();
        try {
            conflated = queue.restore(messages, proven);
            for (Outbound message : messages) bufferedAmount.addAndGet(message.bytes());
            for (Outbound message : conflated) {
                bufferedAmount.addAndGet(-message.bytes());
                message.removeStored();
            }
            refresh();
        } finally {
            lock.unlock();
        }
        for (Outbound message : conflated) ended(message, Outcome.conflated());
    }

    /** Returns the messages that wait, in order. */
    List<Outbound> waiting() {
        lock.lock();
        try {
            return queue.waiting();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the messages without an outcome, oldest first: those that the machine took, then those that wait. */
    List<Outbound> unfinished() {
        List<Outbound> all = takenMessages.all();
        all.addAll(waiting());
        return all;
    }

    /** Notes a message that another process handed to a connection: the machine has taken it. */
    void restoreTaken(Outbound message) {
        takenMessages.add(message);
    }

    /** Forgets a message that the machine took and that has ended. Has no effect on one that did not come through the queue. */
    void ended(Outbound message) {
        takenMessages.remove(message);
    }

    /**
     * Closes the queue and returns every message that has not ended, oldest first: those that the machine took, then those
     * that wait. Asks nothing of the machine.
     */
    List<Outbound> abandon() {
        end();
        return takenMessages.removeAll();
    }

    /** Counts no message as buffered any more. */
    void allEnded() {
        bufferedAmount.set(0);
    }

    /** Counts out the bytes of messages that were polled, and that are in a socket or ended before they were. */
    void unbuffer(long bytes) {
        bufferedAmount.addAndGet(-bytes);
    }

    @Override
    public long nextBytes() {
        return view.nextBytes;
    }

    @Override
    public boolean isPatient() {
        return view.patient;
    }

    @Override
    public @Nullable Outbound poll(long most) {
        lock.lock();
        try {
            return polled(queue.poll(most));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void poll(int maxMessages, long maxBytes, long maxTogether, long enough, List<Outbound> into) {
        lock.lock();
        try {
            try {
                queue.poll(maxMessages, maxBytes, maxTogether, enough, into);
            } finally {
                // Also after an Error: what has left the queue must be found when all deliveries end.
                for (int i = 0; i < into.size(); i++) takenMessages.add(into.get(i));
            }
            refresh();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable Outbound pollLarger(long bytes) {
        lock.lock();
        try {
            return polled(queue.pollLarger(bytes));
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private @Nullable Outbound polled(@Nullable Outbound message) {
        if (message != null) takenMessages.add(message);
        refresh();
        return message;
    }

    @Override
    public void limitMessages(long maxMessage) {
        this.maxMessage = maxMessage;
    }

    @Override
    public long nextExpiry() {
        return view.nextExpiry;
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

    @GuardedBy("lock")
    private List<Outbound> unbuffered(List<Outbound> messages) {
        for (Outbound message : messages) {
            bufferedAmount.addAndGet(-message.bytes());
            takenMessages.add(message);
        }
        refresh();
        return messages;
    }

    /** Publishes what has changed. Returns whether to notify the owner. */
    @GuardedBy("lock")
    private boolean publish() {
        boolean changed = refresh() || journal != null;
        if (!changed || notified) return false;
        notified = true;
        return true;
    }

    /** Publishes what has changed to readers without the lock. Returns whether it matters to the machine. */
    @GuardedBy("lock")
    private boolean refresh() {
        senders.signalFirst();
        return view.update(queue);
    }
}
