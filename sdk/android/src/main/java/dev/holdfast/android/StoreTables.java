package dev.holdfast.android;

import android.database.Cursor;
import android.database.sqlite.SQLiteDatabase;
import android.database.sqlite.SQLiteException;
import java.io.File;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tables of a session store, how an older file gets them, and how records are read that are larger than a cursor's window. */
final class StoreTables {
    static final String PUT = "INSERT OR REPLACE INTO holdfast_record (key, bytes) VALUES (?, ?)";
    static final String DELETE = "DELETE FROM holdfast_record WHERE key = ?";

    /** The steps from each version to the next; the first one creates version 1. A step that was released never changes. */
    private static final List<List<String>> STEPS = Collections.singletonList(
            Collections.singletonList("CREATE TABLE holdfast_record (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"));

    /** Rows of one query, so that no query is repeated for each window that its rows fill. */
    private static final int ROWS = 1_000;

    /** Bytes of a record that are read at once. A cursor's window has room for 2 MiB. */
    private static final int PIECE = 512 * 1024;

    private StoreTables() {}

    /**
     * Opens the file of a store, creates it if there is none, locks it and migrates its schema.
     *
     * <p>SQLite's own lock of the file keeps other owners out until this one closes it or its process ends. A file lock of {@code
     * java.nio} would be lost as soon as any part of the process closes the same file. Without Android's flag for write-ahead
     * logging there is one connection, so that each {@code PRAGMA} is about the one that writes.
     */
    static SQLiteDatabase open(File file, long maxBytes) {
        int flags = SQLiteDatabase.CREATE_IF_NECESSARY | SQLiteDatabase.NO_LOCALIZED_COLLATORS;
        // Android's own handler of corruption deletes the file.
        SQLiteDatabase database = SQLiteDatabase.openDatabase(file.getPath(), null, flags, corrupt -> {});
        boolean done = false;
        try {
            pragma(database, "locking_mode = EXCLUSIVE");
            pragma(database, "journal_mode = WAL");
            pragma(database, "synchronous = FULL");
            if (maxBytes > 0) database.setMaximumSize(maxBytes);
            migrate(database, STEPS);
            done = true;
            return database;
        } finally {
            if (!done) database.close();
        }
    }

    /** Executes a {@code PRAGMA}, whether it returns a row or not. */
    private static void pragma(SQLiteDatabase database, String pragma) {
        try (Cursor cursor = database.rawQuery("PRAGMA " + pragma, null)) {
            cursor.moveToFirst();
        }
    }

    /** Begins a transaction in any case, which takes the lock. */
    static void migrate(SQLiteDatabase database, List<List<String>> steps) {
        int version = database.getVersion();
        if (version > steps.size()) {
            throw new NewerException("its format has the version " + version + ", and this SDK knows " + steps.size()
                    + " and earlier ones. Use the newer SDK");
        }
        database.beginTransaction();
        try {
            for (List<String> step : steps.subList(version, steps.size())) {
                for (String command : step) database.execSQL(command);
            }
            if (version < steps.size()) database.setVersion(steps.size());
            database.setTransactionSuccessful();
        } finally {
            database.endTransaction();
        }
    }

    static Map<Long, byte[]> records(SQLiteDatabase database) {
        Map<Long, byte[]> records = new HashMap<>();
        long last = Long.MIN_VALUE;
        int rows;
        do {
            rows = 0;
            try (Cursor cursor = database.rawQuery(
                    "SELECT key, length(bytes), substr(bytes, 1, " + PIECE + ") FROM holdfast_record WHERE key > ?"
                            + " ORDER BY key LIMIT " + ROWS,
                    new String[] {Long.toString(last)})) {
                for (; cursor.moveToNext(); rows++) {
                    last = cursor.getLong(0);
                    records.put(last, record(database, last, cursor.getInt(1), cursor.getBlob(2)));
                }
            }
        } while (rows == ROWS);
        return records;
    }

    private static byte[] record(SQLiteDatabase database, long key, int length, byte[] first) {
        // Android returns null for a blob of no bytes.
        if (length == 0) return new byte[0];
        if (first.length == length) return first;
        byte[] record = Arrays.copyOf(first, length);
        for (int at = first.length; at < length; at += PIECE) {
            try (Cursor cursor = database.rawQuery(
                    "SELECT substr(bytes, " + (at + 1) + ", " + PIECE + ") FROM holdfast_record WHERE key = ?",
                    new String[] {Long.toString(key)})) {
                if (!cursor.moveToFirst()) throw new SQLiteException("record " + key + " is gone");
                byte[] piece = cursor.getBlob(0);
                System.arraycopy(piece, 0, record, at, piece.length);
            }
        }
        return record;
    }

    /** The file was written by a newer SDK. */
    static final class NewerException extends SQLiteException {
        private static final long serialVersionUID = 1;

        NewerException(String message) {
            super(message);
        }
    }
}
