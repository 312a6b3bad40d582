package dev.holdfast.store.sqlite;

import dev.holdfast.StoreException;
import java.nio.file.Path;
import java.sql.SQLException;

/** Turns SQLite's result codes into kinds of failure. */
final class Failures {
    // The primary result codes, which are the lowest byte: https://sqlite.org/rescode.html.
    private static final int PRIMARY = 0xff;
    private static final int BUSY = 5;
    private static final int CORRUPT = 11;
    private static final int FULL = 13;
    private static final int NOT_A_DATABASE = 26;

    private Failures() {}

    static boolean isBusy(SQLException failure) {
        return (failure.getErrorCode() & PRIMARY) == BUSY;
    }

    /** Returns the failure of a file in the words of {@link StoreException}. */
    static StoreException of(String action, Path file, SQLException failure) {
        String what = "could not " + action + " the session store " + file + ": ";
        switch (failure.getErrorCode() & PRIMARY) {
            case FULL:
                return new StoreException(
                        StoreException.Kind.FULL, what + "the disk is full. Free some space", failure);
            case CORRUPT:
            case NOT_A_DATABASE:
                return new StoreException(
                        StoreException.Kind.DAMAGED,
                        what
                                + "the file is damaged, or is no SQLite database. Move it away to start with an empty store",
                        failure);
            case BUSY:
                return new StoreException(
                        StoreException.Kind.FAILED,
                        what + "another connection to the file kept its write lock for too long",
                        failure);
            default:
                return new StoreException(StoreException.Kind.FAILED, what + failure.getMessage(), failure);
        }
    }
}
