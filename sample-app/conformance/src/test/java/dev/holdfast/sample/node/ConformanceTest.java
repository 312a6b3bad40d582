package dev.holdfast.sample.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.conformance.ConformanceSuite;
import dev.holdfast.conformance.Target;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HoldfastServer;
import dev.holdfast.server.SessionStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers of this project keep the rules of the protocol page. */
class ConformanceTest {
    private static final int MIN_CHECKS = 260;
    private static final int MIN_CHECKS_WITHOUT_HTTP = 120;

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
        NodeServer.missing().ifPresent(missing -> Conformance.needs(false, missing));
        try (NodeServer server = NodeServer.start()) {
            check("server on Node", server.url());
        }
    }

    /** It has no carrier over HTTP. */
    @Test
    void theAdapterOfSpring(@TempDir Path folder) throws Exception {
        try (TomcatServer server = TomcatServer.spring(folder)) {
            Target target = Conformance.target(server.url()).withHttp(Target.Http.NO, false);
            check("Spring on Tomcat", target, MIN_CHECKS_WITHOUT_HTTP);
        }
    }

    /** It has no carrier over HTTP, and cannot refuse a credential with a status of HTTP, which a server may do. */
    @Test
    void theAdapterOfJakartaWebSocket(@TempDir Path folder) throws Exception {
        try (HoldfastServer embedded = ConformanceApplication.embedded();
                TomcatServer server = TomcatServer.jakarta(folder, embedded)) {
            Target target = Conformance.target(server.url())
                    .withHttp(Target.Http.NO, false)
                    .withCredentials("\"alice\"", "\"bob\"", "\"alice-for-a-moment\"", "\"eve\"", null);
            check("Jakarta WebSocket on Tomcat", target, MIN_CHECKS_WITHOUT_HTTP);
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
        check(name, Conformance.target(url), MIN_CHECKS);
    }

    private static void check(String name, Target target, int minChecks) throws InterruptedException {
        System.out.println("\n" + name);
        ConformanceSuite.Report report = ConformanceSuite.run(target, result -> System.out.println(result.line()));
        System.out.println(name + ": " + report.summary());
        assertEquals(
                List.of(),
                report.failures().stream().map(ConformanceSuite.Result::line).toList());
        assertTrue(report.count(ConformanceSuite.Outcome.PASSED) >= minChecks, report::summary);
    }
}
