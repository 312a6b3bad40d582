package dev.holdfast.internal.session;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link SessionMachine} that outlives the process: what a store or a snapshot keeps of the session beside the
 * messages, and what the next process takes over. Confined like the machine.
 */
public final class DurableState {
    private final SessionStream stream;

    DurableState(SessionStream stream) {
        this.stream = stream;
    }

    /** Takes over the session of another process. */
    public void restore(Snapshot snapshot) {
        SessionState state = new SessionState(
                snapshot.sid, snapshot.key, snapshot.position, snapshot.handled, snapshot.nextSeq, null);
        stream.identity().restore(state, snapshot.unacknowledged, snapshot.startMessages);
    }

    /**
     * Takes over the session of another process.
     *
     * @param state has the session's id and key
     * @param unacknowledged the messages without an outcome, in the order of their seqs
     * @param startMessages the session start messages that were sent in the session, by name
     */
    public void restore(SessionState state, List<Outbound> unacknowledged, Map<String, Payload> startMessages) {
        stream.identity().restore(state, unacknowledged, startMessages);
    }

    /** Goes on after a message of the server that another process has handled, see {@link SessionState#position}. */
    public void restorePosition(String position) {
        stream.restorePosition(position);
    }

    /** Returns what a store keeps of the session beside the messages. */
    public SessionState sessionState() {
        return stream.identity().state();
    }

    /** Takes over the loss of a session that another process has not reported, see {@link SessionState#lost}. */
    public void restoreLoss(String reason) {
        stream.identity().restoreLoss(reason);
    }

    /** Returns why a session was lost, the first time after the loss; null for none. */
    public @Nullable String takeLoss() {
        return stream.identity().takeLoss();
    }

    /** Records that the application has been told of the loss that {@link #takeLoss} returned. */
    public void lossReported() {
        stream.identity().lossReported();
    }

    /** Returns a number that is another one if {@link #sentStartMessages} may be other ones. */
    public int startMessageChanges() {
        return stream.startMessageChanges();
    }

    /** Returns the session start messages that were sent in the session, by name. */
    public Map<String, Payload> sentStartMessages() {
        return stream.sentStartMessages();
    }

    /** Takes over the cursors of subscriptions by the names under which they are stored, the one used the longest ago first. */
    public void restoreCursors(Map<String, String> cursors) {
        stream.outbox.subscriptions().restore(cursors);
    }

    /** Returns the cursors of subscriptions that have changed since the last call, with null for one that is gone. */
    public Map<String, @Nullable String> takeCursorChanges() {
        return stream.outbox.subscriptions().cursors().takeChanges();
    }
}
