package dev.holdfast.internal.session;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The stream from the server: the messages received, those the application has handled, and the acknowledgement that
 * is due ({@code docs/protocol.md}, section 4). Acknowledgements are cumulative and coalesced: at the latest after 64
 * messages, 256 KiB or 200 ms.
 */
final class Inbox {
    private static final int ACK_AFTER_MESSAGES = 64;
    private static final long ACK_AFTER_COST = 256 * 1024;
    private static final long ACK_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final boolean acknowledges;

    /**
     * The messages given to the application and not yet counted as handled, oldest first, with those that it handled
     * out of turn.
     */
    private final ArrayDeque<Inbound> given = new ArrayDeque<>(1);

    private final RecentIds remembered;

    /** Whether a message has come on the current connection. */
    private boolean received;

    private @Nullable String lastReceived;
    private @Nullable String lastHandled;
    /** The entry up to which the stream has been handled, starting before the first message. */
    private @Nullable String position;

    private int handledMessages;
    private long handledCost;
    private long ackDue = SessionMachine.NEVER;
    /**
     * Whether an acknowledgement is still unwritten. Acknowledgements are cumulative, so another one would only take
     * room.
     */
    private boolean ackInFlight;

    /**
     * Creates an inbox before its first session.
     *
     * @param acknowledges whether the client acknowledges handled messages
     * @param rememberedIds the number of ids that are remembered to detect duplicates
     */
    Inbox(boolean acknowledges, int rememberedIds) {
        this.acknowledges = acknowledges;
        this.remembered = new RecentIds(rememberedIds);
    }

    /** Begins a new session at the position that the server names. */
    void begin(@Nullable String position) {
        lastReceived = position;
        lastHandled = null;
        this.position = position;
        given.clear();
        remembered.clear();
        acked();
    }

    /**
     * Continues the session of another process.
     *
     * @param handled whether {@code position} is a handled message, which may not have been acknowledged
     */
    void restore(@Nullable String position, boolean handled) {
        begin(position);
        if (handled) lastHandled = position;
    }

    /** Continues after a message of a server that is asked for what came after it. */
    void resumeAfter(String id) {
        receive(id);
        position = id;
        received = false;
    }

    /**
     * Drops the position, because the server refused it.
     *
     * @param refusesRequest whether the server refused a request, of which a connection over HTTP may make several
     * @return false if there is none, or if a message has come on the current connection: the server did not refuse it
     */
    boolean dropPosition(boolean refusesRequest) {
        if (lastReceived == null || (received && !refusesRequest)) return false;
        begin(null);
        return true;
    }

    /** Makes the acknowledgement due again on a resumed session: the connection may have lost it. */
    void resumed(long now) {
        if (lastHandled != null) ackDue = now;
    }

    /** Returns the id of the last message received, handled or on its way to the application. */
    @Nullable
    String lastReceived() {
        return lastReceived;
    }

    /** Returns whether an entry of the server's stream is a duplicate. Changes nothing. */
    boolean hasReceived(String id) {
        return remembered.contains(id);
    }

    /** Records a received message. Returns false for a duplicate, which must be dropped. */
    boolean receive(String id) {
        received = true;
        if (!remembered.add(id)) return false;
        lastReceived = id;
        return true;
    }

    /** Moves to a position that the server names without a message; null for none. A message with this id may still come. */
    void moveTo(@Nullable String id) {
        received = true;
        lastReceived = id;
    }

    /** Records that a message goes to the application. */
    void give(Inbound message) {
        received = true;
        if (acknowledges) given.add(message);
    }

    /** Records that the application has handled some of the messages given to it. */
    void handled(long now) {
        advance();
        if (handledMessages >= ACK_AFTER_MESSAGES || handledCost >= ACK_AFTER_COST) {
            ackDue = now;
        } else if (handledMessages > 0 && ackDue == SessionMachine.NEVER) {
            ackDue = now + ACK_AFTER_NANOS;
        }
    }

    /**
     * Advances the position. A message counts once all messages before it are handled: acknowledgements are
     * cumulative.
     */
    private void advance() {
        for (Inbound oldest; (oldest = given.peek()) != null && oldest.isHandled(); ) {
            given.remove();
            // Without acknowledgements, a message may have no id.
            if (oldest.id() != null) {
                lastHandled = oldest.id();
                position = lastHandled;
            }
            handledMessages++;
            handledCost += oldest.cost();
        }
    }

    /** Returns the entry up to which the application has handled the stream, null before the session has begun. */
    @Nullable
    String position() {
        advance();
        return position;
    }

    /** Returns whether the application has handled a message of the session. */
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

    /** Records a reply to a control message, which counts as an acknowledgement. Returns false if one is still unwritten. */
    boolean beginReply() {
        if (ackInFlight) return false;
        ackInFlight = true;
        return true;
    }

    /** Records that the connection has written an acknowledgement. */
    void ackWritten() {
        ackInFlight = false;
    }

    void connectionLost() {
        received = false;
        ackInFlight = false;
    }

    /** Returns the id to acknowledge up to, null if there is nothing to acknowledge. */
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
