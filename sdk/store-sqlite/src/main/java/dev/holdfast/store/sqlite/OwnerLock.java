package dev.holdfast.store.sqlite;

import dev.holdfast.StoreException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Keeps a store to one owner, among all processes and within this one, until it is released or the process ends. It is SQLite's
 * exclusive lock of an empty database beside the store. A lock of {@code java.nio} would not do: on most systems the process
 * loses it as soon as any part of the process closes the same file. A lock of the store itself would also keep out the
 * application, which may read its own tables through a connection of its own.
 */
final class OwnerLock {
    private final Connection connection;

    private OwnerLock(Connection connection) {
        this.connection = connection;
    }

    /** Takes the lock, at once or not at all. */
    static OwnerLock take(Path store) throws StoreException {
        Path file = store.resolveSibling(store.getFileName() + "-owner");
        try {
            Connection connection = Database.connect(file);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 0");
                statement.execute("PRAGMA locking_mode = EXCLUSIVE");
                // Leaves no journal behind: nothing is ever written.
                statement.execute("PRAGMA journal_mode = MEMORY");
                statement.execute("BEGIN EXCLUSIVE");
                // In this locking mode the end of the transaction keeps the lock.
                statement.execute("COMMIT");
            } catch (SQLException e) {
                Database.close(connection);
                throw e;
            }
            return new OwnerLock(connection);
        } catch (SQLException e) {
            if (!Failures.isBusy(e)) throw Failures.of("lock", file, e);
            throw new StoreException(
                    StoreException.Kind.IN_USE,
                    "the session store " + store + " is open in another client or another process."
                            + " Close that one, or give each client a file of its own",
                    e);
        }
    }

    void release() {
        Database.close(connection);
    }
}
