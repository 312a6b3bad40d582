package dev.holdfast.internal.runtime;

import dev.holdfast.Outcome;
import dev.holdfast.SendOptions;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.internal.session.LostSession;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionState;
import dev.holdfast.internal.session.StoreRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The records that an earlier process left in a store. */
final class StoreContent {
    private final boolean resumable;
    private final boolean resendsWithKey;
    private final boolean trusted;
    private SessionState stored = new SessionState(null, null, null, false, 1, null);
    private Map<String, Payload> startMessages = Collections.emptyMap();
    private final StoreJournal journal;
    private final UnaryOperator<Payload> encoding;
    private final Map<String, StoreRecord> cursorRecords = new HashMap<>();
    private final List<StoreJournal.CursorChange> cursors = new ArrayList<>();

    /** All messages with a receipt for the application, in the order in which they were sent. */
    final List<Outbound> received = new ArrayList<>();
    /** The messages that were handed to a connection of the session, in the order of their seqs. */
    final List<Outbound> unacknowledged = new ArrayList<>();
    /** The messages that wait, in order. */
    final List<Outbound> waiting = new ArrayList<>();
    /** The messages that have ended, which nobody was told. */
    final Map<Outbound, Outcome> ended = new LinkedHashMap<>();
    /** The records to write before any of these is used: another process could decide otherwise. */
    final List<StoreChange> decided = new ArrayList<>();

    /**
     * @param resendsWithKey whether a message of unknown outcome that carries an idempotency key goes out again
     * @param trusted whether no process can have changed the session since
     * @param encoding makes of a payload what goes out; may throw
     * @param wall the time of day in nanoseconds
     * @param now the machine's time
     */
    StoreContent(
            Map<Long, byte[]> records,
            boolean resumable,
            boolean resendsWithKey,
            boolean trusted,
            StoreJournal journal,
            UnaryOperator<Payload> encoding,
            BiFunction<Payload, SendOptions, Outbound> receipts,
            long wall,
            long now)
            throws StoreException {
        this.resumable = resumable;
        this.resendsWithKey = resendsWithKey;
        this.trusted = trusted;
        this.journal = journal;
        this.encoding = encoding;
        Map<Long, StoreRecords.StoredMessage> messages = new TreeMap<>();
        for (Map.Entry<Long, byte[]> record : records.entrySet()) {
            take(record.getKey(), StoreRecords.read(record.getKey(), record.getValue()), messages);
        }
        messages.forEach((key, message) -> {
            Outbound outbound = outbound(message, receipts);
            if (message.sessionStart) outbound.asSessionStart();
            if (message.givenUp) outbound.giveUp();
            sort(outbound, message, wall, now);
            StoreRecord record = journal.restored(key);
            outbound.storeIn(record).markStored();
            if (isNews(message, outbound)) decided.add(decided(key, message, outbound));
            if (!message.sessionStart) received.add(outbound);
        });
        unacknowledged.sort(Comparator.comparingLong(Outbound::seq));
    }

    @SuppressWarnings("unchecked") // The only maps are those of payloads.
    private void take(long key, Object content, Map<Long, StoreRecords.StoredMessage> messages) {
        if (content instanceof SessionState) {
            stored = (SessionState) content;
        } else if (content instanceof Map) {
            startMessages = (Map<String, Payload>) content;
        } else if (content instanceof StoreJournal.CursorChange) {
            StoreJournal.CursorChange cursor = (StoreJournal.CursorChange) content;
            cursors.add(cursor);
            cursorRecords.put(cursor.name, journal.restored(key));
        } else {
            messages.put(key, (StoreRecords.StoredMessage) content);
        }
    }

