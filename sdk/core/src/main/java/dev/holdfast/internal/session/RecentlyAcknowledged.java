package dev.holdfast.internal.session;

import java.util.ArrayList;
import java.util.List;

/**
 * The newest acknowledged messages, in case the server loses them: at most 256, and 256 KiB of payload.
 *
 * <p>Not thread-safe.
 */
final class RecentlyAcknowledged {
    static final int MAX_MESSAGES = 256;
    static final long MAX_BYTES = 256 * 1024;

    private final SeqRing messages = new SeqRing();
    private long bytes;

    void add(Outbound message) {
        messages.add(message);
        bytes += message.bytes();
        while (messages.size() > MAX_MESSAGES || bytes > MAX_BYTES)
            bytes -= messages.removeFirst().bytes();
    }

    /** Returns the messages with a receipt and a seq beyond {@code seq}, oldest first. */
    List<Outbound> beyond(long seq) {
        List<Outbound> found = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Outbound message = messages.get(i);
            if (message.seq() > seq && !message.isSessionStart()) found.add(message);
        }
        return found;
    }

    void clear() {
        while (!messages.isEmpty()) messages.removeFirst();
        bytes = 0;
    }
}
