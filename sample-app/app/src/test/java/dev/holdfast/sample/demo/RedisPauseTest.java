package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Credential;
import dev.holdfast.ManualNetworkMonitor;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/** A Redis that does not answer for longer than anybody waits: what was done in spite of it nobody knows until later. */
class RedisPauseTest {
    private static final long PAUSE_MILLIS = 2_500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    @Timeout(120)
    void everyMessageIsStillHandledOnce() throws Exception {
        Needed.program(RedisServer.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                SessionStore store = SessionStore.at(redis.address(0));
                ReferenceServer server =
                        ReferenceServer.start(ReferenceServer.Options.defaults().withStore(store));
                DemoClient client =
                        new DemoClient(server.url(), new ManualNetworkMonitor(), () -> Credential.bearer("ada"))) {
            server.onMessage((session, seq, payload) ->
                    HandlerResult.accepted(StreamMessage.json(((Payload.Json) payload).value())));
            int sent = 0;
            while (sent < 100) client.send(++sent);
            await(() -> client.echoes().highest() == 100);

            try (Jedis jedis = new Jedis("127.0.0.1", redis.port())) {
                jedis.clientPause(PAUSE_MILLIS);
            }
            long begin = System.nanoTime();
            while (System.nanoTime() - begin
                    < Duration.ofMillis(2 * PAUSE_MILLIS).toNanos()) {
                client.send(++sent);
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }

            int last = sent;
            await(() -> client.echoes().highest() == last && client.hasAll(0));
            assertTrue(client.reconnects() > 0, "the pause was not noticed");
            assertEquals(0, client.sessionsLost());
            assertEquals(last, client.echoes().received());
            assertEquals(0, client.echoes().duplicated());
            assertEquals(0, client.echoes().reordered());
            assertEquals(0, client.toServer(client.echoes()).silentlyLost());
        }
    }

    private static void await(BooleanSupplier condition) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - begin < PATIENCE.toNanos(), "did not come true");
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
