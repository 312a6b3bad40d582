package dev.holdfast.internal.transport;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The role of a connection's writer, which one thread has at a time, and none while there is nothing to write. Whoever adds
 * work while the role is free takes it for a thread of the I/O executor. That thread keeps the role while there is work and, if
 * a message was among it, for an idle time after: a conversation does without hand-overs, and a heartbeat keeps no thread.
 *
 * <p>No wake-up is lost: adding work and giving the role back happen under the same lock, and the writer looks for work between
 * the end of its wait and {@link #giveBack}.
 *
 * <p>Guarded by the lock of {@link OutgoingQueue}: callers hold it, and {@link #await} releases it while it blocks. {@link
 * #start} alone is called without it, because it calls the executor.
 */
final class WriterRole {
    /** Gets a thread for the writer. */
    interface Starter {
        /** The role has been taken for a thread, which {@link #startWriter} will ask for. Called with the lock held. */
        void onWriterWanted();

        /** Runs the writer on an I/O thread. Throws nothing: ends the connection if there is no thread. */
        void startWriter();
    }

    private enum State {
        /** The connection is not open yet, or the writer has stopped. Nobody takes the role. */
        CLOSED,
        /** No thread has the role. */
        FREE,
        /** A thread has the role, or has been asked for. Either looks for work before it gives the role back. */
        TAKEN
    }

    private final Condition work;
    private final long idleNanos;
    private final Starter starter;
    /** Whether {@link #start} is to be called. Set with the lock held. */
    private final AtomicBoolean startDue = new AtomicBoolean();

    private State state = State.CLOSED;
    private boolean waiting;
    /** Whether the writer has had a message since its thread came. */
    private boolean lingers;

    /** @param idleNanos the time for which a writer without work keeps the role after a message */
    WriterRole(ReentrantLock lock, long idleNanos, Starter starter) {
        this.work = lock.newCondition();
        this.idleNanos = idleNanos;
        this.starter = starter;
    }

    /** The connection is open: from now on the role can be taken. */
    void open() {
        if (state == State.CLOSED) state = State.FREE;
    }

    /**
     * There may be work. Takes the role if it is free; call {@link #start} without the lock then. Signals only a writer that
     * waits: one that works looks again before it waits, and a signal costs a system call.
     */
    void wake() {
        if (waiting) {
            work.signal();
        } else if (state == State.FREE) {
            state = State.TAKEN;
            lingers = false;
            starter.onWriterWanted();
            startDue.set(true);
        }
    }

    /** Starts the writer if the role has been taken and its thread has not been asked for. Call it without the lock. */
    void start() {
        if (startDue.get() && startDue.getAndSet(false)) starter.startWriter();
    }

    /** The writer has taken a message. */
    void linger() {
        lingers = true;
    }

    /**
     * Blocks the writer until the next {@link #wake}, for the idle time at most, and not at all if it does not linger. May return
     * earlier.
     *
     * @return false if the idle time is over: the writer is to look for work once more, and then to give the role back
     */
    @SuppressWarnings("WaitNotInLoop") // The caller loops: it knows whether there is work.
    boolean await() {
        if (!lingers) return false;
        waiting = true;
        try {
            return work.awaitNanos(idleNanos) > 0;
        } catch (InterruptedException e) {
            // An interrupt is not meant for the connection, but for the owner of the thread, who gets it back.
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waiting = false;
        }
    }

    /** The writer has no work, and its thread is about to leave. */
    void giveBack() {
        state = State.FREE;
    }

    /** The writer stops: its thread leaves if it has one, and nobody takes the role any more. */
    void close() {
        state = State.CLOSED;
        if (waiting) work.signal();
    }
}
