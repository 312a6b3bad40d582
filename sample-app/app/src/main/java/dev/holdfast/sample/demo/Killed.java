package dev.holdfast.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client with a durable session in a process of its own, {@link KilledClient}, which is killed again and again at random while
 * messages flow in both directions. The server is in this process and is not harmed. Each next process goes on from the store.
 *
 * <p>What must hold at the end: each message that the client reported as stored has arrived once, no message was skipped or
 * arrived twice, and the client's table has each message of the server once, in order.
 */
final class Killed implements AutoCloseable {
    private static final Scenario SCENARIO = Scenario.KILLED;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A process sends one message of its share in so many at once, before there is a connection. */
    private static final int OFFLINE_SHARE = 4;

    /** The time over which a process sends its share of the messages. */
    private static final Duration SHARE = Duration.ofMillis(250);

    /** How long a process lives at most once it has a connection. */
    private static final Duration MAX_LIFE = Duration.ofMillis(400);

    /** How many kills in a hundred may come at any moment from the start of the process, not only with a connection. */
    private static final int EARLY_PERCENT = 25;

    private static final Duration MAX_START = Duration.ofMillis(1_500);

    private final int kills;
    private final int messages;
    private final Random random;
    private final Progress progress;
    private final KilledProcesses processes = new KilledProcesses();
    private final Peer peer = new Peer();
    private final String token = peer.token(Duration.ofHours(6));
    private final long startedAt = System.nanoTime();

    private int said;
    private int killed;
    private final KilledReports reports = processes.reports();
    private @Nullable String problem;

    private Killed(int kills, int messages, long seed, Progress progress) throws IOException {
        this.kills = kills;
        this.messages = messages;
        this.random = new Random(seed);
        this.progress = progress;
    }

    /** Kills the client so many times while each side sends so many messages. */
    static Tally run(int kills, int messages, long seed, Progress progress) throws InterruptedException {
        try (Killed run = new Killed(kills, messages, seed, progress)) {
            return run.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Tally run() throws IOException, InterruptedException, SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE received (number INTEGER NOT NULL)");
        }
        for (int life = 1; life <= kills; life++) {
            // In whole numbers, so that the last one has no more to do than the others.
            int share = (int) ((long) messages * life / (kills + 1));
            Process process = start(share);
            liveAndDie(process, share);
        }
        Process last = start(messages);
        finish(last);
        return tally();
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + processes.file());
    }

    private Process start(int last) throws IOException {
        int arrived = peer.arrived().highest();
        long nanosBetween = SHARE.toNanos() * (kills + 1) / messages;
        return processes.start(peer, token, arrived, last, (last - arrived) / OFFLINE_SHARE, nanosBetween);
    }

    private void liveAndDie(Process process, int share) throws InterruptedException {
        long begin = System.nanoTime();
        boolean early = random.nextInt(100) < EARLY_PERCENT;
        double life = random.nextDouble();
        int before = said;
        long openedAt = 0;
        while (true) {
            long now = System.nanoTime();
            if (openedAt == 0 && reports.isOpen()) openedAt = now;
            boolean over = early
                    ? now - begin > life * MAX_START.toNanos()
                    : openedAt != 0 && now - openedAt > life * MAX_LIFE.toNanos();
            if (over) break;
            if (now - begin > PATIENCE.toNanos()) {
                problem = "a process had no connection after " + PATIENCE.toSeconds() + " s";
                break;
            }
            if (!process.isAlive()) {
                problem = "a process ended by itself";
                break;
            }
            // From the first moment on, so that the server has something to send when the process comes back.
            double part = Math.min(1, (now - begin) / (2.0 * SHARE.toNanos()));
            say(before + (int) ((share - before) * part));
            progress.show(this::status);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        processes.kill(process);
        killed++;
    }

    private void say(int number) {
        while (said < number && peer.say("from the server")) said++;
    }

    /** Lets the last process do the rest and end by itself. */
    private void finish(Process process) throws InterruptedException, IOException, SQLException {
        long begin = System.nanoTime();
        try (Connection connection = connect()) {
            while (peer.arrived().received() < messages || said < messages || received(connection) < messages) {
                say(messages);
                progress.show(this::status);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                if (!process.isAlive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
                    problem = "not everything was over after " + PATIENCE.toSeconds() + " s";
                    break;
                }
            }
        }
        process.getOutputStream().close();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            problem = "the last process did not end";
            process.destroyForcibly().waitFor();
        } else if (process.exitValue() != 0 && problem == null) {
            problem = "the last process ended with " + process.exitValue();
        }
        reports.awaitEnd();
    }

    private static int received(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM received")) {
            return row.getInt(1);
        }
    }

    private Tally tally() throws SQLException {
        StreamCheck received = new StreamCheck();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT number FROM received ORDER BY rowid")) {
            while (rows.next()) received.arrived(rows.getInt(1));
        }
        if (problem == null) problem = reports.problem();
        return new Tally(
                SCENARIO,
                totals(peer.arrived(), true),
                totals(received, false),
                reports.sessionsLost(),
                killed,
                null,
                Duration.ofNanos(System.nanoTime() - startedAt),
                problem,
                null);
    }

    /** A message counts as acknowledged when it has arrived: the process that learned of it may have been killed. */
    private DirectionTotals totals(StreamCheck check, boolean toServer) {
        int reported = toServer ? reports.inDoubt() : 0;
        int lost = 0;
        for (int number = 1; number <= messages; number++) {
            if (!check.has(number) && !(toServer && reports.isInDoubt(number))) lost++;
        }
        return new DirectionTotals(
                messages, check.distinct(), check.distinct(), reported, lost, check.duplicated(), check.reordered());
    }

    private String status() {
        return String.format(
                "%-19s stored %6d  arrived %6d  server sent %6d",
                killed + " of " + kills + " killed",
                reports.stored(),
                peer.arrived().received(),
                said);
    }

    @Override
    public void close() throws IOException {
        peer.close();
        processes.close();
    }
}
