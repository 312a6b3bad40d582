package dev.holdfast.sample.demo;

import dev.holdfast.server.SessionStore;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The run of one scenario: a server, a fault proxy, a client, numbered messages in both directions, and faults among
 * them.
 */
public final class ScenarioRun implements Stage {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(10);

    private final Scenario scenario;
    private final int messages;
    /** The time for which messages flow if nothing delays them. */
    private final Duration traffic;

    private final Random random;
    private final Progress progress;
    private final Peer peer;
    private final long startedAt = System.nanoTime();

    private final DemoClient client;
    private volatile String lastStrike = "";
    private volatile @Nullable String problem;

    private ScenarioRun(
            Scenario scenario, int messages, Duration traffic, long seed, Progress progress, SessionStore store) {
        this.scenario = scenario;
        this.messages = messages;
        this.traffic = traffic;
        this.random = new Random(seed);
        this.progress = progress;
        this.peer = new Peer(store);
        this.client = new DemoClient(peer, scenario.fallsBack());
    }

    /** Creates a run in which each side sends this many messages. */
    public static ScenarioRun ofMessages(
            Scenario scenario, int messages, long seed, Progress progress, SessionStore store) {
        long millis = Math.max(500, messages * 1000L / scenario.messagesASecond());
        return new ScenarioRun(scenario, messages, Duration.ofMillis(millis), seed, progress, store);
    }

    /** Creates a run that lasts this long. */
    public static ScenarioRun ofSeconds(
            Scenario scenario, int seconds, long seed, Progress progress, SessionStore store) {
        int messages = Math.multiplyExact(seconds, scenario.messagesASecond());
        return new ScenarioRun(scenario, messages, Duration.ofSeconds(seconds), seed, progress, store);
    }

    /** Runs the scenario to its end. */
    public Tally run() throws InterruptedException {
        try (peer;
                client) {
            // If its first connection fails, a client may open another session: the server must not send into the
            // first.
            awaitOpen();
            Thread faults = new Thread(this::strike, "faults");
            faults.setDaemon(true);
            faults.start();
            int sentByServer = talk();
            faults.join(PATIENCE.toMillis());
            awaitQuiet(sentByServer);
            if (!client.end()) problem = "the client did not close";
            if (client.stoppedBy() != null) problem = "the client gave up: " + client.stoppedBy();
            if (scenario == Scenario.BLOCKED && !client.carried().counts().areBoth()) {
                problem = "one carrier carried nothing";
            }
            return tally(sentByServer);
        }
    }

    /** Sends on both sides at an even pace. Returns how many messages the server sent. */
    private int talk() {
        long between = traffic.toNanos() / messages;
        long begin = System.nanoTime();
        int fromServer = 0;
        for (int fromClient = 0; fromClient < messages || fromServer < messages; ) {
            long due = Math.min(messages, (System.nanoTime() - begin) / between + 1);
            while (fromClient < due) client.send(++fromClient);
            while (fromServer < due && peer.say("from the server")) fromServer++;
            progress.show(this::status);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            if (System.nanoTime() - begin > traffic.plus(PATIENCE).toNanos()) {
                problem = "no session to send to";
                break;
            }
        }
        return fromServer;
    }

    private void strike() {
        try {
            scenario.play(this, traffic, random);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            problem = "fault failed: " + e;
        }
    }

    private void awaitQuiet(int sentByServer) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.hasAll(sentByServer)) {
            if (System.nanoTime() > limit) {
                problem = "not everything was over after " + PATIENCE.toSeconds() + " s";
                return;
            }
            progress.show(this::status);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        awaitAcknowledgements();
        progress.show(this::status);
    }

    /** Waits for the client's acknowledgements, which may lag behind. Those of a lost session never arrive. */
    private void awaitAcknowledgements() {
        long limit = System.nanoTime() + ACKNOWLEDGED_WITHIN.toNanos();
        while (peer.acknowledged() < client.stream().distinct() && System.nanoTime() < limit) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private Tally tally(int sentByServer) {
        return new Tally(
                scenario,
                client.toServer(peer.arrived()),
                client.fromServer(sentByServer, peer.acknowledged()),
                client.sessionsLost(),
                client.reconnects(),
                client.detection().slowest(),
                Duration.ofNanos(System.nanoTime() - startedAt),
                problem,
                null,
                scenario.fallsBack() ? client.carried().counts() : null);
    }

    private String status() {
        return String.format("%-19s %s", lastStrike.isEmpty() ? scenario.label() : lastStrike, client.status());
    }

    // ---- what a scenario may use ----

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void breaking() {
        client.detection().breaking(null);
    }

    @Override
    public void awaitNoticed() throws InterruptedException {
        if (!client.detection().await(PATIENCE)) problem = "the client did not notice";
    }

    /** Waits for an open connection, because a connection that is already down cannot be broken. */
    @Override
    public void awaitOpen() {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.isOpen() && System.nanoTime() < limit) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Override
    public void awaitCarrier(boolean http) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.isOpen() || client.carried().isHttp() != http) {
            if (System.nanoTime() > limit) {
                problem = http ? "the client did not go on over HTTP" : "the client did not return to a WebSocket";
                return;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    @Override
    public void striking(Fault fault) {
        lastStrike = fault.label();
        if (fault.breaksConnection() && client.isOpen()) {
            client.detection().breaking(fault.part() == Fault.Part.NETWORK ? fault : null);
        }
    }

    @Override
    public void over(Fault fault) {
        client.detection().over(fault);
    }

    @Override
    public void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
