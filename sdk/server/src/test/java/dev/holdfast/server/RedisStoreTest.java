package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import redis.clients.jedis.RedisClient;

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
                client, "holdfast:node:n1", (word, sid, value) -> told.add(word + " " + sid + " " + value));
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
        RedisInbox inbox = RedisInbox.open(client, "inbox", (word, sid, value) -> {
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

    @Test
    void onlyARedisDatabaseIsAnAddress() {
        for (String wrong : new String[] {"", "redis", "http://localhost", "redis://", "redis://localhost/zero"}) {
            assertThrows(IllegalArgumentException.class, () -> SessionStore.at(wrong), wrong);
        }
        var nobody = assertThrows(IllegalStateException.class, () -> SessionStore.at("redis://u:secret@127.0.0.1:1/0"));
        assertEquals("no Redis answers at 127.0.0.1:1", nobody.getMessage());
    }
}
