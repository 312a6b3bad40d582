package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.RedisServer;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TwoNodesTest {
    private static final int MESSAGES = 5_000;
    private static final Progress QUIET = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

    @BeforeAll
    static void need() {
        Needed.program(RedisServer.PROGRAM);
        Needed.program(Nginx.PROGRAM);
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(120)
    void nothingIsLostWhateverHappensToOneNodeAndThenToTheOther(TwoNodes.Harm harm) throws Exception {
        nothingIsLost(harm, RedisServer::start);
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "everysec"})
    @Timeout(120)
    void nothingIsLostByKillsOfNodesWhoseRedisWritesAFile(String appendfsync) throws Exception {
        nothingIsLost(TwoNodes.Harm.KILLED, () -> RedisServer.durable(appendfsync));
    }

    private static void nothingIsLost(TwoNodes.Harm harm, Supplier<RedisServer> redis) throws Exception {
        Tally tally = TwoNodes.run(harm, redis, MESSAGES, QUIET);
        System.out.println(tally);
        assertTrue(tally.passed(), tally::toString);
        assertTrue(tally.toServer().sent() >= MESSAGES, tally::toString);
        for (DirectionTotals totals : List.of(tally.toServer(), tally.fromServer())) {
            assertEquals(tally.toServer().sent(), totals.sent());
            assertEquals(totals.sent(), totals.arrived());
            assertEquals(totals.sent(), totals.acknowledged());
        }
        assertTrue(tally.reconnects() >= 2, tally::toString);
    }

    @Test
    @Timeout(120)
    void aServerThatRestartsGoesOnFromRedis() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            Tally tally = DemoOptions.parse("--messages", "2000", "--log", redis.address(3))
                    .run(Scenario.SERVER_RESTART, QUIET);
            assertTrue(tally.passed(), tally::toString);
            assertEquals(2_000, tally.toServer().arrived());
            assertEquals(2_000, tally.fromServer().arrived());
        }
    }
}
