package dev.holdfast.sample.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.Outcome;
import dev.holdfast.sample.fault.FaultProxy;
import dev.holdfast.sample.server.HandlerResult;
import dev.holdfast.sample.server.Payload;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.ServerSession;
import dev.holdfast.sample.server.SessionStore;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Runs one scenario: a server, a fault proxy, a client, numbered messages both ways, and faults in the middle of them. */
public final class ScenarioRun implements Scenario.Stage {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration STATUS_EVERY = Duration.ofMillis(500);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Scenario scenario;
    private final int messages;
    /** How long messages flow if nothing holds them up. */
    private final Duration traffic;

    private final Random random;
    private final SessionStore store = new SessionStore();
    private final StreamCheck serverStream = new StreamCheck();
    private final AtomicReference<@Nullable ServerSession> session = new AtomicReference<>();
    private final long startedAt = System.nanoTime();

    private ReferenceServer server;
    private final FaultProxy proxy;
    private final DemoClient client;
    private long statusAt;
    private String problem = "";

    public ScenarioRun(Scenario scenario, int messages, long seed) throws Exception {
        this.scenario = scenario;
        this.messages = messages;
        this.traffic = Duration.ofMillis(Math.max(500, messages * 1000L / scenario.messagesASecond()));
        this.random = new Random(seed);
        this.server = start(0);
        this.proxy = FaultProxy.start(server.port());
        this.client = new DemoClient("ws://127.0.0.1:" + proxy.port() + "/live");
    }

    private ReferenceServer start(int port) throws Exception {
        ReferenceServer started = ReferenceServer.start(
                ReferenceServer.Options.defaults().withPort(port).withStore(store));
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
            Thread faults = new Thread(this::strikeAgainAndAgain, "faults");
            faults.setDaemon(true);
            faults.start();
            int sentByServer = talk();
            faults.join(PATIENCE.toMillis());
            awaitQuiet(sentByServer);
            if (!client.end()) problem = "the client did not close";
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
            status(false);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            if (System.nanoTime() - begin > traffic.plus(PATIENCE).toNanos()) {
                problem = "no session to send to";
                break;
            }
        }
        return fromServer;
    }

    private void strikeAgainAndAgain() {
        try {
            awaitOpen();
            long begin = System.nanoTime();
            double share = traffic.toNanos() / (scenario.rounds() + 0.5);
            for (int round = 0; round < scenario.rounds(); round++) {
                double due = share * (round + 0.25 + random.nextDouble() / 2);
                pause(Duration.ofNanos(begin + (long) due - System.nanoTime()));
                awaitOpen();
                scenario.strike(this, round);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            problem = "fault failed: " + e;
        }
    }

    /** A connection that is down already can't be broken. */
    private void awaitOpen() {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.isOpen() && System.nanoTime() < limit) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }

    private void awaitQuiet(int sentByServer) {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!client.hasAll(sentByServer)) {
            if (System.nanoTime() > limit) {
                problem = "not everything was over after " + PATIENCE.toSeconds() + " s";
                return;
            }
            status(false);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        status(true);
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
                problem);
    }

    private void status(boolean now) {
        if (!now && System.nanoTime() - statusAt < STATUS_EVERY.toNanos()) return;
        statusAt = System.nanoTime();
        System.out.printf("%-15s %s%n", scenario.label(), client.status());
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
        try {
            server = start(server.port());
        } catch (Exception e) {
            throw new IllegalStateException("server does not start again", e);
        }
    }

    @Override
    public void expireSessions() {
        server.expireSessions();
    }

    @Override
    public void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }
}
