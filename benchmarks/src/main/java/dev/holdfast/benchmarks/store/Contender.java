package dev.holdfast.benchmarks.store;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.HoldfastClient;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Overflow;
import dev.holdfast.Session;
import dev.holdfast.store.sqlite.SqliteSessionStore;
import dev.holdfast.store.sqlite.Synchronous;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.internal.MqttPersistentData;
import org.eclipse.paho.client.mqttv3.persist.MqttDefaultFilePersistence;
import org.jspecify.annotations.Nullable;

/** A way to send a message so that it survives the process. Used by one thread. */
interface Contender extends AutoCloseable {
    /** Sends a message; {@code stored} runs when it is stored, on any thread. */
    void send(String text, Runnable stored) throws Exception;

    @Override
    void close();

    /** The contenders. */
    enum Kind {
        IN_MEMORY("Holdfast, session, no store") {
            @Override
            Contender open(Path folder, URI server) throws InterruptedException {
                return new Holdfast(server, null);
            }
        },
        NORMAL("Holdfast, session, SQLite, NORMAL") {
            @Override
            Contender open(Path folder, URI server) throws InterruptedException {
                return new Holdfast(server, SqliteSessionStore.at(folder.resolve("normal.db")));
            }
        },
        FULL("Holdfast, session, SQLite, FULL") {
            @Override
            Contender open(Path folder, URI server) throws InterruptedException {
                return new Holdfast(
                        server,
                        SqliteSessionStore.builder(folder.resolve("full.db"))
                                .synchronous(Synchronous.FULL)
                                .build());
            }
        },
        INSERT_NORMAL("SQLite, an insert for each message, NORMAL") {
            @Override
            Contender open(Path folder, URI server) throws SQLException {
                return new Inserts(folder.resolve("insert-normal.db"), "NORMAL");
            }
        },
        INSERT_FULL("SQLite, an insert for each message, FULL") {
            @Override
            Contender open(Path folder, URI server) throws SQLException {
                return new Inserts(folder.resolve("insert-full.db"), "FULL");
            }
        },
        PAHO("Paho's MqttDefaultFilePersistence") {
            @Override
            Contender open(Path folder, URI server) throws MqttException {
                return new Paho(folder.resolve("paho"));
            }
        };

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        abstract Contender open(Path folder, URI server) throws Exception;
    }

    /** A client that is connected: the server acknowledges each message, which deletes it from the store. */
    final class Holdfast implements Contender {
        private final HoldfastClient client;
        private final boolean hasStore;

        Holdfast(URI server, @Nullable SqliteSessionStore store) throws InterruptedException {
            CountDownLatch open = new CountDownLatch(1);
            var builder = HoldfastClient.builder(server.toString())
                    .session(Session.resumable())
                    // Messages that are written and not acknowledged may fill it.
                    .queue(OutboundQueue.ofBytes(64 * 1024 * 1024).withOverflow(Overflow.block(Duration.ofSeconds(10))))
                    .backoff(Backoff.exponential(Duration.ofMillis(1), Duration.ofMillis(1)))
                    .onState((client, state) -> {
                        if (state == ClientState.OPEN) open.countDown();
                    });
            hasStore = store != null;
            client = (store == null ? builder : builder.store(store)).build();
            client.connect();
            if (!open.await(10, TimeUnit.SECONDS)) throw new IllegalStateException("no connection");
        }

        @Override
        public void send(String text, Runnable stored) {
            var delivery = client.send(text);
            var done = hasStore ? delivery.stored() : delivery.written();
            var unused = done.thenAccept(isDone -> {
                if (!isDone) throw new IllegalStateException(String.valueOf(delivery.outcomeNow()));
                stored.run();
            });
        }

        @Override
        public void close() {
            client.close(Duration.ofSeconds(10));
        }
    }

    /** The insert that an application would write without a library. */
    final class Inserts implements Contender {
        private final Connection connection;
        private final PreparedStatement insert;

        Inserts(Path file, String synchronous) throws SQLException {
            connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode = WAL");
                statement.execute("PRAGMA synchronous = " + synchronous);
                statement.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
            }
            insert = connection.prepareStatement("INSERT INTO message (bytes) VALUES (?)");
        }

        @Override
        public void send(String text, Runnable stored) throws SQLException {
            insert.setBytes(1, text.getBytes(StandardCharsets.UTF_8));
            insert.executeUpdate();
            stored.run();
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A file for each message, as the MQTT client writes it, and its removal after the acknowledgement. */
    final class Paho implements Contender {
        private static final byte[] HEADER = new byte[8];

        private final MqttDefaultFilePersistence persistence;
        private int number;

        Paho(Path folder) throws MqttException {
            persistence = new MqttDefaultFilePersistence(folder.toString());
            persistence.open("client", "tcp://localhost");
        }

        @Override
        public void send(String text, Runnable stored) throws MqttException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            String key = "s-" + ++number;
            persistence.put(key, new MqttPersistentData(key, HEADER, 0, HEADER.length, bytes, 0, bytes.length));
            stored.run();
            persistence.remove(key);
        }

        @Override
        public void close() {
            try {
                persistence.close();
            } catch (MqttException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
