package dev.holdfast.internal.session;

import org.jspecify.annotations.Nullable;

/**
 * A detector of the message that the server, or something on the way to it, cannot handle: it goes first on every
 * connection and ends each of them.
 *
 * <p>Not thread-safe.
 */
final class Suspicion {
    private static final int ENOUGH_LOSSES = 3;
    private static final int TOO_LARGE = 4413;
    private static final int TOO_LARGE_FRAME = 1009;

    private @Nullable Outbound first;
    private int losses;

    /**
     * Judges a lost connection by the messages in flight on it.
     *
     * @param closeCode the server's, 0 for none
     * @param ofLastWritten whether the message that was written last is known to be the reason
     * @param sent the messages that wait for their outcome, of which the first {@code inFlight} were handed to the
     *     connection
     * @return the message to suspect, null for none
     */
    @Nullable
    Outbound after(int closeCode, boolean ofLastWritten, SeqRing sent, int inFlight) {
        if (closeCode == TOO_LARGE || closeCode == TOO_LARGE_FRAME) {
            Outbound refused = ofLastWritten ? lastWritten(sent, inFlight) : null;
            if (refused == null) refused = largest(sent, inFlight);
            if (refused != null) refused.markRefusedForSize();
            return refused;
        }
        int oldest = 0;
        while (oldest < inFlight && sent.get(oldest).isEnded()) oldest++;
        // A connection without messages says nothing about any of them.
        if (oldest == inFlight) return null;
        Outbound message = sent.get(oldest);
        losses = message == first ? losses + 1 : 1;
        first = message;
        return losses >= ENOUGH_LOSSES ? message : null;
    }

    /**
     * Over HTTP, something has answered the one request that was under way with 413, and it had one message. Another one with a larger
     * payload may have passed: encoded, it was shorter.
     */
    private static @Nullable Outbound lastWritten(SeqRing sent, int inFlight) {
        for (int i = inFlight - 1; i >= 0; i--) {
            Outbound message = sent.get(i);
            if (message.inSocketSince() != SessionMachine.NEVER) return message.isEnded() ? null : message;
        }
        return null;
    }

    /** If any message is too large for the server, the largest one is. */
    private static @Nullable Outbound largest(SeqRing sent, int inFlight) {
        Outbound largest = null;
        for (int i = 0; i < inFlight; i++) {
            Outbound message = sent.get(i);
            if (!message.isEnded() && (largest == null || message.bytes() > largest.bytes())) largest = message;
        }
        return largest;
    }
}
