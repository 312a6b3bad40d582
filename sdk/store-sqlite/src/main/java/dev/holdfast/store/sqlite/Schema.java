package dev.holdfast.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The store's tables, and how a file of an older version gets them. Their names begin with {@code holdfast_}, since the file may
 * also hold tables of the application's; {@code PRAGMA user_version} is the application's for the same reason.
 */
final class Schema {
    /** The steps from each version to the next; the first one creates version 1. A step that was released never changes. */
    private static final List<List<String>> STEPS = Arrays.asList(
            Arrays.asList(
                    "CREATE TABLE holdfast_version (version INTEGER NOT NULL)",
                    "INSERT INTO holdfast_version VALUES (1)",
                    "CREATE TABLE holdfast_record (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"),
            Collections.singletonList("CREATE TABLE holdfast_handled ("
                    + "number INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL UNIQUE)"));

    static final int VERSION = STEPS.size();

    private Schema() {}

    /** Brings the file to the current version, in one transaction. */
    static void migrate(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            int version = version(statement);
            if (version > VERSION) {
                throw new NewerException("its format has the version " + version + ", and this SDK knows " + VERSION
                        + " and earlier ones. Use the newer SDK");
            }
            if (version == VERSION) return;
            statement.execute("BEGIN IMMEDIATE");
            for (List<String> step : STEPS.subList(version, VERSION)) {
                for (String command : step) statement.execute(command);
            }
            statement.execute("UPDATE holdfast_version SET version = " + VERSION);
            statement.execute("COMMIT");
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet tables = statement.executeQuery(
                "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'holdfast_version'")) {
            if (!tables.next()) return 0;
        }
        try (ResultSet row = statement.executeQuery("SELECT version FROM holdfast_version")) {
            return row.next() ? row.getInt(1) : 0;
        }
    }

    /** The file was written by a newer SDK. */
    static final class NewerException extends SQLException {
        private static final long serialVersionUID = 1;

        NewerException(String message) {
            super(message);
        }
    }
}