    /** Returns a message as it goes out, or as it was if it does not go out. */
    private Outbound outbound(StoreRecords.StoredMessage message, BiFunction<Payload, SendOptions, Outbound> receipts) {
        // The protocol's code makes no second message of one that may be on the server.
        if (message.outcome != null || (message.handedOver && !resumable)) {
            return receipts.apply(message.payload, message.options);
        }
        Payload encoded;
        try {
            encoded = encoding.apply(message.payload);
        } catch (Throwable e) {
            Outbound refused = receipts.apply(message.payload, message.options);
            ended.put(
                    refused,
                    Outcome.cancelled(Outcome.Reason.RESTORED, "the protocol refused it after the restart: " + e));
            return refused;
        }
        return receipts.apply(encoded, message.options);
    }

    private void sort(Outbound outbound, StoreRecords.StoredMessage message, long wall, long now) {
        if (ended.containsKey(outbound)) return;
        long left = message.expiresAt - wall;
        if (message.outcome != null) {
            ended.put(outbound, message.outcome);
        } else if (message.handedOver && hasSession() && message.seq > 0) {
            unacknowledged.add(outbound.restored(message.seq));
        } else if (message.handedOver && resendsWithKey && outbound.idempotencyKey() != null) {
            // Its session is lost.
            outbound.markResent();
            waiting.add(outbound);
        } else if (message.handedOver) {
            ended.put(
                    outbound,
                    Outcome.unknown(Outcome.Reason.RESTORED, "an earlier process was writing it when it ended"));
        } else if (message.expiresAt != 0 && left <= 0) {
            ended.put(outbound, Outcome.expired());
        } else {
            // A clock that was set back does not prolong its life.
            long life = StoreRecords.lifeNanos(message.options);
            if (life > 0) outbound.sentAt(now - life + Math.min(left, life));
            waiting.add(outbound);
        }
    }

    /** Returns whether the message has just ended, or waits again and the seq in its record is that of a lost session. */
    private boolean isNews(StoreRecords.StoredMessage message, Outbound outbound) {
        if (ended.containsKey(outbound)) return message.outcome == null;
        return message.seq > 0 && !outbound.isHandedOver();
    }

    private StoreChange decided(long key, StoreRecords.StoredMessage message, Outbound outbound) {
        // A message of a lost session stays handed over: it neither expires nor was it certainly not handled.
        StoreJournal.MessageChange change =
                new StoreJournal.MessageChange(outbound, 0, message.handedOver, 0, ended.get(outbound));
        return StoreChange.put(key, StoreRecords.message(key, change));
    }

    /** Returns what the store has of the session, whether it can be resumed or not. */
    SessionState storedState() {
        return stored;
    }

    /** Returns whether there is a session to resume. */
    boolean hasSession() {
        return resumable && stored.sid != null;
    }

    /** Returns the session to resume. */
    SessionState session() {
        long next = stored.nextSeq;
        for (Outbound message : unacknowledged) next = Math.max(next, message.seq() + 1);
        return new SessionState(stored.sid, stored.key, stored.position, stored.handled, next, null);
    }

    /** Returns the loss of a session that an earlier process did not report, null for none. */
    @Nullable
    LostSession lost() {
        String reason = stored.lost;
        if (reason == null) return null;
        List<Outbound> unknown = new ArrayList<>();
        ended.forEach((message, outcome) -> {
            if (outcome.reason() == Outcome.Reason.SESSION_LOST) unknown.add(message);
        });
        return new LostSession(reason, unknown, Collections.emptyList(), 0);
    }

    /** Returns the cursors of subscriptions by the names under which they are stored, the one used the longest ago first. */
    Map<String, String> cursors() {
        Map<String, String> byUse = new LinkedHashMap<>();
        cursors.sort(Comparator.comparingLong(cursor -> cursor.usedAt));
        for (StoreJournal.CursorChange cursor : cursors) byUse.put(cursor.name, cursor.cursor);
        return byUse;
    }

    Map<String, StoreRecord> cursorRecords() {
        return cursorRecords;
    }

    Map<String, Payload> startMessages() {
        return startMessages;
    }

    /** Returns whether no process can have sent the messages that wait. */
    boolean isProven() {
        return trusted || !hasSession();
    }
}
