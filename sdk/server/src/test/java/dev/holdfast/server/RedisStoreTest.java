package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testkit.FaultProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.args.ClientType;

/** What holds of sessions in memory holds of those in Redis. */
class RedisStoreTest {
    private static final List<RedisClient> clients = new ArrayList<>();
    private static RedisProcess redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        clients.forEach(RedisClient::close);
        if (redis != null) redis.close();
    }

    private static RedisClient emptyRedis() {
        RedisClient client = RedisClient.create(redis.address());
        clients.add(client);
        client.flushDB();
        return client;
    }

    private static URI uri() {
        return URI.create(redis.address());
    }

    private static SessionState newState(SessionStore.NewSession wanted) {
        return RedisSessionState.create(new RedisScript(emptyRedis(), "n1", () -> {}), wanted);
    }

    @Nested
    class Log extends MessageLogContract {
        @Override
        MessageLog newLog(int limit) {
            return newState(new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), limit))
                    .log();
        }
    }

    @Nested
    class State extends SessionStoreContract {
        @Override
        SessionState create(SessionStore.NewSession wanted) {
            return newState(wanted);
        }
    }

    @Test
    void aRedisThatForgetsItsScriptsIsTaughtAgain() {
        RedisClient client = emptyRedis();
        SessionState state = RedisSessionState.create(
                new RedisScript(client, "n1", () -> {}),
                new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), 10));
        client.scriptFlush();
        state.append(new StreamMessage.Json("1"));
        assertEquals(1, state.log().size());
    }

    /** Whichever of the servers asks first: another one may know more of what Redis has confirmed. */
    @Test
    void aRedisThatHasAnOlderGenerationThanOneOfTheServersKnowsBeginsANewOne() {
        RedisClient client = emptyRedis();
        RedisScript knowing = new RedisScript(client, "n1", () -> {});
        RedisScript idle = new RedisScript(client, "n2", () -> {});
        RedisSessionState.create(knowing, new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), 10));
        assertNull(RedisSessionState.load(idle, "nobody"));
        String process = "holdfast:process";
        String older = client.hget(process, "generation");
        client.hset(process, "run", "another process");
        assertNull(RedisSessionState.load(knowing, "nobody"));
        assertNotEquals(older, client.hget(process, "generation"));

        // As after a restart from a file of before, which the idle server notices first.
        client.hset(process, "generation", older);
        client.scriptFlush();
        assertTrue(RedisSessionState.load(idle, "s1").isAlive());
        assertFalse(RedisSessionState.load(knowing, "s1").isAlive());
    }

    /** Otherwise the sessions that began in between would end. */
    @Test
    void aServerThatHasMissedAGenerationTakesTheNewest() {
        RedisClient client = emptyRedis();
        RedisScript first = new RedisScript(client, "n1", () -> {});
        RedisScript idle = new RedisScript(client, "n2", () -> {});
        assertNull(RedisSessionState.load(first, "nobody"));
        assertNull(RedisSessionState.load(idle, "nobody"));
        client.hset("holdfast:process", "run", "another process");
        RedisSessionState.create(first, new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), 10));
        client.scriptFlush();
        assertTrue(RedisSessionState.load(idle, "s1").isAlive());
        assertTrue(RedisSessionState.load(first, "s1").isAlive());
    }

    /** Otherwise the connection that has lost the session would be closed with 1001, and its client would come back. */
    @Test
    void theHolderHearsOfATakeoverBeforeTheEndOfASessionOfAnOlderGeneration() throws Exception {
        RedisClient client = emptyRedis();
        RedisScript holder = new RedisScript(client, "n1", () -> {});
        SessionState state = RedisSessionState.create(
                holder, new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), 10));
        assertInstanceOf(SessionState.Claim.Granted.class, state.claim("ada", "k", "k2", null));
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        RedisInbox inbox = RedisInbox.open(
                uri(), "holdfast:node:n1", (word, sid, value) -> told.add(word + " " + sid + " " + value));
        try {
            while (client.publish("holdfast:node:n1", "ready s1 ") == 0) Thread.onSpinWait();
            assertEquals("ready s1 ", told.poll(30, TimeUnit.SECONDS));
            client.hset("holdfast:session:s1", "generation", "0:older");
            SessionState elsewhere = RedisSessionState.load(new RedisScript(client, "n2", () -> {}), "s1");
            assertFalse(elsewhere.isAlive());
            assertEquals(new SessionState.Claim.Refused("epoch", 0), elsewhere.claim("ada", "k2", "k3", null));
            assertEquals("taken s1 2", told.poll(30, TimeUnit.SECONDS));
            assertEquals("ended s1 epoch", told.poll(30, TimeUnit.SECONDS));
        } finally {
            inbox.close();
        }
    }

    @Test
    void anInboxListensOnAfterAListenerHasThrown() throws Exception {
        RedisClient client = emptyRedis();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        RedisInbox inbox = RedisInbox.open(uri(), "inbox", (word, sid, value) -> {
            told.add(word);
            if (word.equals("first")) throw new AssertionError("broken");
        });
        try {
            while (client.publish("inbox", "first s1 ") == 0) Thread.onSpinWait();
            assertEquals("first", told.poll(30, TimeUnit.SECONDS));
            String next;
            long begin = System.nanoTime();
            do {
                long unused = client.publish("inbox", "second s1 ");
                next = told.poll(10, TimeUnit.MILLISECONDS);
            } while (next == null && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20));
            assertEquals("second", next);
        } finally {
            inbox.close();
        }
    }

    /** As after a router has lost its table: neither side learns that the other is gone. */
    @Test
    void anInboxListensAgainAfterItsConnectionWasDroppedSilently() throws Exception {
        RedisClient client = emptyRedis();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        FaultProxy proxy = FaultProxy.start(uri().getPort());
        URI through = URI.create("redis://127.0.0.1:" + proxy.port() + "/0");
        RedisInbox inbox = RedisInbox.open(through, "forgotten", (word, sid, value) -> told.add(word));
        try {
            while (client.publish("forgotten", "first s1 ") == 0) Thread.onSpinWait();
            assertEquals("first", told.poll(30, TimeUnit.SECONDS));
            proxy.forget();
            String next;
            long begin = System.nanoTime();
            do {
                long unused = client.publish("forgotten", "second s1 ");
                next = told.poll(10, TimeUnit.MILLISECONDS);
            } while (next == null && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20));
            assertEquals("second", next);
        } finally {
            inbox.close();
            proxy.close();
        }
    }

    @Test
    void anInboxThatHearsNothingForLongKeepsItsConnection() throws Exception {
        RedisClient client = emptyRedis();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        RedisInbox inbox = RedisInbox.open(uri(), "quiet", (word, sid, value) -> told.add(word));
        try (Jedis admin = new Jedis(uri())) {
            while (client.publish("quiet", "first s1 ") == 0) Thread.onSpinWait();
            assertEquals("first", told.poll(30, TimeUnit.SECONDS));
            List<String> before = subscribers(admin);
            // Real time, because Jedis' read timeout knows no other.
            Thread.sleep(RedisInbox.MAX_SILENCE.plusSeconds(2).toMillis());
            assertEquals(before, subscribers(admin));
            long unused = client.publish("quiet", "second s1 ");
            assertEquals("second", told.poll(30, TimeUnit.SECONDS));
        } finally {
            inbox.close();
        }
    }

    /** The connections of inboxes. One that another test has just closed may still be there. */
    private static List<String> subscribers(Jedis admin) {
        while (true) {
            List<String> ids = admin.clientList(ClientType.PUBSUB)
                    .lines()
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
            if (ids.size() == 1) return ids;
            Thread.onSpinWait();
        }
    }

    @Test
    void onlyARedisDatabaseIsAnAddress() {
        for (String wrong : new String[] {"", "redis", "http://localhost", "redis://", "redis://localhost/zero"}) {
            assertThrows(IllegalArgumentException.class, () -> SessionStore.at(wrong), wrong);
        }
        var nobody = assertThrows(IllegalStateException.class, () -> SessionStore.at("redis://u:secret@127.0.0.1:1/0"));
        assertEquals("no Redis answers at 127.0.0.1:1", nobody.getMessage());
    }
}
