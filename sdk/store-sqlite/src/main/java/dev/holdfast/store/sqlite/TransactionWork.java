package dev.holdfast.store.sqlite;

import java.sql.Connection;
import java.sql.SQLException;

/** The application's own effect of a message: {@link SqliteSessionStore#inTransaction}. */
@FunctionalInterface
public interface TransactionWork {
    /**
     * Writes to the application's tables. If this throws anything, nothing of it is written.
     *
     * @param connection a connection in a transaction. It must not be committed, rolled back or closed, and is of no use after
     *     this method has returned
     * @throws SQLException if the effect could not be written
     */
    void run(Connection connection) throws SQLException;
}
