package dev.holdfast.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.HoldfastClient;
import dev.holdfast.Message;
import dev.holdfast.ReceivedMessages;
import dev.holdfast.Session;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** The examples of {@code docs/desktop.md} about durable sessions; the core's tests check that they are the page's. */
class DesktopPageTest {
    @TempDir
    private Path folder;

    private final List<Message> failed = new ArrayList<>();

    /** What the application does with an order. */
    interface Orders {
        void save(Connection connection, String order) throws SQLException;
    }

    HoldfastClient setUp() {
        // desktop
        HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
                .session(Session.resumable())
                .store(SqliteSessionStore.at(folder.resolve("live.db")))
                .build();
        client.connect();
        // end
        return client;
    }

    HoldfastClient exactlyOnce() {
        // desktop
        SqliteSessionStore store = SqliteSessionStore.at(folder.resolve("live.db"));
        HoldfastClient client = HoldfastClient.builder("wss://example.com/orders")
                .session(Session.resumable().withManualAcks())
                .store(store)
                .onMessage((c, message) -> {
                    try {
                        store.inTransaction(message, connection -> {
                            try (PreparedStatement insert =
                                    connection.prepareStatement("INSERT INTO orders VALUES (?)")) {
                                insert.setString(1, message.text());
                                insert.executeUpdate();
                            }
                        });
                    } catch (SQLException e) {
                        failed.add(message); // not acknowledged: try again later, in this order
                    }
                })
                .build();
        // end
        return client;
    }

    void anotherDatabase(DataSource database, Message message, Orders orders) throws SQLException {
        // desktop
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement handled =
                    connection.prepareStatement("INSERT INTO handled (message) VALUES (?) ON CONFLICT DO NOTHING")) {
                handled.setString(1, message.identity());
                if (handled.executeUpdate() == 1) orders.save(connection, message.text());
            }
            connection.commit();
        }
        message.ack();
        // end
    }

    @Test
    void anotherDatabaseHasTheEffectOnce() throws SQLException {
        SQLiteDataSource database = new SQLiteDataSource();
        database.setUrl("jdbc:sqlite:" + folder.resolve("other.db"));
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE handled (message TEXT PRIMARY KEY)");
            statement.execute("CREATE TABLE orders (text TEXT)");
        }
        AtomicInteger acknowledged = new AtomicInteger();
        for (int delivery = 0; delivery < 2; delivery++) {
            Message message = ReceivedMessages.received("sid", "1", acknowledged::incrementAndGet);
            anotherDatabase(database, message, (connection, order) -> {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("INSERT INTO orders VALUES ('" + order + "')");
                }
            });
        }
        assertEquals(2, acknowledged.get());
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
            assertEquals(1, row.getInt(1));
        }
    }
}
