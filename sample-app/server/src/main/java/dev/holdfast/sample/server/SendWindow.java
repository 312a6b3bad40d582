package dev.holdfast.sample.server;

import java.util.ArrayDeque;

/**
 * What one connection has sent and the client has not acknowledged: the sender's share of section 4, to wait and not to
 * drop when so many messages or bytes are outstanding. One message may always be, however large.
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
