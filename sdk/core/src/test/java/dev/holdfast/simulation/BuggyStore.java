package dev.holdfast.simulation;

import dev.holdfast.MemoryStore;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.internal.runtime.StoreRecordRewriter;
import dev.holdfast.internal.session.SessionState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A store that has one bug of a client planted in it. A client that acts on a change before the commit, and one whose store
 * returns from the commit before it has the change, look the same from outside. So the store holds back the changes of one kind
 * until the next commit, and the process may die in between.
 */
final class BuggyStore implements SessionStore {
    /** A client that acts before its store knows. */
    enum Bug {
        NONE,
        ACK_BEFORE_COMMIT,
        RECEIPT_BEFORE_COMMIT,
        SOCKET_BEFORE_COMMIT,
        POSITION_BEFORE_EFFECT
    }

    private final MemoryStore disk;
    private final Bug bug;
    private final UnaryOperator<String> nextSent;
    private final Map<Long, StoreChange> heldBack = new LinkedHashMap<>();
    private final Map<Long, byte[]> newest = new LinkedHashMap<>();

    /** @param nextSent returns the position of the next message that the server has sent, or the same if there is none */
    BuggyStore(MemoryStore disk, Bug bug, UnaryOperator<String> nextSent) {
        this.disk = disk;
        this.bug = bug;
        this.nextSent = nextSent;
    }

    @Override
    public Map<Long, byte[]> open() throws StoreException {
        Map<Long, byte[]> records = disk.open();
        newest.clear();
        newest.putAll(records);
        return records;
    }

    @Override
    public void commit(List<StoreChange> changes) throws StoreException {
        Map<Long, StoreChange> due = new LinkedHashMap<>(heldBack);
        heldBack.clear();
        for (StoreChange change : changes) {
            StoreChange before = due.remove(change.key());
            StoreChange now = withBug(change, before != null || newest.containsKey(change.key()));
            if (now != null) due.put(change.key(), now);
            if (change.bytes() == null) newest.remove(change.key());
            else newest.put(change.key(), change.bytes());
        }
        if (!due.isEmpty()) disk.commit(new ArrayList<>(due.values()));
    }

    /** Returns what is written now, null for nothing. */
    private StoreChange withBug(StoreChange change, boolean isKnown) {
        SessionState session = StoreRecordRewriter.session(change);
        switch (bug) {
            case ACK_BEFORE_COMMIT:
                if (session == null || !isKnown) return change;
                SessionState before =
                        StoreRecordRewriter.session(StoreChange.put(change.key(), newest.get(change.key())));
                if (before == null || before.sid == null || !before.sid.equals(session.sid)) return change;
                heldBack.put(change.key(), change);
                return StoreRecordRewriter.withPosition(
                        change, now -> positioned(now, before.position, before.handled));
            case POSITION_BEFORE_EFFECT:
                if (session == null || session.sid == null || session.position == null) return change;
                return StoreRecordRewriter.withPosition(
                        change, now -> positioned(now, nextSent.apply(now.position), now.handled));
            case RECEIPT_BEFORE_COMMIT:
                if (isKnown || !StoreRecordRewriter.isMessage(change) || StoreRecordRewriter.isHandedOver(change)) {
                    return change;
                }
                heldBack.put(change.key(), change);
                return null;
            case SOCKET_BEFORE_COMMIT:
                if (!StoreRecordRewriter.isHandedOver(change)) return change;
                heldBack.put(change.key(), change);
                return StoreRecordRewriter.waiting(change);
            default:
                return change;
        }
    }

    private static SessionState positioned(SessionState state, String position, boolean handled) {
        return new SessionState(state.sid, state.key, position, handled, state.nextSeq, state.lost);
    }

    void ownerDied() {
        // It dies with the process.
        heldBack.clear();
        disk.ownerDied();
    }

    @Override
    public void close() {
        try {
            if (!heldBack.isEmpty()) disk.commit(new ArrayList<>(heldBack.values()));
        } catch (StoreException e) {
            throw new AssertionError(e);
        } finally {
            heldBack.clear();
            disk.close();
        }
    }

    @Override
    public boolean mayBeOldCopy() {
        return disk.mayBeOldCopy();
    }
}
