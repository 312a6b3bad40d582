package dev.holdfast.store.sqlite;

import dev.holdfast.StoreChange;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/** The open file: its settings, its tables and its statements. Not thread-safe. */
final class Database {
    /** Messages of which it is known that they were handled. A client that goes on receives fewer than that twice. */
    static final int MAX_HANDLED = 65_536;

    /** Handled messages are counted, and the oldest deleted, after so many new ones. */
    private static final int PRUNE_EVERY = 1_024;

    /** How long a commit waits for other connections of the application's to the same file. */
    static final int BUSY_MILLIS = 5_000;

    private final Connection connection;
    private final PreparedStatement put;
    private final PreparedStatement delete;
    private final PreparedStatement handle;
    private int handledSincePruned;

    private Database(Connection connection) throws SQLException {
        this.connection = connection;
        put = connection.prepareStatement("INSERT OR REPLACE INTO holdfast_record (key, bytes) VALUES (?, ?)");
        delete = connection.prepareStatement("DELETE FROM holdfast_record WHERE key = ?");
        handle = connection.prepareStatement("INSERT OR IGNORE INTO holdfast_handled (message) VALUES (?)");
    }

    /** Opens a file, and creates it if there is none. */
    static Connection connect(Path file) throws SQLException {
        return JDBC.createConnection(JDBC.PREFIX + file, new SQLiteConfig().toProperties());
    }

    /** Closes a connection. What was committed is safe whatever happens here, so a failure has no consequence. */
    static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The operating system closes the file with the process.
        }
    }

    /** Opens the file and migrates its schema. {@code pragmas} come last, for tests. */
    static Database open(Path file, Synchronous synchronous, List<String> pragmas) throws SQLException {
        Connection connection = connect(file);
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = " + BUSY_MILLIS);
                checkWal(statement);
                statement.execute("PRAGMA synchronous = " + synchronous.name());
                for (String pragma : pragmas) statement.execute("PRAGMA " + pragma);
            }
            Schema.migrate(connection);
            connection.setAutoCommit(false);
            return new Database(connection);
        } catch (SQLException | RuntimeException e) {
            close(connection);
            throw e;
        }
    }

    private static void checkWal(Statement statement) throws SQLException {
        try (ResultSet mode = statement.executeQuery("PRAGMA journal_mode = WAL")) {
            if (mode.next() && mode.getString(1).equalsIgnoreCase("wal")) return;
        }
        throw new SQLException(
                "SQLite cannot keep a write-ahead log here; a file system of the network has no shared memory");
    }

    Connection connection() {
        return connection;
    }

    Map<Long, byte[]> records() throws SQLException {
        Map<Long, byte[]> records = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT key, bytes FROM holdfast_record")) {
            while (rows.next()) records.put(rows.getLong(1), rows.getBytes(2));
        }
        // Reading has begun a transaction, which would keep the log from being copied into the file.
        connection.commit();
        return records;
    }

    /** Makes the changes in one transaction, or none of them. */
    void commit(List<StoreChange> changes) throws SQLException {
        boolean done = false;
        try {
            for (StoreChange change : changes) {
                byte[] bytes = change.bytes();
                if (bytes == null) {
                    delete.setLong(1, change.key());
                    delete.executeUpdate();
                } else {
                    put.setLong(1, change.key());
                    put.setBytes(2, bytes);
                    put.executeUpdate();
                }
            }
            connection.commit();
            done = true;
        } finally {
            if (!done) rollBack();
        }
    }

    /** Notes in the current transaction that a message is handled. Returns false if it was handled before. */
    boolean handle(String message) throws SQLException {
        handle.setString(1, message);
        if (handle.executeUpdate() == 0) return false;
        if (++handledSincePruned >= PRUNE_EVERY) {
            handledSincePruned = 0;
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("DELETE FROM holdfast_handled WHERE number <= "
                        + "(SELECT max(number) FROM holdfast_handled) - " + MAX_HANDLED);
            }
        }
        return true;
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** Rolls the current transaction back after a failure, which the caller reports, and begins the next one. */
    void rollBack() {
        try {
            connection.rollback();
        } catch (SQLException e) {
            beginAgain();
        }
    }

    /** SQLite has rolled back itself, as it does when the disk is full. The driver believes to be in a transaction. */
    private void beginAgain() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("BEGIN");
        } catch (SQLException e) {
            // The next commit fails, too, and reports it.
        }
    }

    void close() {
        close(connection);
    }
}
