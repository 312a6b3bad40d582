package dev.holdfast.store.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.Message;
import dev.holdfast.SessionStore;
import dev.holdfast.StoreChange;
import dev.holdfast.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a session and its messages in a SQLite file, so that they survive the process.
 *
 * <pre>{@code
 * HoldfastClient client = HoldfastClient.builder("wss://example.com/live")
 *         .session(Session.resumable())
 *         .store(SqliteSessionStore.at(folder.resolve("live.db")))
 *         .build();
 * }</pre>
 *
 * <p>One client at a time has the file; another one, or another process, fails with {@link StoreException.Kind#IN_USE}. On a
 * file system with permissions, only the user can read a file that the store creates: it holds the session's secret.
 *
 * <p>The file may also hold tables of the application's, which {@link #inTransaction} writes together with the fact that a
 * message was handled. The application may read its tables through connections of its own at any time. It may also write through
 * them, in short transactions: while one is open, the client can store nothing.
 *
 * <p>{@link #inTransaction} is safe from any thread. The client calls the other methods.
 */
public final class SqliteSessionStore implements SessionStore {
    /**
     * How long one transaction waits for another of this store. With the wait for other connections, {@link
     * Database#BUSY_MILLIS}, it is less than the 30 s after which the client gives the store up.
     */
    private static final long MAX_WAIT_SECONDS = 20;

    private final Path path;
    private final Synchronous synchronous;
    private final boolean mayBeOldCopy;
    private final List<String> pragmas;

    /**
     * The turn to write: SQLite has one writer at a time. Unlike other locks of the SDK it is held while the application's work
     * runs, and nothing waits for it without a limit. It is fair, so that the client's commits get their turn.
     */
    private final ReentrantLock turn = new ReentrantLock(true);

    @GuardedBy("turn")
    private @Nullable Database database;

    @GuardedBy("turn")
    private @Nullable OwnerLock owner;

    /** Set if {@link #close} came while the application's work ran for longer than it waits: that thread closes the file. */
    private volatile boolean closing;

    private SqliteSessionStore(Builder builder) {
        path = builder.path;
        synchronous = builder.synchronous;
        mayBeOldCopy = builder.mayBeOldCopy;
        pragmas = new ArrayList<>(builder.pragmas);
    }

    /**
     * {@return a store in a file, with the defaults of {@link Builder}} It opens nothing yet.
     *
     * @param path the file, in a folder that exists. SQLite keeps files beside it whose names begin with its name
     */
    public static SqliteSessionStore at(Path path) {
        return builder(path).build();
    }

    /**
     * {@return a builder}
     *
     * @param path the file, in a folder that exists. SQLite keeps files beside it whose names begin with its name
     */
    public static Builder builder(Path path) {
        return new Builder(Objects.requireNonNull(path, "path"));
    }

    @Override
    public Map<Long, byte[]> open() throws StoreException {
        takeTurn("open");
        try {
            if (database != null) {
                throw new StoreException(
                        StoreException.Kind.IN_USE,
                        "the session store " + path + " is open already. Give each client a store of its own",
                        null);
            }
            Path file = createFile();
            OwnerLock taken = OwnerLock.take(file);
            Database opened = null;
            boolean done = false;
            try {
                opened = Database.open(file, synchronous, pragmas);
                Map<Long, byte[]> records = opened.records();
                database = opened;
                owner = taken;
                closing = false;
                done = true;
                return records;
            } catch (Schema.NewerException e) {
                throw new StoreException(
                        StoreException.Kind.DAMAGED,
                        "could not open the session store " + path + ": " + e.getMessage(),
                        e);
            } catch (SQLException e) {
                throw Failures.of("open", path, e);
            } finally {
                if (!done) {
                    if (opened != null) opened.close();
                    taken.release();
                }
            }
        } finally {
            turn.unlock();
        }
    }

    /** Creates the file for the user alone, and returns its path without symbolic links: one file has one lock. */
    private Path createFile() throws StoreException {
        try {
            boolean posix = path.toAbsolutePath()
                    .getFileSystem()
                    .supportedFileAttributeViews()
                    .contains("posix");
            FileAttribute<?>[] attributes = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            try {
                Files.createFile(path, attributes);
            } catch (FileAlreadyExistsException e) {
                // The usual case.
            }
            return path.toRealPath();
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.FAILED, "could not create the session store " + path + ": " + e, e);
        }
    }

    @Override
    public void commit(List<StoreChange> changes) throws StoreException {
        takeTurn("write to");
        try {
            if (database == null) throw notOpen();
            database.commit(changes);
        } catch (SQLException e) {
            throw Failures.of("write to", path, e);
        } finally {
            turn.unlock();
        }
    }

    /**
     * Handles a message exactly once, even if the process dies in between. Runs the work and notes in the same transaction that
     * the message is handled, then {@linkplain Message#ack acknowledges} it. If the message comes again, in this process or a
     * later one, the work is skipped and the message is acknowledged. Use it with {@link
     * dev.holdfast.Session#withManualAcks manual acknowledgements}, from any thread. Blocks until the transaction is committed.
     *
     * <p>The work must be short, and must not wait for a future of the SDK: what the client has to store waits for it. The newest
     * 65,536 handled messages are remembered. That is more than the default inbound limit lets a server send again.
     *
     * @param message a message that this store's client received
     * @param work writes to the application's tables
     * @return whether the work ran in this call; false if the message was handled before
     * @throws SQLException if the work threw it, if the transaction could not be committed, if the store is closed, or if
     *     another transaction took longer than 20 s. The message is not acknowledged then, so call this again
     * @throws IllegalArgumentException if the message has no identity: the client sent it, or its session has none
     * @throws IllegalStateException if it is called by work
     */
    public boolean inTransaction(Message message, TransactionWork work) throws SQLException {
        Objects.requireNonNull(work, "work");
        String identity = identity(message);
        if (turn.isHeldByCurrentThread()) throw new IllegalStateException("work must not begin another transaction");
        boolean ran;
        try {
            takeTurn("write to");
        } catch (StoreException e) {
            throw new SQLException(e.getMessage(), e);
        }
        try {
            try {
                if (database == null) throw new SQLException(notOpen().getMessage());
                ran = handle(database, identity, work);
            } finally {
                if (closing) closeNow();
            }
        } finally {
            turn.unlock();
        }
        message.ack();
        return ran;
    }

    private static String identity(Message message) {
        String identity = message.identity();
        if (identity == null) {
            throw new IllegalArgumentException(
                    "the message has no identity that a second delivery would have, too: " + message);
        }
        return identity;
    }

    private static boolean handle(Database database, String identity, TransactionWork work) throws SQLException {
        TransactionConnection connection = new TransactionConnection(database.connection());
        boolean done = false;
        try {
            boolean isNew = database.handle(identity);
            if (isNew) work.run(connection.proxy());
            database.commit();
            done = true;
            return isNew;
        } finally {
            // Not in a catch block: work in Kotlin may throw any exception.
            if (!done) database.rollBack();
            connection.end();
        }
    }

    @Override
    public void close() {
        closing = true;
        boolean mine = false;
        try {
            mine = !turn.isHeldByCurrentThread() && turn.tryLock(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            mine = turn.tryLock();
        }
        if (!mine) return;
        try {
            closeNow();
        } finally {
            turn.unlock();
        }
    }

    @GuardedBy("turn")
    private void closeNow() {
        if (database != null) database.close();
        if (owner != null) owner.release();
        database = null;
        owner = null;
        closing = false;
    }

    @Override
    public boolean mayBeOldCopy() {
        return mayBeOldCopy;
    }

    private void takeTurn(String action) throws StoreException {
        boolean mine;
        try {
            mine = turn.tryLock(MAX_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "could not " + action + " the session store " + path + ": the thread was interrupted",
                    e);
        }
        if (!mine) {
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "could not " + action + " the session store " + path
                            + ": a transaction of the application has run for " + MAX_WAIT_SECONDS + " s",
                    null);
        }
    }

    private StoreException notOpen() {
        return new StoreException(
                StoreException.Kind.FAILED, "the session store " + path + " is not open: its client has ended", null);
    }

    @Override
    public String toString() {
        return "session store " + path;
    }

    /** Settings of a store. Not thread-safe. */
    public static final class Builder {
        private final Path path;
        private Synchronous synchronous = Synchronous.NORMAL;
        private boolean mayBeOldCopy = true;
        private List<String> pragmas = new ArrayList<>();

        private Builder(Path path) {
            this.path = path;
        }

        /**
         * Sets what a commit survives. Default: {@link Synchronous#NORMAL}.
         *
         * @param synchronous the setting
         * @return this builder
         */
        public Builder synchronous(Synchronous synchronous) {
            this.synchronous = Objects.requireNonNull(synchronous, "synchronous");
            return this;
        }

        /**
         * Sets whether an older copy of the file may take its place, from a backup for example, or by a loss of power with {@link
         * Synchronous#NORMAL}: {@link SessionStore#mayBeOldCopy}. Default: true.
         *
         * @param mayBeOldCopy false only if that cannot happen
         * @return this builder
         */
        public Builder mayBeOldCopy(boolean mayBeOldCopy) {
            this.mayBeOldCopy = mayBeOldCopy;
            return this;
        }

        /** Sets more {@code PRAGMA}s, for tests. */
        Builder pragmas(String... pragmas) {
            this.pragmas = Arrays.asList(pragmas);
            return this;
        }

        /** {@return the store, which is not open yet} */
        public SqliteSessionStore build() {
            return new SqliteSessionStore(this);
        }
    }
}
