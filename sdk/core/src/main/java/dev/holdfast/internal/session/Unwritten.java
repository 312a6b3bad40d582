package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The entries that the connection was given and has not written, in order: messages, and envelopes of the session
 * between them.
 *
 * <p>Not thread-safe.
 */
final class Unwritten {
    /** The entry for an envelope of the session itself. */
    private static final Outbound ENVELOPE = new Outbound(Payload.text(""), 0, "envelope");

    /** The entry for an acknowledgement. */
    private static final Outbound ACKNOWLEDGEMENT = new Outbound(Payload.text(""), 0, "acknowledgement");

    private final ArrayDeque<Outbound> entries = new ArrayDeque<>(1);
    private long bytes;

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Returns the payload bytes of the messages. */
    long bytes() {
        return bytes;
    }

    void add(Outbound message) {
        entries.add(message);
        bytes += message.bytes();
    }

    void addEnvelope() {
        entries.add(ENVELOPE);
    }

    void addAcknowledgement() {
        entries.add(ACKNOWLEDGEMENT);
    }

    static boolean isMessage(Outbound entry) {
        return entry != ENVELOPE && entry != ACKNOWLEDGEMENT;
    }

    static boolean isAcknowledgement(Outbound entry) {
        return entry == ACKNOWLEDGEMENT;
    }

    /** Removes the oldest entry. */
    Outbound remove() {
        Outbound entry = entries.remove();
        bytes -= entry.bytes();
        return entry;
    }

    /** Removes the oldest message and everything before it; returns null if there is no message left. */
    @Nullable
    Outbound pollMessage() {
        while (!entries.isEmpty()) {
            Outbound entry = remove();
            if (isMessage(entry)) return entry;
        }
        return null;
    }

    void clear() {
        entries.clear();
        bytes = 0;
    }
}
