package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.RedisServer;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
        Tally tally = TwoNodes.run(harm, MESSAGES, QUIET);
        System.out.println(tally);
        assertTrue(tally.passed(), tally::toString);
        assertTrue(tally.sent() >= 2 * MESSAGES, tally::toString);
        assertEquals(tally.sent() / 2, tally.acknowledged());
        assertEquals(tally.sent(), tally.received());
        assertTrue(tally.reconnects() >= 2, tally::toString);
    }

    @Test
    @Timeout(60)
    void aServerThatRestartsGoesOnFromRedis() throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            Tally tally = DemoOptions.parse("--messages", "2000", "--log", redis.address(3))
                    .run(Scenario.SERVER_RESTART, QUIET);
            assertTrue(tally.passed(), tally::toString);
            assertEquals(4_000, tally.received());
        }
    }
}
