package dev.holdfast.internal.runtime;

import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.SessionState;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Reads and changes records for tests that plant a bug between the client and its store. */
public final class StoreRecordRewriter {
    private StoreRecordRewriter() {}

    /** Returns whether the change writes a message that has not ended. */
    public static boolean isMessage(StoreChange change) {
        return message(change) != null;
    }

    /** Returns whether the change writes a message that a connection has, or gets next. */
    public static boolean isHandedOver(StoreChange change) {
        StoreRecords.StoredMessage message = message(change);
        return message != null && message.handedOver;
    }

    private static StoreRecords.StoredMessage message(StoreChange change) {
        return content(change) instanceof StoreRecords.StoredMessage message && message.outcome == null
                ? message
                : null;
    }

    /** Returns the change of a message as it was before it was handed to a connection. */
    public static StoreChange waiting(StoreChange change) {
        StoreRecords.StoredMessage message = message(change);
        Outbound outbound = new Outbound(message.payload, 0, "no receipt", message.options);
        if (message.sessionStart) outbound.asSessionStart();
        if (message.givenUp) outbound.giveUp();
        StoreJournal.MessageChange waits = new StoreJournal.MessageChange(outbound, 0, false, 0, null);
        return StoreChange.put(change.key(), StoreRecords.message(change.key(), waits));
    }

    /** Returns the session that the change writes, null if it writes something else. */
    public static SessionState session(StoreChange change) {
        return content(change) instanceof SessionState session ? session : null;
    }

    /** Returns the change of a session with another position. */
    public static StoreChange withPosition(StoreChange change, UnaryOperator<SessionState> position) {
        SessionState changed = position.apply(session(change));
        return StoreChange.put(change.key(), StoreRecords.session(change.key(), changed));
    }

    /** Returns the cursors of subscriptions among the records of a store, by their names. */
    public static Map<String, String> cursors(Map<Long, byte[]> records) {
        Map<String, String> cursors = new TreeMap<>();
        records.forEach((key, bytes) -> {
            if (content(StoreChange.put(key, bytes)) instanceof StoreJournal.CursorChange cursor) {
                cursors.put(cursor.name, cursor.cursor);
            }
        });
        return cursors;
    }

    /** Returns the change of a cursor with another cursor, which is made of the name and the cursor; any other change as it is. */
    public static StoreChange withCursor(StoreChange change, BinaryOperator<String> other) {
        if (!(content(change) instanceof StoreJournal.CursorChange cursor)) return change;
        StoreJournal.CursorChange changed =
                new StoreJournal.CursorChange(cursor.name, other.apply(cursor.name, cursor.cursor), cursor.usedAt);
        return StoreChange.put(change.key(), StoreRecords.cursor(change.key(), changed));
    }

    private static Object content(StoreChange change) {
        byte[] bytes = change.bytes();
        if (bytes == null) return null;
        try {
            return StoreRecords.read(change.key(), bytes);
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }
}
