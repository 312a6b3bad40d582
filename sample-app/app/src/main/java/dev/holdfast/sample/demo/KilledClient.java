package dev.holdfast.sample.demo;

import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.Credential;
import dev.holdfast.Delivery;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.StoreException;
import dev.holdfast.store.sqlite.SqliteSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of {@link Killed} and {@link SecondClient} that is killed: a client with a durable session. It writes each message of the server into the
 * table {@code received} of the store's own file, and sends numbered messages. It reports on its standard output, one line each:
 *
 * <pre>
 * restored N     the store had N messages when the process began
 * open           there is a connection
 * stored N       message N is stored
 * ended N KIND   message N ended, other than acknowledged
 * lost REASON    the session is lost
 * problem TEXT   anything else that should not happen
 * </pre>
 *
 * It ends when its standard input does.
 */
final class KilledClient implements HoldfastListener {
    private static final String OWN = "from the client";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final SqliteSessionStore store;
    private final HoldfastClient client;

    private KilledClient(String url, String token, Path file) {
        store = SqliteSessionStore.at(file);
        client = HoldfastClient.builder(url)
                .session(Session.resumable().withManualAcks())
                .store(store)
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200)))
                .credentialProvider(reason -> CompletableFuture.completedFuture(Credential.bearer(token)))
                .listener(this)
                .build();
    }

    /**
     * Runs the process.
     *
     * @param args the server's URL, the token, the store's file, the highest number that has arrived at the server, the highest
     *     to send, how many messages to send before there is a connection, and the nanoseconds between two messages after that
     */
    public static void main(String[] args) throws Exception {
        KilledClient killed = new KilledClient(args[0], args[1], Path.of(args[2]));
        Thread sender = new Thread(
                () -> killed.send(
                        Integer.parseInt(args[3]),
                        Integer.parseInt(args[4]),
                        Integer.parseInt(args[5]),
                        Long.parseLong(args[6])),
                "sender");
        sender.setDaemon(true);
        sender.start();
        awaitEndOfInput();
        System.exit(killed.client.close(PATIENCE) ? 0 : 1);
    }

    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // The parent writes nothing, and its death ends the input, too.
        }
    }

    private static synchronized void report(String line) {
        System.out.println(line);
    }

    /** Sends the messages after the last one that arrived or that the store has: all others were never stored. */
    private void send(int arrived, int last, int offline, long nanosBetween) {
        List<Delivery> stored = client.storeOpened().join();
        report("restored " + stored.size());
        int next = arrived + 1;
        for (Delivery delivery : stored) {
            int number = delivery.message().read(Numbered.class).number();
            watch(delivery, number);
            next = Math.max(next, number + 1);
        }
        // Some are sent at once, before there is a connection, and the others at an even pace once there is one.
        int online = Math.min(last + 1, next + offline);
        while (next < online) sendOne(next++);
        client.connect();
        awaitOpen();
        long begin = System.nanoTime();
        for (int i = 0; next <= last; i++) {
            long due = begin + i * nanosBetween;
            while (System.nanoTime() < due) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            sendOne(next++);
        }
    }

    private void awaitOpen() {
        while (client.state() != ClientState.OPEN) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    private void sendOne(int number) {
        Delivery delivery = client.send(new Numbered(number, OWN));
        var unused = delivery.stored().thenAccept(done -> {
            if (done) report("stored " + number);
        });
        watch(delivery, number);
    }

    private static void watch(Delivery delivery, int number) {
        var unused = delivery.outcome().thenAccept(outcome -> {
            boolean expected = outcome.kind() == Outcome.Kind.ACKNOWLEDGED || outcome.kind() == Outcome.Kind.STORED;
            if (!expected) report("ended " + number + " " + outcome);
        });
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        int number = message.read(Numbered.class).number();
        try {
            store.inTransaction(message, connection -> {
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO received VALUES (?)")) {
                    insert.setInt(1, number);
                    insert.executeUpdate();
                }
            });
        } catch (SQLException e) {
            report("problem " + e);
        }
    }

    @Override
    public void onState(HoldfastClient from, ClientState state) {
        if (state == ClientState.OPEN) report("open");
    }

    @Override
    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
        // It is cut off on purpose.
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        report("lost " + loss.reason());
    }

    @Override
    public void onStoreFailure(HoldfastClient from, StoreException failure) {
        report("problem " + failure);
    }
}
