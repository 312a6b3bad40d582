package dev.holdfast;

/**
 * How much may wait to be sent. A message waits in the queue until the connection has little left to write; a full queue
 * takes no more, and the {@link Delivery} of what it did not take has ended as {@link Outcome.Kind#DROPPED}. Immutable.
 */
public final class OutboundQueue {
    private static final int DEFAULT_MESSAGES = 65_536;

    private final long maxBytes;
    private final int maxMessages;

    private OutboundQueue(long maxBytes, int maxMessages) {
        this.maxBytes = maxBytes;
        this.maxMessages = maxMessages;
    }

    /** Room for so many payload bytes, and for 65,536 messages. */
    public static OutboundQueue ofBytes(long maxBytes) {
        if (maxBytes <= 0) throw new IllegalArgumentException("queue of " + maxBytes + " bytes");
        return new OutboundQueue(maxBytes, DEFAULT_MESSAGES);
    }

    /** Room for so many messages: an empty one has no bytes and takes memory all the same. */
    public OutboundQueue maxMessages(int maxMessages) {
        if (maxMessages <= 0) throw new IllegalArgumentException("queue of " + maxMessages + " messages");
        return new OutboundQueue(maxBytes, maxMessages);
    }

    /** Payload bytes. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Messages. */
    public int maxMessages() {
        return maxMessages;
    }
}
