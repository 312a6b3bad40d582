package dev.holdfast.store.sqlite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Message;
import dev.holdfast.ReceivedMessages;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store's behaviour beyond the contract of all stores. */
@Timeout(60)
class SqliteSessionStoreTest {
    @TempDir
    private Path folder;

    private Path file;
    private SqliteSessionStore store;
    private final AtomicInteger acknowledged = new AtomicInteger();

    @BeforeEach
    void create() {
        file = folder.resolve("session.db");
        store = SqliteSessionStore.at(file);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Message message(String id) {
        return ReceivedMessages.received("sid", id, acknowledged::incrementAndGet);
    }

    private static List<StoreChange> put(long key) {
        return List.of(StoreChange.put(key, new byte[] {(byte) key}));
    }

    /** A connection as the application would open it. */
    private Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    private void execute(String... commands) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            for (String command : commands) statement.execute(command);
        }
    }

    private int number(String query) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertTrue(rows.next());
            return rows.getInt(1);
        }
    }

    // ---- the file ----

    @Test
    void anOlderVersionIsMigrated() throws Exception {
        execute(
                "CREATE TABLE holdfast_version (version INTEGER NOT NULL)",
                "INSERT INTO holdfast_version VALUES (1)",
                "CREATE TABLE holdfast_record (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
                "INSERT INTO holdfast_record VALUES (7, x'0102')",
                "CREATE TABLE of_the_application (number INTEGER)",
                "PRAGMA user_version = 42");
        Map<Long, byte[]> records = store.open();
        assertEquals(1, records.size());
        assertArrayEquals(new byte[] {1, 2}, records.get(7L));
        assertTrue(store.inTransaction(message("1"), connection -> {}));
        store.close();
        assertEquals(2, number("SELECT version FROM holdfast_version"));
        assertEquals(42, number("PRAGMA user_version"));
        assertEquals(0, number("SELECT count(*) FROM of_the_application"));
    }

    @Test
    void aNewerVersionIsRefusedAndLeftAlone() throws Exception {
        execute("CREATE TABLE holdfast_version (version INTEGER NOT NULL)", "INSERT INTO holdfast_version VALUES (99)");
        StoreException failure = assertThrows(StoreException.class, store::open);
        assertEquals(StoreException.Kind.DAMAGED, failure.kind());
        assertTrue(failure.getMessage().contains("version 99"), failure::getMessage);
        assertEquals(99, number("SELECT version FROM holdfast_version"));
    }

    @Test
    void anotherFileIsNotTakenForAStore() throws IOException {
        Files.writeString(file, "not a database, but a text that is longer than a header of SQLite ".repeat(99));
        StoreException failure = assertThrows(StoreException.class, store::open);
        assertEquals(StoreException.Kind.DAMAGED, failure.kind());
        assertTrue(Files.readString(file).startsWith("not a database"));
    }

    @Test
    void aFolderThatDoesNotExistIsAFailure() {
        SqliteSessionStore nowhere = SqliteSessionStore.at(folder.resolve("no/such/folder.db"));
        StoreException failure = assertThrows(StoreException.class, nowhere::open);
        assertEquals(StoreException.Kind.FAILED, failure.kind());
    }

    @Test
    void onlyTheUserCanReadTheFile() throws Exception {
        Assumptions.assumeTrue(
                file.getFileSystem().supportedFileAttributeViews().contains("posix"),
                "the file system has no permissions");
        store.open();
        store.commit(put(1));
        for (String name : List.of("session.db", "session.db-wal", "session.db-shm")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))),
                    name);
        }
    }

    @Test
    void aLinkToTheFileHasTheSameOwner() throws Exception {
        store.open();
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), file);
        StoreException failure = assertThrows(
                StoreException.class, () -> SqliteSessionStore.at(link).open());
        assertEquals(StoreException.Kind.IN_USE, failure.kind());
        assertTrue(failure.getMessage().contains("session.db"), failure::getMessage);
    }

    @Test
    void aDiskThatIsFullIsAFailureAndFreeSpaceEndsIt() throws Exception {
        try (FilePlace place = new FilePlace(folder)) {
            String impossible = place.mountSmall(1 << 20);
            if (!impossible.isEmpty()) System.out.println("not checked: a disk that is full: " + impossible);
            Assumptions.assumeTrue(impossible.isEmpty(), impossible);
            store.open();
            store.commit(put(1));
            Path other = folder.resolve("other");
            Files.write(other, new byte[600_000]);
            List<StoreChange> much = List.of(StoreChange.put(2, new byte[400_000]));
            StoreException failure = assertThrows(StoreException.class, () -> store.commit(much));
            assertEquals(StoreException.Kind.FULL, failure.kind(), failure::toString);
            Files.delete(other);
            store.commit(put(3));
            store.close();
            assertEquals(
                    List.of(1L, 3L), store.open().keySet().stream().sorted().toList());
            store.close();
        }
    }

    @Test
    void synchronousIsWhatWasSet() throws Exception {
        for (Synchronous synchronous : Synchronous.values()) {
            Database database = Database.open(folder.resolve(synchronous + ".db"), synchronous, List.of());
            try (Statement statement = database.connection().createStatement();
                    ResultSet row = statement.executeQuery("PRAGMA synchronous")) {
                assertEquals(synchronous == Synchronous.NORMAL ? 1 : 2, row.getInt(1));
            }
            database.close();
        }
        assertTrue(store.mayBeOldCopy());
        assertFalse(SqliteSessionStore.builder(file)
                .synchronous(Synchronous.FULL)
                .mayBeOldCopy(false)
                .build()
                .mayBeOldCopy());
    }

    // ---- the application's own tables ----

    private void work(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS effect (number INTEGER)");
            statement.execute("INSERT INTO effect VALUES (1)");
        }
    }

    @Test
    void theWorkOfAMessageRunsOnceAndTheMessageIsAcknowledgedEachTime() throws Exception {
        store.open();
        assertTrue(store.inTransaction(message("1"), this::work));
        assertFalse(store.inTransaction(message("1"), this::work));
        store.close();
        store.open();
        assertFalse(store.inTransaction(message("1"), this::work));
        assertTrue(store.inTransaction(message("2"), this::work));
        Message sameIdInAnotherSession = ReceivedMessages.received("sid2", "1", acknowledged::incrementAndGet);
        assertTrue(store.inTransaction(sameIdInAnotherSession, this::work));
        assertEquals(3, number("SELECT count(*) FROM effect"));
        assertEquals(5, acknowledged.get());
    }

    @Test
    void workThatThrowsLeavesNothing() throws Exception {
        store.open();
        SQLException thrown = new SQLException("planted");
        assertEquals(
                thrown,
                assertThrows(
                        SQLException.class,
                        () -> store.inTransaction(message("1"), connection -> {
                            work(connection);
                            throw thrown;
                        })));
        assertThrows(
                IOException.class,
                () -> store.inTransaction(message("1"), connection -> {
                    work(connection);
                    sneakily(new IOException("planted, as in Kotlin"));
                }));
        assertEquals(0, acknowledged.get());
        assertEquals(0, number("SELECT count(*) FROM sqlite_master WHERE name = 'effect'"));
        assertTrue(store.inTransaction(message("1"), this::work));
        assertEquals(1, acknowledged.get());
        store.commit(put(1));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneakily(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @Test
    void workCannotEndItsTransaction() throws Exception {
        store.open();
        Connection[] kept = new Connection[1];
        assertTrue(store.inTransaction(message("1"), connection -> {
            kept[0] = connection;
            for (TransactionWork wrong : List.<TransactionWork>of(
                    Connection::commit, Connection::rollback, Connection::close, c -> c.setAutoCommit(true))) {
                assertThrows(IllegalStateException.class, () -> wrong.run(connection));
            }
            assertThrows(SQLException.class, () -> connection.prepareStatement("no SQL"));
            var savepoint = connection.setSavepoint();
            work(connection);
            connection.rollback(savepoint);
            assertThrows(IllegalStateException.class, () -> store.inTransaction(message("2"), this::work));
        }));
        assertThrows(IllegalStateException.class, () -> kept[0].createStatement());
        assertEquals(0, number("SELECT count(*) FROM sqlite_master WHERE name = 'effect'"));
    }

    @Test
    void aMessageWithoutAnIdentityIsRefused() throws Exception {
        store.open();
        assertThrows(IllegalArgumentException.class, () -> store.inTransaction(ReceivedMessages.sent(), this::work));
    }

    @Test
    void aStoreThatIsNotOpenIsAFailure() {
        assertThrows(SQLException.class, () -> store.inTransaction(message("1"), this::work));
        assertEquals(0, acknowledged.get());
    }

    @Test
    void theApplicationReadsWhileTheClientWrites() throws Exception {
        store.open();
        store.inTransaction(message("1"), this::work);
        try (Connection reading = connection();
                Statement statement = reading.createStatement()) {
            reading.setAutoCommit(false);
            try (ResultSet before = statement.executeQuery("SELECT count(*) FROM effect")) {
                assertEquals(1, before.getInt(1));
            }
            store.commit(put(1));
            store.inTransaction(message("2"), this::work);
            try (ResultSet same = statement.executeQuery("SELECT count(*) FROM effect")) {
                assertEquals(1, same.getInt(1), "as when its transaction began");
            }
            reading.rollback();
        }
        assertEquals(2, number("SELECT count(*) FROM effect"));
    }

    @Test
    void closingWaitsForWork() throws Exception {
        store.open();
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread handler = new Thread(() -> {
            try {
                store.inTransaction(message("1"), connection -> {
                    working.countDown();
                    try {
                        assertTrue(goOn.await(10, TimeUnit.SECONDS));
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    work(connection);
                });
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        handler.start();
        assertTrue(working.await(10, TimeUnit.SECONDS));
        Thread closer = new Thread(store::close);
        closer.start();
        closer.join(100);
        assertTrue(closer.isAlive());
        goOn.countDown();
        closer.join();
        handler.join();
        assertEquals(1, acknowledged.get());
        assertEquals(1, number("SELECT count(*) FROM effect"));
        SessionStore next = SqliteSessionStore.at(file);
        next.open();
        next.close();
    }

    @Test
    void theOldestHandledMessagesAreForgotten() throws Exception {
        store.open();
        int count = Database.MAX_HANDLED + 3_000;
        execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + count
                + ") INSERT INTO holdfast_handled (message) SELECT 'sid old-' || i FROM n");
        for (int i = 0; i < 1_024; i++) store.inTransaction(message("new-" + i), connection -> {});
        assertEquals(Database.MAX_HANDLED, number("SELECT count(*) FROM holdfast_handled"));
        assertFalse(store.inTransaction(message("new-0"), connection -> {}));
        assertFalse(store.inTransaction(message("old-" + count), connection -> {}));
        assertTrue(store.inTransaction(message("old-1"), connection -> {}));
    }
}
