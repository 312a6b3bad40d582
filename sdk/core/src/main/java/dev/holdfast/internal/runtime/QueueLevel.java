package dev.holdfast.internal.runtime;

/** How full the queue is, at one moment. Immutable. */
final class QueueLevel {
    /** Messages that wait. */
    final int messages;
    /** Their payload bytes. */
    final long bytes;
    /** Messages that the queue has taken since the client was built. */
    final long taken;

    QueueLevel(int messages, long bytes, long taken) {
        this.messages = messages;
        this.bytes = bytes;
        this.taken = taken;
    }
}
