package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.sample.server.SessionStore;
import dev.holdfast.testkit.conformance.ConformanceSuite;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The servers of this project keep the rules of the protocol page. */
class ConformanceTest {
    private static final int MIN_CHECKS = 120;

    @Test
    void theReferenceServerInMemory() throws Exception {
        try (SessionStore store = SessionStore.inMemory()) {
            check("reference server, sessions in memory", store);
        }
    }

    @Test
    void theReferenceServerOnRedis() throws Exception {
        Conformance.needsProgram(RedisServer.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                SessionStore store = SessionStore.at(redis.address(0))) {
            check("reference server, sessions in Redis", store);
        }
    }

    @Test
    void theServerOnNode() throws Exception {
        NodeServer.needed();
        try (NodeServer server = NodeServer.start()) {
            check("server on Node", server.url());
        }
    }

    private static void check(String name, SessionStore store) throws Exception {
        ReferenceServer.Options options = ConformanceApplication.options(ReferenceServer.Options.defaults())
                .withStore(store);
        try (ReferenceServer server = ReferenceServer.start(options)) {
            ConformanceApplication.install(server);
            check(name, server.url());
        }
    }

    private static void check(String name, String url) throws InterruptedException {
        System.out.println("\n" + name);
        ConformanceSuite.Report report = Conformance.run(url, result -> System.out.println(result.line()));
        System.out.println(name + ": " + report.summary());
        assertEquals(
                List.of(),
                report.failures().stream().map(ConformanceSuite.Result::line).toList());
        assertTrue(report.count(ConformanceSuite.Outcome.PASSED) >= MIN_CHECKS, report::summary);
    }
}
