package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.Credential;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.Programs;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.sample.node.ServerNode;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two servers in processes of their own, on one Redis and behind one nginx that sends each connection to either. While
 * messages flow in both directions, the server with the connection is killed; once it is back, the other one is killed.
 *
 * <p>The servers echo every message of the client, which shows that each message was handled once. All other messages
 * to the client are added to its session from outside of both servers.
 */
final class TwoNodes {
    private static final Scenario SCENARIO = Scenario.TWO_NODES;
    private static final List<String> PROGRAMS = List.of(RedisServer.PROGRAM, Nginx.PROGRAM);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(10);

    /** The time for which messages flow before a node is harmed. */
    private static final Duration PEACE = Duration.ofMillis(1_500);

    /** The time within which a client detects the harm; its heartbeat is faster. */
    private static final Duration NOTICED = Duration.ofSeconds(2);

    private static final int MAX_TIMES = 8;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A kind of harm to a node. */
    enum Harm {
        /** {@code kill -9}; the node is started again later. */
        KILLED {
            @Override
            void begin(ServerNode node) {
                node.kill();
            }

            @Override
            void end(ServerNode node) {
                node.startAgain();
            }
        },
        /** A pause, after which the node continues as if nothing had happened. */
        STOPPED {
            @Override
            void begin(ServerNode node) {
                node.stop();
            }

            @Override
            void end(ServerNode node) {
                node.goOn();
            }
        };

        abstract void begin(ServerNode node);

        abstract void end(ServerNode node);
    }

    private final Harm harm;
    private final int messages;
    private final Progress progress;
    private final List<ServerNode> nodes;
    private final DemoClient client;
    private final ServerSession session;
    private final long startedAt = System.nanoTime();

    private int sent;
    private int acknowledgedByClient;
    private final AtomicInteger times = new AtomicInteger();
    private volatile @Nullable String problem;

    private TwoNodes(
            Harm harm,
            int messages,
            Progress progress,
            List<ServerNode> nodes,
            DemoClient client,
            ServerSession session) {
        this.harm = harm;
        this.messages = messages;
        this.progress = progress;
        this.nodes = nodes;
        this.client = client;
        this.session = session;
    }

    /**
     * Runs the scenario, unless a program that it needs is missing. Each side sends at least this many messages.
     *
     * @param redisServer starts the Redis of both servers
     */
    static Tally run(Harm harm, Supplier<RedisServer> redisServer, int messages, Progress progress)
            throws InterruptedException {
        for (String program : PROGRAMS) {
            if (Programs.find(program).isEmpty()) return Tally.skipped(SCENARIO, Programs.missing(program));
        }
        try (RedisServer redis = redisServer.get();
                SessionStore store = SessionStore.at(redis.address(0));
                ServerNode one = ServerNode.start(redis.address(0));
                ServerNode other = ServerNode.start(redis.address(0));
                Nginx nginx = Nginx.before(one.port(), other.port());
                DemoClient client =
                        new DemoClient(nginx.url(), new ManualNetworkMonitor(), () -> Credential.bearer("ada"))) {
            ServerSession session = session(store);
            return new TwoNodes(harm, messages, progress, List.of(one, other), client, session).run();
        }
    }

    /** Returns the only session of the store. */
    private static ServerSession session(SessionStore store) {
        if (!await(PATIENCE, () -> store.size() > 0)) throw new IllegalStateException("no session came about");
        Collection<ServerSession> all = store.sessions();
        return all.iterator().next();
    }

    private Tally run() throws InterruptedException {
        Thread doer = new Thread(this::harmOneAfterTheOther, "harm");
        doer.setDaemon(true);
        doer.start();
        talk(doer);
        if (!await(
                PATIENCE,
                () -> progressed() && client.hasAll(sent) && client.echoes().highest() == sent)) {
            problem = "not everything was over after " + PATIENCE.toSeconds() + " s";
        }
        // The echoes are among them. What is unacknowledged now counts against the server's own messages.
        boolean unused = await(ACKNOWLEDGED_WITHIN, () -> session.unackedCount() == 0);
        acknowledgedByClient = Math.max(0, sent - session.unackedCount());
        if (!client.end()) problem = "the client did not close";
        if (client.stoppedBy() != null) problem = "the client gave up: " + client.stoppedBy();
        return tally();
    }

    /** Harms each node in turn, while it has the connection. */
    private void harmOneAfterTheOther() {
        Deque<ServerNode> due = new ArrayDeque<>(nodes);
        try {
            for (ServerNode node = due.poll(); node != null && times.get() < MAX_TIMES; node = due.poll()) {
                LockSupport.parkNanos(PEACE.toNanos());
                if (!breaks(node)) due.add(node);
                harm.end(node);
            }
            if (due.isEmpty() && times.get() < MAX_TIMES) return;
            problem = "the connection was never on the node that was harmed";
        } catch (RuntimeException e) {
            problem = "harm failed: " + e.getMessage();
        }
    }

    /** Harms a node, and returns whether that broke the connection, which is then with the other node. */
    private boolean breaks(ServerNode node) {
        if (!await(PATIENCE, client::isOpen)) throw new IllegalStateException("no connection to break");
        int before = client.reconnects();
        client.detection().breaking(null);
        times.incrementAndGet();
        harm.begin(node);
        if (!await(NOTICED, () -> !client.isOpen() || client.reconnects() > before)) return false;
        if (!await(PATIENCE, () -> client.reconnects() > before && client.isOpen())) {
            throw new IllegalStateException("the other node was not found");
        }
        return true;
    }

    /** Sends on both sides at an even pace until both nodes have been harmed. */
    private void talk(Thread doer) {
        long between = TimeUnit.SECONDS.toNanos(1) / SCENARIO.messagesASecond();
        long begin = System.nanoTime();
        while (sent < messages || doer.isAlive()) {
            long due = (System.nanoTime() - begin) / between + 1;
            while (sent < due && (sent < messages || doer.isAlive())) {
                sent++;
                client.send(sent);
                session.send(JSON.valueToTree(new Numbered(sent, "from the server")));
            }
            progressed();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private boolean progressed() {
        progress.show(() ->
                String.format("%-19s %s", times + " " + harm.name().toLowerCase(Locale.ROOT), client.status()));
        return true;
    }

    private static boolean await(Duration patience, BooleanSupplier condition) {
        long limit = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > limit) return false;
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        return true;
    }

    private Tally tally() {
        return new Tally(
                SCENARIO,
                client.toServer(client.echoes()),
                client.fromServer(sent, acknowledgedByClient),
                client.sessionsLost(),
                client.reconnects(),
                client.detection().slowest(),
                Duration.ofNanos(System.nanoTime() - startedAt),
                problem,
                null);
    }
}
