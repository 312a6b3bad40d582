package dev.holdfast.server;

import java.util.ArrayDeque;

/**
 * The messages that one connection has sent and the client has not acknowledged. The window implements the sender's
 * duty of section 4: wait rather than drop when too many messages or bytes are unacknowledged. One message is always
 * allowed, however large.
 *
 * <p>Not thread-safe: guarded by the {@link Outbox}'s lock.
 */
final class SendWindow {
    private final int maxMessages;
    private final long maxBytes;
    private final ArrayDeque<Sent> outstanding = new ArrayDeque<>();
    private long outstandingBytes;

    SendWindow(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    boolean isOpen() {
        return outstanding.isEmpty() || (outstanding.size() < maxMessages && outstandingBytes < maxBytes);
    }

    void sent(String id, int size) {
        outstanding.add(new Sent(id, size));
        outstandingBytes += size;
    }

    void acknowledged(MessageLog log, String position) {
        for (Sent oldest = outstanding.peek();
                oldest != null && log.compare(oldest.id(), position) <= 0;
                oldest = outstanding.peek()) {
            outstanding.remove();
            outstandingBytes -= oldest.size();
        }
    }

    private record Sent(String id, int size) {}
}
