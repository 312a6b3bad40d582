package dev.holdfast.internal.runtime;

import dev.holdfast.SendOptions;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import dev.holdfast.internal.concurrent.Uncaught;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.internal.session.SessionMachine;
import dev.holdfast.internal.session.SessionState;
import dev.holdfast.internal.session.StoreRecord;
import dev.holdfast.internal.time.Scheduler;
import dev.holdfast.internal.time.Ticker;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of its {@link SessionStore}: opens it, and writes what the journal and the machine have changed. Confined to
 * the serial context, which waits while the store works, for a limited time: {@link StoreCalls}.
 */
final class StoreKeeper {
    private static final SessionState NOTHING = new SessionState(null, null, null, false, 1, null);

    private final SessionStore store;
    private final StoreJournal journal;
    private final StoreCalls calls;
    private final Ticker wall;
    private final boolean continuesInMemory;
    private final UnaryOperator<Payload> encoding;
    private final BiFunction<Payload, SendOptions, Outbound> receipts;
    /** The records of cursors, by the names under which they are stored. */
    private final Map<String, StoreRecord> cursors = new HashMap<>();

    /** The records in the store or the journal. */
    private SessionState state = NOTHING;

    private int startMessageChanges;
    /** Whether nothing more is written. */
    private boolean closed = true;
    /** Whether the store is open. Belongs to the call of the store that is under way, also to one that was given up. */
    private boolean owned;

    /**
     * @param executor runs what blocks. It must not refuse a task
     * @param wall the time of day
     * @param continuesInMemory whether the client goes on if the store fails
     * @param encoding makes of a payload what goes out; may throw
     * @param receipts makes a message of an earlier process, with a receipt for the application
     */
    StoreKeeper(
            SessionStore store,
            StoreJournal journal,
            SerialContext serial,
            Executor executor,
            Scheduler scheduler,
            Ticker wall,
            boolean continuesInMemory,
            UnaryOperator<Payload> encoding,
            BiFunction<Payload, SendOptions, Outbound> receipts) {
        this.calls = new StoreCalls(serial, executor, scheduler, this::closeStore);
        this.store = store;
        this.journal = journal;
        this.wall = wall;
        this.continuesInMemory = continuesInMemory;
        this.encoding = encoding;
        this.receipts = receipts;
    }

    boolean continuesInMemory() {
        return continuesInMemory;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Opens the store. Call last in a task of the serial context.
     *
     * @param then gets what an earlier process left in the store, or the failure. What that decides is in the store then
     */
    void open(
            boolean resumable,
            boolean resendsWithKey,
            Ticker elapsed,
            BiConsumer<@Nullable StoreContent, @Nullable StoreException> then) {
        calls.call(() -> read(resumable, resendsWithKey, elapsed), (content, failure) -> {
            if (content != null) {
                closed = false;
                state = content.storedState();
                cursors.putAll(content.cursorRecords());
            }
            then.accept(content, failure);
        });
    }

    private StoreContent read(boolean resumable, boolean resendsWithKey, Ticker elapsed) throws StoreException {
        Map<Long, byte[]> records;
        try {
            records = store.open();
        } catch (StoreException e) {
            // Another owner's store must not be closed.
            throw e;
        } catch (Exception e) {
            throw thrown("open", e);
        }
        owned = true;
        boolean done = false;
        try {
            StoreContent content = new StoreContent(
                    records,
                    resumable,
                    resendsWithKey,
                    !store.mayBeOldCopy(),
                    journal,
                    encoding,
                    receipts,
                    wall.nanos(),
                    elapsed.nanos());
            if (!content.decided.isEmpty()) write(content.decided);
            done = true;
            return content;
        } finally {
            if (!done) closeStore();
        }
    }

    /** Records what the machine has changed beside its messages. */
    void note(SessionMachine machine) {
        SessionState now = machine.durable.sessionState();
        if (!now.equals(state)) {
            state = now;
            journal.session(now);
        }
        int changes = machine.durable.startMessageChanges();
        if (changes != startMessageChanges && changes != 0) {
            startMessageChanges = changes;
            journal.startMessages(machine.durable.sentStartMessages());
        }
        machine.durable.takeCursorChanges().forEach(this::note);
    }

    private void note(String name, @Nullable String cursor) {
        if (cursor != null) {
            journal.cursor(cursors.computeIfAbsent(name, unused -> journal.newRecord()), name, cursor);
            return;
        }
        StoreRecord gone = cursors.remove(name);
        if (gone != null) journal.delete(gone);
    }

    /** Returns whether there is nothing to write. */
    boolean isClean() {
        return journal.isEmpty();
    }

    /**
     * Writes all changes in one transaction. Call last in a task of the serial context.
     *
     * @param last whether the client has ended, and the store is closed
     * @param then gets the messages that were written, or the failure. The store is closed after a failure
     */
    void commit(boolean last, BiConsumer<List<Outbound>, @Nullable StoreException> then) {
        boolean writes = !closed;
        if (last) closed = true;
        calls.call(() -> commitNow(writes, last), (written, failure) -> {
            if (last) journal.close();
            then.accept(written == null ? Collections.emptyList() : written, failure);
        });
    }

    private List<Outbound> commitNow(boolean writes, boolean last) throws StoreException {
        StoreJournal.Taken taken = journal.take();
        boolean done = false;
        try {
            if (writes && !taken.changes.isEmpty()) write(taken.changes);
            done = true;
        } finally {
            if (last || !done) closeStore();
        }
        return taken.messages;
    }

    private void write(List<StoreChange> changes) throws StoreException {
        try {
            store.commit(changes);
        } catch (StoreException e) {
            throw e;
        } catch (Exception e) {
            throw thrown("commit", e);
        }
    }

    private static StoreException thrown(String method, Exception e) {
        return new StoreException(
                StoreException.Kind.FAILED,
                "SessionStore." + method + " threw " + e.getClass().getSimpleName(),
                e);
    }

    /** Returns the messages whose end this turn has reported. */
    List<Outbound> takeUnreported() {
        return journal.takeUnreported();
    }

    /** Writes nothing more: the store has failed, and is closed or was given up. */
    void abandon() {
        closed = true;
        journal.close();
    }

    /** Closes the store, and writes nothing more. Call last in a task of the serial context. */
    void close(Runnable then) {
        if (closed) {
            then.run();
            return;
        }
        abandon();
        calls.call(
                () -> {
                    closeStore();
                    return true;
                },
                (done, failure) -> then.run());
    }

    private void closeStore() {
        if (!owned) return;
        owned = false;
        Uncaught.run(store::close);
    }
}
