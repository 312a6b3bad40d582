package dev.holdfast.internal.transport;

import okio.Buffer;

/** A message whose pieces come one by one while it is being written. Guarded by the lock of {@link OutgoingQueue}. */
final class OutgoingStream {
    /** The number of fragments that may wait for the writer before the sender blocks. */
    private static final int MAX_FRAGMENTS = 2;

    final boolean isText;
    private final long capacity;
    /** The pieces that the writer has not taken. */
    final Buffer pending = new Buffer();
    /** Whether the writer has begun the message, so that it can't be taken back. */
    boolean begun;
    /** Whether all pieces have come. */
    boolean ended;
    /** Whether the rest of the pieces will never come. */
    boolean broken;

    /** @param fragmentBytes the maximum payload of a fragment, in bytes */
    OutgoingStream(boolean isText, int fragmentBytes) {
        this.isText = isText;
        this.capacity = (long) MAX_FRAGMENTS * fragmentBytes;
    }

    boolean isFull() {
        return pending.size() >= capacity;
    }

    /** Begins the message. Returns false if it was broken off before. */
    boolean begin() {
        begun = !broken;
        return begun;
    }

    /** Gives the message up. Returns the number of pending bytes that were dropped: none if the message has begun. */
    long breakOff() {
        broken = true;
        if (begun) return 0;
        long dropped = pending.size();
        pending.clear();
        return dropped;
    }
}
