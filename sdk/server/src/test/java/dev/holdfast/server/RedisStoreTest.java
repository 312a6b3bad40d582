package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
        return RedisSessionState.create(new RedisScript(emptyRedis(), "n1"), wanted);
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
                new RedisScript(client, "n1"),
                new SessionStore.NewSession("s1", "ada", "k", Duration.ofMinutes(1), 10));
        client.scriptFlush();
        state.append(new StreamMessage.Json("1"));
        assertEquals(1, state.log().size());
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
