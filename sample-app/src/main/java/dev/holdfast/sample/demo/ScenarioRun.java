package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.Credential;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.Outcome;
import dev.holdfast.sample.fault.FaultProxy;
import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.ServerSession;
import dev.holdfast.sample.server.SessionStore;
import dev.holdfast.sample.server.SignedTokens;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs one scenario: a server, a fault proxy, a client, numbered messages both ways, and faults in the middle of them. */
public final class ScenarioRun implements Stage {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Scenario scenario;
    private final int messages;
    /** How long messages flow if nothing holds them up. */
    private final Duration traffic;

    private final Random random;
    private final Progress progress;
    private final SignedTokens tokens = new SignedTokens("of a demo".getBytes(StandardCharsets.UTF_8));
    private final ManualNetworkMonitor network = new ManualNetworkMonitor();
    private final SessionStore store;
    private final StreamCheck serverStream = new StreamCheck();
    private final AtomicReference<@Nullable ServerSession> session = new AtomicReference<>();
    private final long startedAt = System.nanoTime();

    private volatile ReferenceServer server;
    private final FaultProxy proxy;
    private final DemoClient client;
    private volatile String lastStrike = "";
    private volatile String problem = "";

    private ScenarioRun(
            Scenario scenario, int messages, Duration traffic, long seed, Progress progress, SessionStore store) {
        this.scenario = scenario;
        this.messages = messages;
        this.traffic = traffic;
        this.random = new Random(seed);
        this.progress = progress;
        this.store = store;
        this.server = start(0);
        this.proxy = FaultProxy.start(server.port());
        this.client = new DemoClient("ws://127.0.0.1:" + proxy.port() + "/live", network, this::token);
    }

    /** A scenario in which each side sends so many messages. */
    public static ScenarioRun ofMessages(
            Scenario scenario, int messages, long seed, Progress progress, SessionStore store) {
        long millis = Math.max(500, messages * 1000L / scenario.messagesASecond());
        return new ScenarioRun(scenario, messages, Duration.ofMillis(millis), seed, progress, store);
    }

    /** A scenario that lasts so long. */
    public static ScenarioRun ofSeconds(
            Scenario scenario, int seconds, long seed, Progress progress, SessionStore store) {
        int messages = Math.multiplyExact(seconds, scenario.messagesASecond());
        return new ScenarioRun(scenario, messages, Duration.ofSeconds(seconds), seed, progress, store);
    }

    private Credential token() {
        return Credential.bearer(tokens.issue("ada", TOKEN_LIFE)).expiresIn(TOKEN_LIFE);
    }

    private ReferenceServer start(int port) {
        ReferenceServer started = ReferenceServer.start(ReferenceServer.Options.defaults()
                .withPort(port)
                .withStore(store)
                .withAuth(tokens));
        started.onSession(session::set);
        started.onMessage((from, seq, payload) -> {
            serverStream.arrived(((Payload.Json) payload).value().get("number").asInt());
            return HandlerResult.accepted();
        });
        return started;
    }

    /** Runs it to the end. */
    public Tally run() throws InterruptedException {
        try (proxy;
                client) {
            Thread faults = new Thread(this::strike, "faults");
            faults.setDaemon(true);
            faults.start();
            int sentByServer = talk();
            faults.join(PATIENCE.toMillis());
            awaitQuiet(sentByServer);
            if (!client.end()) problem = "the client did not close";
            if (!client.stoppedBy().isEmpty()) problem = "the client gave up: " + client.stoppedBy();
            return tally(sentByServer);
        } finally {
            server.close();
        }
    }

    /** Both sides send at an even pace. Returns how many the server sent. */
    private int talk() {
        long between = traffic.toNanos() / messages;
        long begin = System.nanoTime();
        int fromServer = 0;
        for (int fromClient = 0; fromClient < messages || fromServer < messages; ) {
            long due = Math.min(messages, (System.nanoTime() - begin) / between + 1);
            while (fromClient < due) client.send(++fromClient);
            ServerSession current = session.get();
            while (fromServer < due && current != null && current.alive()) {
                current.send(JSON.valueToTree(new DemoClient.Numbered(++fromServer, "from the server")));
            }
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
        progress.show(this::status);
    }

    private Tally tally(int sentByServer) {
        int missingAtTheEnd = sentByServer - client.stream().highest();
        return new Tally(
                scenario,
                messages + sentByServer,
                client.count(Outcome.Kind.ACKNOWLEDGED),
                client.stream().received() + serverStream.received(),
                client.lostOnTheWayOut(serverStream) + client.lostOnTheWayIn() + missingAtTheEnd,
                client.stream().duplicated() + serverStream.duplicated(),
                client.stream().reordered() + serverStream.reordered(),
                client.count(Outcome.Kind.UNKNOWN) + client.toldMissing(),
                client.sessionsLost(),
                client.reconnects(),
                client.slowestDetection(),
                Duration.ofNanos(System.nanoTime() - startedAt),
                problem,
                "");
    }

    private String status() {
        return String.format("%-19s %s", lastStrike.isEmpty() ? scenario.label() : lastStrike, client.status());
    }

    // ---- what a scenario may lay hands on ----

    @Override
    public void breaking() {
        client.breaking();
    }

    @Override
    public void awaitNoticed() throws InterruptedException {
        if (!client.awaitNoticed(PATIENCE)) problem = "the client did not notice";
    }

    /** A connection that is down already can't be broken. */
    @Override
    public void awaitOpen() {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.isOpen() && System.nanoTime() < limit) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    @Override
    public void striking(Fault fault) {
        lastStrike = fault.label();
    }

    @Override
    public ManualNetworkMonitor network() {
        return network;
    }

    @Override
    public FaultProxy proxy() {
        return proxy;
    }

    @Override
    public void stopServer() {
        server.close();
    }

    @Override
    public void startServer() {
        server = start(server.port());
    }

    @Override
    public void loseLogs() {
        store.loseLogs();
    }

    @Override
    public void expireSessions() {
        server.expireSessions();
    }

    @Override
    public void expireCredentials() {
        tokens.expireAll();
        store.sessions().forEach(ServerSession::credentialExpired);
    }

    @Override
    public void drain(Duration after) {
        server.drain(after);
    }

    @Override
    public void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
