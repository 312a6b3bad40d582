package dev.holdfast.internal.transport;

import dev.holdfast.internal.time.Ticker;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets any thread pause and resume a connection's reader, and knows when bytes last came in. The reader looks at a volatile
 * field for each frame, and takes the lock only while paused.
 */
public final class ReadGate {
    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Written with the lock held. */
    private volatile boolean open = true;
    /** Whether the reader is never to wait again. Written with the lock held. */
    private volatile boolean ended;

    private volatile long lastInboundAt;

    public ReadGate(Ticker ticker) {
        this.ticker = ticker;
        this.lastInboundAt = ticker.nanos();
    }

    public boolean isOpen() {
        return open;
    }

    /** Blocks while reading is paused. Ignores interrupts. */
    public void await() {
        lock.lock();
        try {
            while (!open && !ended) changed.awaitUninterruptibly();
        } finally {
            lock.unlock();
        }
    }

    /** Pauses or resumes reading. What has been read is still reported. */
    public void set(boolean mayRead) {
        lock.lock();
        try {
            if (mayRead && !open) lastInboundAt = ticker.nanos();
            open = mayRead;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Resumes reading for good, so that the reader notices that the connection has ended. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            set(true);
        } finally {
            lock.unlock();
        }
    }

    /** Bytes have come in. */
    public void inbound() {
        lastInboundAt = ticker.nanos();
    }

    /** Returns the ticker's nanoseconds when bytes last came in; while reading is paused, the time now. */
    public long lastInboundAt() {
        return open ? lastInboundAt : ticker.nanos();
    }

    /** Returns the ticker's nanoseconds when bytes last came in, or reading was resumed. */
    public long lastReadAt() {
        return lastInboundAt;
    }
}
