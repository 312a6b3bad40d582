package dev.holdfast.internal.runtime;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.Outcome;
import dev.holdfast.StoreChange;
import dev.holdfast.internal.session.Journal;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionState;
import dev.holdfast.internal.session.StoreRecord;
import dev.holdfast.internal.time.Ticker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The changes that are not in the store yet, the newest of each record. So there are never more of them than records. Safe from
 * any thread. Its lock may be taken while that of the {@link SharedQueue} is held, never the other way round.
 */
final class StoreJournal implements Journal {
    /** A message as it is to be stored. */
    static final class MessageChange {
        final Outbound message;
        final long seq;
        final boolean handedOver;
        /** The time of day at which the message expires if it still waits, in nanoseconds; 0 for never. */
        final long expiresAt;
        /** How the message ended, until that was reported; null if it has not ended. */
        final @Nullable Outcome outcome;

        MessageChange(Outbound message, long expiresAt, @Nullable Outcome outcome) {
            this(message, message.seq(), message.isHandedOver(), expiresAt, outcome);
        }

        MessageChange(Outbound message, long seq, boolean handedOver, long expiresAt, @Nullable Outcome outcome) {
            this.message = message;
            this.seq = seq;
            this.handedOver = handedOver;
            this.expiresAt = expiresAt;
            this.outcome = outcome;
        }
    }

    /** A cursor as it is to be stored. */
    static final class CursorChange {
        final String name;
        final String cursor;
        /** The time of day of its last use, in nanoseconds. */
        final long usedAt;

        CursorChange(String name, String cursor, long usedAt) {
            this.name = name;
            this.cursor = cursor;
            this.usedAt = usedAt;
        }
    }

    /** The result of {@link #take}. */
    static final class Taken {
        final List<StoreChange> changes = new ArrayList<>();
        /** The messages that are written. */
        final List<Outbound> messages = new ArrayList<>();
    }

    private final Ticker wall;
    private final StoreRecord sessionRecord = new StoreRecord(this);
    private final StoreRecord startRecord = new StoreRecord(this);

    /** Messages whose end has been recorded and not been reported. Confined to the serial context. */
    private List<Outbound> unreported = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();

    /** A {@link MessageChange}, {@link CursorChange}, {@link SessionState}, {@link Map} of payloads, or {@link #DELETED}, by its record. */
    @GuardedBy("lock")
    private Map<StoreRecord, Object> pending = new LinkedHashMap<>();

    @GuardedBy("lock")
    private long lastKey = StoreRecords.LAST_RESERVED_KEY;

    private volatile boolean open = true;

    private static final Object DELETED = new Object();

    /** @param wall the time of day */
    StoreJournal(Ticker wall) {
        this.wall = wall;
        sessionRecord.setKey(StoreRecords.SESSION_KEY);
        startRecord.setKey(StoreRecords.START_MESSAGES_KEY);
    }

    // ---- on any thread ----

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void put(Outbound message) {
        put(message, null);
    }

    private void put(Outbound message, @Nullable Outcome outcome) {
        StoreRecord record = message.record();
        if (record == null) return;
        long life = message.isHandedOver() ? 0 : StoreRecords.lifeNanos(message.options());
        set(record, new MessageChange(message, life == 0 ? 0 : wall.nanos() + life, outcome));
    }

    @Override
    public void ended(Outbound message, Outcome outcome) {
        if (!open || outcome.kind() == Outcome.Kind.STORED) return;
        if (outcome.isSuccess() || message.isSessionStart()) {
            remove(message);
        } else {
            // The report must not be lost if the process dies before it.
            put(message, outcome);
            unreported.add(message);
        }
    }

    @Override
    public boolean remove(Outbound message) {
        StoreRecord record = message.record();
        return record != null && delete(record);
    }

    @Override
    public boolean mayHave(StoreRecord record) {
        lock.lock();
        try {
            return open && record.key() != 0;
        } finally {
            lock.unlock();
        }
    }

    /** Records that a record is gone. Returns whether the store may have it. */
    boolean delete(StoreRecord record) {
        lock.lock();
        try {
            if (!open) return false;
            if (record.key() == 0) {
                pending.remove(record);
                return false;
            }
            pending.put(record, DELETED);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void set(StoreRecord record, Object content) {
        lock.lock();
        try {
            if (open) pending.put(record, content);
        } finally {
            lock.unlock();
        }
    }

    // ---- on the serial context ----

    void session(SessionState state) {
        if (state.isEmpty()) {
            delete(sessionRecord);
        } else {
            set(sessionRecord, state);
        }
    }

    void startMessages(Map<String, Payload> sent) {
        if (sent.isEmpty()) {
            delete(startRecord);
        } else {
            set(startRecord, sent);
        }
    }

    void cursor(StoreRecord record, String name, String cursor) {
        set(record, new CursorChange(name, cursor, wall.nanos()));
    }

    /** Returns a record that the store does not have. */
    StoreRecord newRecord() {
        return new StoreRecord(this);
    }

    /** Returns the record that a store has under the key. */
    StoreRecord restored(long key) {
        lock.lock();
        try {
            lastKey = Math.max(lastKey, key);
        } finally {
            lock.unlock();
        }
        StoreRecord record = new StoreRecord(this);
        record.setKey(key);
        return record;
    }

    /** Returns the messages whose recorded end is about to be reported. When it has been, they are to be removed. */
    List<Outbound> takeUnreported() {
        if (unreported.isEmpty()) return Collections.emptyList();
        List<Outbound> all = unreported;
        unreported = new ArrayList<>();
        return all;
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return pending.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Takes all changes, for one transaction. */
    Taken take() {
        Map<StoreRecord, Object> all;
        lock.lock();
        try {
            all = pending;
            pending = new LinkedHashMap<>();
            for (StoreRecord record : all.keySet()) {
                if (record.key() == 0) record.setKey(++lastKey);
            }
        } finally {
            lock.unlock();
        }
        Taken taken = new Taken();
        all.forEach((record, content) -> taken.changes.add(change(record.key(), content, taken.messages)));
        return taken;
    }

    @SuppressWarnings("unchecked") // The only maps are those of payloads.
    private static StoreChange change(long key, Object content, List<Outbound> messages) {
        if (content instanceof MessageChange) {
            MessageChange change = (MessageChange) content;
            if (change.outcome == null) messages.add(change.message);
            return StoreChange.put(key, StoreRecords.message(key, change));
        }
        if (content instanceof CursorChange) {
            return StoreChange.put(key, StoreRecords.cursor(key, (CursorChange) content));
        }
        if (content instanceof SessionState) {
            return StoreChange.put(key, StoreRecords.session(key, (SessionState) content));
        }
        if (content instanceof Map) {
            return StoreChange.put(key, StoreRecords.startMessages(key, (Map<String, Payload>) content));
        }
        return StoreChange.delete(key);
    }

    /** Records nothing from now on. */
    void close() {
        open = false;
        lock.lock();
        try {
            pending = new LinkedHashMap<>();
        } finally {
            lock.unlock();
        }
        unreported = new ArrayList<>();
    }
}
