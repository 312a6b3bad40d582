package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.holdfast.Backoff;
import dev.holdfast.Carrier;
import dev.holdfast.ClientState;
import dev.holdfast.ConnectionFailure;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastClientBuilder;
import dev.holdfast.HoldfastEventListener;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A client and a reference server that send each other numbers, and check that each arrives once and in order. */
final class CarrierHarness implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The next number that either side expects. */
    final AtomicInteger byServer = new AtomicInteger(1);

    final AtomicInteger byClient = new AtomicInteger(1);
    final List<String> faults = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<ConnectionFailure> failures = new CopyOnWriteArrayList<>();
    final BlockingQueue<ServerSession> sessions = new LinkedBlockingQueue<>();
    private final List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    private final List<HoldfastClient> clients = new ArrayList<>();
    private int sent;
    private int sentByServer;

    /** Serves messages of any server of a test. */
    void serve(ReferenceServer server) {
        server.onSession(sessions::add);
        server.onMessage((session, seq, payload) -> {
            int number = payload instanceof Payload.Json json
                    ? json.value().asInt()
                    : Integer.parseInt(
                            new String(((Payload.Binary) payload).bytes(), java.nio.charset.StandardCharsets.UTF_8));
            expect("server", byServer, number);
            return HandlerResult.accepted();
        });
    }

    private void expect(String who, AtomicInteger next, int number) {
        int expected = next.getAndIncrement();
        if (number != expected) faults.add(who + " got " + number + " and not " + expected);
    }

    HoldfastClientBuilder builder(String url, Carrier carrier) {
        return HoldfastClient.builder(url)
                .session(Session.resumable())
                .carrier(carrier)
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200)))
                .queue(OutboundQueue.ofBytes(64 * 1024 * 1024))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        expect("client", byClient, Integer.parseInt(message.text()));
                    }

                    @Override
                    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
                        faults.add("session lost: " + loss.reason());
                    }

                    @Override
                    public void onConnectionFailure(HoldfastClient from, ConnectionFailure failure) {
                        events.add(failure.toString());
                        failures.add(failure);
                    }
                })
                .addEventListener(new HoldfastEventListener() {
                    @Override
                    public void onConnectionOpened(long connection) {
                        events.add("opened " + connection);
                    }

                    @Override
                    public void onConnectionOverHttp(long connection) {
                        events.add("http " + connection);
                    }

                    @Override
                    public void onHandoverDone(long connection) {
                        events.add("handover " + connection);
                    }
                });
    }

    HoldfastClient client(String url, Carrier carrier) {
        return connected(builder(url, carrier).build());
    }

    HoldfastClient connected(HoldfastClient client) {
        clients.add(client);
        client.connect();
        return client;
    }

    void send(HoldfastClient client, int count) {
        for (int i = 0; i < count; i++) {
            outcomes.add(client.send(++sent).outcome());
        }
    }

    ServerSession session() throws InterruptedException {
        ServerSession session = sessions.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(session);
        return session;
    }

    /**
     * Waits until a client is open, and returns its session: the newest one. A session whose welcome did not arrive has no
     * client, so what is sent to it arrives nowhere.
     */
    ServerSession session(HoldfastClient client) throws InterruptedException {
        awaitOpen(client);
        ServerSession session = session();
        for (ServerSession next = sessions.poll(); next != null; next = sessions.poll()) {
            session = next;
        }
        return session;
    }

    void sendByServer(ServerSession session, int count) {
        for (int i = 0; i < count; i++) {
            String unused = session.send(IntNode.valueOf(++sentByServer));
        }
    }

    /** Waits until all that either side has sent has arrived and is acknowledged, and checks it. */
    void awaitAll() throws Exception {
        await("all messages", () -> (byServer.get() > sent && byClient.get() > sentByServer) || !faults.isEmpty());
        for (CompletableFuture<Outcome> outcome : outcomes) {
            Outcome ended = outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(Outcome.Kind.ACKNOWLEDGED, ended.kind(), () -> ended + ", " + faults + ", " + events);
        }
        assertEquals(List.of(), faults);
        assertEquals(sent + 1, byServer.get());
        assertEquals(sentByServer + 1, byClient.get());
    }

    /** Waits until all that the client has sent came back from a server that echoes. */
    void awaitEchoes() throws Exception {
        sentByServer = sent;
        byServer.set(sent + 1);
        awaitAll();
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                fail("no " + what + "; server expects " + byServer + " of " + sent + ", client " + byClient + " of "
                        + sentByServer + ", faults " + faults + ", events " + events);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    void awaitOpen(HoldfastClient client) throws InterruptedException {
        await("open client", () -> client.state() == ClientState.OPEN);
    }

    @Override
    public void close() {
        clients.forEach(HoldfastClient::cancel);
    }
}
