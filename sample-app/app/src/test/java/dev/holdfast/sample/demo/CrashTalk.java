package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.holdfast.Backoff;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A client and one or two nodes on a Redis, which send each other the numbers 1, 2, 3 … while something is killed. The nodes
 * answer each number with the same number, in one step with its outcome.
 */
final class CrashTalk implements HoldfastListener, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long BETWEEN_MESSAGES_NANOS = Duration.ofMillis(4).toNanos();

    private final List<SessionStore> stores = new ArrayList<>();

    /** The application's way to the sessions: it sends from outside of the nodes. */
    private final SessionStore outside;

    private final List<ReferenceServer> servers = new ArrayList<>();
    private @Nullable HoldfastClient client;
    private @Nullable Thread talker;

    private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();
    private final StreamCheck stream = new StreamCheck();
    private final StreamCheck answers = new StreamCheck();
    private final StreamCheck handled = new StreamCheck();
    private final List<SessionLoss> losses = new CopyOnWriteArrayList<>();

    /** Numbers that the client knows it may miss, because its session was lost between two that arrived. */
    private final BitSet told = new BitSet();

    /** Numbers of which the servers' application knows that they may be missing: its call failed, or the session was over. */
    private final BitSet failed = new BitSet();

    private volatile boolean lossTold;
    private volatile boolean talking = true;
    /** The name of the newest session. */
    private volatile String sid = "";

    private volatile @Nullable ReferenceServer newestHandler;
    private volatile int sentByServer;

    CrashTalk(RedisServer redis) {
        outside = SessionStore.at(redis.address(0));
        stores.add(outside);
    }

    /** Adds a node whose Redis is at an address. */
    ReferenceServer node(String redis) {
        SessionStore store = SessionStore.at(redis);
        stores.add(store);
        ReferenceServer server = ReferenceServer.start(
                ReferenceServer.Options.defaults().withStore(store).withAckDelay(Duration.ofMillis(10)));
        server.onSession(created -> sid = created.sid());
        server.onMessage((from, seq, payload) -> {
            newestHandler = server;
            Payload.Json json = (Payload.Json) payload;
            handled.arrived(number(json.value().asText()));
            return HandlerResult.accepted(StreamMessage.json(json.value()));
        });
        servers.add(server);
        return server;
    }

    /** Connects, and sends both ways until {@link #end}. */
    void begin(String url) {
        HoldfastClient built = HoldfastClient.builder(url)
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200)))
                .heartbeat(Heartbeat.every(Duration.ofSeconds(2)).withDeadline(Duration.ofSeconds(5)))
                .listener(this)
                .build();
        client = built;
        built.connect();
        Thread thread = new Thread(this::talk, "talk");
        thread.setDaemon(true);
        talker = thread;
        thread.start();
        awaitExchange();
    }

    private HoldfastClient client() {
        HoldfastClient current = client;
        if (current == null) throw new AssertionError("no client yet");
        return current;
    }

    private void talk() {
        while (talking) {
            deliveries.add(client().send("c" + (deliveries.size() + 1)));
            if (!sid.isEmpty()) send(sentByServer + 1);
            LockSupport.parkNanos(BETWEEN_MESSAGES_NANOS);
        }
    }

    private void send(int number) {
        boolean arrived = false;
        try {
            ServerSession to = outside.find(sid);
            if (to != null) {
                String unused = to.send(TextNode.valueOf("s" + number));
                arrived = to.alive();
            }
        } catch (JedisException e) {
            // Redis may have it or not.
        }
        synchronized (failed) {
            if (!arrived) failed.set(number);
        }
        sentByServer = number;
    }

    private static int number(String text) {
        return Integer.parseInt(text.substring(1));
    }

    @Override
    public void onMessage(HoldfastClient from, Message message) {
        String text = message.read(String.class);
        if (text.startsWith("c")) {
            answers.arrived(number(text));
            return;
        }
        int number = number(text);
        synchronized (told) {
            if (lossTold && number > stream.highest()) told.set(stream.highest() + 1, number);
        }
        lossTold = false;
        stream.arrived(number);
    }

    @Override
    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
        losses.add(loss);
        lossTold = true;
    }

    /** Waits until each side has heard from the other what it does not send before now. */
    void awaitExchange() {
        int fromClient = deliveries.size() + 20;
        int fromServer = sentByServer + 20;
        await("an exchange", () -> answers.highest() > fromClient && stream.highest() > fromServer);
    }

    /** Lets time pass in which both sides go on sending. */
    void goOn(Duration time) {
        int until = deliveries.size() + (int) (time.toNanos() / BETWEEN_MESSAGES_NANOS / 2);
        await("more messages", () -> deliveries.size() > until);
    }

    static void await(String what, BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - begin < PATIENCE.toNanos(), () -> "waited too long for " + what);
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
    }

    /** Sends no more, waits for the end of every message, and checks that nothing was lost or doubled without a word. */
    void end(String what) throws InterruptedException {
        awaitExchange();
        talking = false;
        if (talker != null) talker.join();
        await("the last number", () -> stream.highest() == sentByServer && answers.highest() == deliveries.size());
        await("the outcomes", () -> deliveries.stream().allMatch(delivery -> delivery.outcomeNow() != null));

        int unknown = 0;
        int lostToServer = 0;
        int lostAnswers = 0;
        for (int i = 1; i <= deliveries.size(); i++) {
            boolean isAcknowledged =
                    Outcome.acknowledged().equals(deliveries.get(i - 1).outcomeNow());
            if (!isAcknowledged) unknown++;
            if (isAcknowledged && !handled.has(i)) lostToServer++;
            if (isAcknowledged && !answers.has(i)) lostAnswers++;
        }
        int lostToClient = 0;
        int toldMissing = 0;
        for (int i = 1; i <= sentByServer; i++) {
            if (stream.has(i)) continue;
            boolean known = told.get(i) || failed.get(i);
            if (known) toldMissing++;
            else lostToClient++;
        }
        long outcomes =
                servers.stream().mapToLong(server -> server.stats().handled()).sum();
        int toldUnknown =
                losses.stream().mapToInt(loss -> loss.unknown().size()).sum();
        System.out.println(what + ": to the server " + deliveries.size() + " sent, " + unknown
                + " unknown; to the client "
                + sentByServer + " sent, " + toldMissing + " missing as told; "
                + losses.stream().map(SessionLoss::reason).toList() + "; lost untold " + (lostToServer + lostToClient)
                + ", doubled " + (answers.duplicated() + stream.duplicated()));
        assertEquals(0, lostToServer, "acknowledged, and never handled");
        assertEquals(0, lostToClient, "missing at the client without a word");
        assertEquals(0, answers.duplicated(), "answered twice");
        assertEquals(0, stream.duplicated(), "came twice");
        assertEquals(0, answers.reordered() + stream.reordered(), "out of order");
        assertEquals(toldUnknown, unknown, "unknown outcomes that no report names");
        assertTrue(outcomes <= handled.distinct(), "outcomes of one message were stored twice");
        if (losses.isEmpty()) assertEquals(0, lostAnswers, "answers missing in a session that goes on");
    }

    /** Whether a node was the last that was given a message. */
    boolean isAt(ReferenceServer node) {
        return newestHandler == node;
    }

    /** The reasons of the lost sessions. */
    List<String> losses() {
        return losses.stream().map(SessionLoss::reason).toList();
    }

    @Override
    public void close() {
        talking = false;
        if (client != null) client.cancel();
        servers.forEach(ReferenceServer::close);
        stores.forEach(SessionStore::close);
    }
}
