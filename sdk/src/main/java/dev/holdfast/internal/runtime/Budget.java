package dev.holdfast.internal.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Room for so many bytes and so many messages. Safe from any thread, takes no lock. */
final class Budget {
    private final long maxBytes;
    private final int maxMessages;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger messages = new AtomicInteger();

    Budget(long maxBytes, int maxMessages) {
        this.maxBytes = maxBytes;
        this.maxMessages = maxMessages;
    }

    /** Takes room for one message, or returns false and takes none. */
    boolean reserve(long size) {
        int count;
        do {
            count = messages.get();
            if (count >= maxMessages) return false;
        } while (!messages.compareAndSet(count, count + 1));
        long taken;
        do {
            taken = bytes.get();
            if (taken + size > maxBytes) {
                messages.decrementAndGet();
                return false;
            }
        } while (!bytes.compareAndSet(taken, taken + size));
        return true;
    }

    /** Gives the room of one message back. */
    void release(long size) {
        if (bytes.addAndGet(-size) < 0 || messages.decrementAndGet() < 0) {
            throw new IllegalStateException("released more than was reserved");
        }
    }

    long maxBytes() {
        return maxBytes;
    }
}
