package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The stream from the server: what has come, what the application has handled, and which acknowledgement is due
 * ({@code docs/protocol.md}, section 4). Acknowledgements are cumulative and coalesced: at the latest after 64
 * messages, 256 KiB or 200 ms.
 */
final class Inbox {
    private static final int ACK_AFTER_MESSAGES = 64;
    private static final long ACK_AFTER_COST = 256 * 1024;
    private static final long ACK_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final boolean acknowledges;

    /** What the application was given and is not done with, oldest first; what it is done with out of turn, too. */
    private final ArrayDeque<Inbound> given = new ArrayDeque<>(1);

    private final RecentIds remembered;

    private long epoch;
    private @Nullable String lastReceived;
    private @Nullable String lastHandled;
    /** Up to where the stream is handled, from before the first message on. */
    private @Nullable String position;

    private int handledMessages;
    private long handledCost;
    private long ackDue = SessionMachine.NEVER;
    /** The connection still holds an acknowledgement. They are cumulative, so another would only take room. */
    private boolean ackInFlight;

    /**
     * An inbox before its first session.
     *
     * @param acknowledges whether the server is told what is handled
     * @param rememberedIds how many ids are remembered against duplicates
     */
    Inbox(boolean acknowledges, int rememberedIds) {
        this.acknowledges = acknowledges;
        this.remembered = new RecentIds(rememberedIds);
    }

    /** A new session begins where the server says that we stand. */
    void begin(@Nullable String position) {
        epoch++;
        lastReceived = position;
        lastHandled = null;
        this.position = position;
        given.clear();
        remembered.clear();
        acked();
    }

    /**
     * Goes on with the session of another process.
     *
     * @param handled whether {@code position} is a message that was handled, which the server may not have been told
     */
    void restore(String position, boolean handled) {
        begin(position);
        if (handled) lastHandled = position;
    }

    /** On a resumed session the acknowledgement may have been lost with the connection; it is due again. */
    void resumed(long now) {
        if (lastHandled != null) ackDue = now;
    }

    long epoch() {
        return epoch;
    }

    /** The last message that we have: handled, or on its way to the application. */
    @Nullable
    String lastReceived() {
        return lastReceived;
    }

    /** Returns whether an entry of the server's stream is a duplicate, and changes nothing. */
    boolean hasReceived(String id) {
        return remembered.contains(id);
    }

    /** Takes a message. Returns false for a duplicate, which is to be dropped. */
    boolean receive(String id) {
        if (!remembered.add(id)) return false;
        lastReceived = id;
        return true;
    }

    /** The message goes to the application. */
    void give(Inbound message) {
        if (acknowledges) given.add(message);
    }

    /** The application is done with some of what it was given. */
    void handled(long now) {
        advance();
        if (handledMessages >= ACK_AFTER_MESSAGES || handledCost >= ACK_AFTER_COST) {
            ackDue = now;
        } else if (handledMessages > 0 && ackDue == SessionMachine.NEVER) {
            ackDue = now + ACK_AFTER_NANOS;
        }
    }

    /** A message counts once all that came before it are handled as well: acknowledgements are cumulative. */
    private void advance() {
        for (Inbound oldest; (oldest = given.peek()) != null && oldest.isHandled(); ) {
            given.remove();
            lastHandled = oldest.id();
            position = lastHandled;
            handledMessages++;
            handledCost += oldest.cost();
        }
    }

    /** Up to where the application is done with the stream; null where the session has not begun. */
    @Nullable
    String position() {
        advance();
        return position;
    }

    /** Whether a message of the session has been handled. */
    boolean hasHandled() {
        advance();
        return lastHandled != null;
    }

    /** Returns when {@link #ack} is due. */
    long ackDue() {
        return ackInFlight ? SessionMachine.NEVER : ackDue;
    }

    /** Returns whether an acknowledgement will follow without another message being handled. */
    boolean isAckPending() {
        return ackDue != SessionMachine.NEVER;
    }

    /** The connection has written an acknowledgement. */
    void ackWritten() {
        ackInFlight = false;
    }

    void connectionLost() {
        ackInFlight = false;
    }

    /** The id to acknowledge up to, or null where nothing is to be acknowledged. */
    @Nullable
    String ack() {
        advance();
        boolean pending = handledMessages > 0 || ackDue != SessionMachine.NEVER;
        acked();
        if (!pending || lastHandled == null) return null;
        ackInFlight = true;
        return lastHandled;
    }

    private void acked() {
        handledMessages = 0;
        handledCost = 0;
        ackDue = SessionMachine.NEVER;
    }
}
