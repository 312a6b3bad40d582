package dev.holdfast.android;

import android.content.Context;
import android.database.sqlite.SQLiteDatabase;
import android.database.sqlite.SQLiteDatabaseCorruptException;
import android.database.sqlite.SQLiteDatabaseLockedException;
import android.database.sqlite.SQLiteException;
import android.database.sqlite.SQLiteFullException;
import android.database.sqlite.SQLiteStatement;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a session and its messages in a SQLite file of the application, so that they survive the process and a flat battery.
 *
 * <pre>{@code
 * HoldfastClient client = HoldfastAndroid.builder(this, "wss://example.com/live")
 *         .session(Session.resumable())
 *         .store(new AndroidSessionStore(this, "live.db"))
 *         .build();
 * }</pre>
 *
 * <p>It uses Android's own SQLite. The file is in {@link Context#getNoBackupFilesDir}: it holds the session's secret, and a copy
 * of an old session would be of no use on another device. One client at a time has the file; another one, or another process of
 * the application, fails with {@link StoreException.Kind#IN_USE}, after up to three seconds.
 *
 * <p>The constructor opens nothing, so it may be called on the main thread. The client calls the other methods, on threads of the
 * SDK.
 */
public final class AndroidSessionStore implements SessionStore {
    private final Context context;
    private final String name;

    /** Most bytes of the file; 0 for no limit. For tests. */
    private final long maxBytes;

    private volatile @Nullable SQLiteDatabase database;

    /**
     * Creates a store, and opens nothing yet.
     *
     * @param context any context; the store keeps the application's
     * @param name the file's name, without a path, for example {@code live.db}. SQLite keeps files beside it whose names begin
     *     with this one
     * @throws IllegalArgumentException if {@code name} is empty or contains a path
     */
    public AndroidSessionStore(Context context, String name) {
        this(context, name, 0);
    }

    AndroidSessionStore(Context context, String name, long maxBytes) {
        if (name.isEmpty() || name.indexOf(File.separatorChar) >= 0) {
            throw new IllegalArgumentException("name must be that of a file, without a path, but was \"" + name + '"');
        }
        this.context = HoldfastAndroid.applicationOf(Objects.requireNonNull(context, "context"));
        this.name = name;
        this.maxBytes = maxBytes;
    }

    @Override
    public Map<Long, byte[]> open() throws StoreException {
        File file = new File(context.getNoBackupFilesDir(), name);
        if (database != null) throw inUse(null);
        SQLiteDatabase opened = null;
        boolean done = false;
        try {
            opened = StoreTables.open(file, maxBytes);
            Map<Long, byte[]> records = StoreTables.records(opened);
            database = opened;
            done = true;
            return records;
        } catch (SQLiteDatabaseLockedException e) {
            throw inUse(e);
        } catch (StoreTables.NewerException e) {
            throw new StoreException(
                    StoreException.Kind.DAMAGED, "could not open the session store " + name + ": " + e.getMessage(), e);
        } catch (SQLiteException e) {
            throw failure("open", e);
        } finally {
            if (!done) close(opened);
        }
    }

    private StoreException inUse(@Nullable SQLiteException cause) {
        return new StoreException(
                StoreException.Kind.IN_USE,
                "the session store " + name + " is open in another client or another process."
                        + " Close that one, or give each client a file of its own",
                cause);
    }

    @Override
    public void commit(List<StoreChange> changes) throws StoreException {
        SQLiteDatabase current = database;
        if (current == null) {
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "the session store " + name + " is not open: its client has ended",
                    null);
        }
        try {
            write(current, changes);
        } catch (SQLiteException e) {
            throw failure("write to", e);
        }
    }

    private static void write(SQLiteDatabase database, List<StoreChange> changes) {
        database.beginTransactionNonExclusive();
        boolean written = false;
        try (SQLiteStatement put = database.compileStatement(StoreTables.PUT);
                SQLiteStatement delete = database.compileStatement(StoreTables.DELETE)) {
            for (StoreChange change : changes) {
                byte[] bytes = change.bytes();
                SQLiteStatement statement = bytes == null ? delete : put;
                statement.bindLong(1, change.key());
                if (bytes != null) statement.bindBlob(2, bytes);
                statement.executeUpdateDelete();
            }
            database.setTransactionSuccessful();
            written = true;
        } finally {
            if (!written) rollBack(database);
        }
        database.endTransaction();
    }

    /** Ends a transaction that has failed. SQLite may have rolled it back itself, as it does when the disk is full. */
    private static void rollBack(SQLiteDatabase database) {
        try {
            database.endTransaction();
        } catch (SQLiteException e) {
            // The caller reports why it failed in the first place.
        }
    }

    @Override
    public void close() {
        close(database);
        database = null;
    }

    private static void close(@Nullable SQLiteDatabase opened) {
        if (opened == null) return;
        try {
            opened.close();
        } catch (SQLiteException e) {
            // Committed changes are safe, and the system closes the file when the process ends.
        }
    }

    /** Returns false: no backup contains the file, and each commit waits for the disk. */
    @Override
    public boolean mayBeOldCopy() {
        return false;
    }

    private StoreException failure(String action, SQLiteException failure) {
        String what = "could not " + action + " the session store " + name + ": ";
        if (failure instanceof SQLiteFullException) {
            return new StoreException(StoreException.Kind.FULL, what + "the storage is full. Free some space", failure);
        }
        if (failure instanceof SQLiteDatabaseCorruptException) {
            return new StoreException(
                    StoreException.Kind.DAMAGED,
                    what + "the file is damaged, or is no SQLite database. Delete it to start with an empty store",
                    failure);
        }
        return new StoreException(StoreException.Kind.FAILED, what + failure.getMessage(), failure);
    }

    @Override
    public String toString() {
        return "session store " + name;
    }
}
