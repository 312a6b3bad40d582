package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.sample.node.Nginx;
import dev.holdfast.sample.node.RedisNetwork;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/**
 * What docs/servers.md promises if a part of the server fails: nothing is lost or doubled without a word to the client. The
 * crash of a node is in {@link TwoNodesTest}.
 */
@Timeout(120)
class CrashTest {
    /** Less than what Redis may forget with {@code appendfsync everysec}. */
    private static final Duration UNWRITTEN = Duration.ofMillis(500);

    @BeforeEach
    void need() {
        Needed.program(RedisServer.PROGRAM);
    }

    @Test
    void aRedisThatWritesAlways() throws Exception {
        try (RedisServer redis = RedisServer.durable("always");
                CrashTalk talk = new CrashTalk(redis)) {
            talk.begin(talk.node(redis.address(0)).url());
            for (int i = 0; i < 2; i++) {
                redis.kill();
                redis.startAgain();
                talk.awaitExchange();
            }
            talk.end("kill -9 of Redis, appendfsync always, twice");
            assertEquals(List.of(), talk.losses());
        }
    }

    @Test
    void aRedisThatWritesEverySecond() throws Exception {
        try (RedisServer redis = RedisServer.durable("everysec");
                CrashTalk talk = new CrashTalk(redis)) {
            talk.begin(talk.node(redis.address(0)).url());
            redis.kill();
            redis.startAgain();
            talk.end("kill -9 of Redis, appendfsync everysec");
            assertEquals(List.of("epoch"), talk.losses());
        }
    }

    @Test
    void aMachineThatLosesWhatRedisHadNotWritten() throws Exception {
        try (RedisServer redis = RedisServer.durable("everysec");
                CrashTalk talk = new CrashTalk(redis)) {
            talk.begin(talk.node(redis.address(0)).url());
            Path disk = redis.save();
            talk.goOn(UNWRITTEN);
            redis.kill();
            redis.restore(disk);
            redis.startAgain();
            talk.end("loss of power, appendfsync everysec");
            assertEquals(List.of("epoch"), talk.losses());
        }
    }

    @Test
    void aRedisThatKeepsNothing() throws Exception {
        try (RedisServer redis = RedisServer.start();
                CrashTalk talk = new CrashTalk(redis)) {
            talk.begin(talk.node(redis.address(0)).url());
            redis.kill();
            redis.startAgain();
            talk.end("kill -9 of a Redis without a file");
            assertEquals(List.of("unknown"), talk.losses());
        }
    }

    @Test
    void aReplicaThatTakesOver() throws Exception {
        try (RedisServer primary = RedisServer.durable("always");
                RedisServer replica = RedisServer.durable("always");
                FaultProxy link = FaultProxy.start(primary.port());
                Jedis standby = new Jedis("127.0.0.1", replica.port());
                CrashTalk talk = new CrashTalk(primary)) {
            standby.replicaof("127.0.0.1", link.port());
            CrashTalk.await("the replica", () -> standby.info("replication").contains("master_link_status:up"));
            talk.begin(talk.node(primary.address(0)).url());
            link.blackHole(Direction.BOTH, true);
            talk.goOn(UNWRITTEN);
            primary.kill();
            standby.replicaofNoOne();
            standby.configSet("port", Integer.toString(primary.port()));
            talk.end("failover to a replica that lags behind");
            assertEquals(1, talk.losses().size(), () -> talk.losses().toString());
        }
    }

    @Test
    void aNodeThatIsCutOffFromRedis() throws Exception {
        Needed.program(Nginx.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                FaultProxy one = FaultProxy.start(redis.port());
                FaultProxy other = FaultProxy.start(redis.port());
                CrashTalk talk = new CrashTalk(redis)) {
            ReferenceServer first = talk.node("redis://127.0.0.1:" + one.port() + "/0");
            ReferenceServer second = talk.node("redis://127.0.0.1:" + other.port() + "/0");
            try (Nginx nginx = Nginx.before(first.port(), second.port())) {
                talk.begin(nginx.url());
                for (int i = 0; i < 2; i++) {
                    FaultProxy way = talk.isAt(first) ? one : other;
                    way.blackHole(Direction.BOTH, true);
                    talk.awaitExchange();
                    way.blackHole(Direction.BOTH, false);
                    way.cut();
                }
                talk.end("cut between the client's node and Redis, twice");
                assertEquals(List.of(), talk.losses());
            }
        }
    }

    /** Unlike the proxies above, the network answers nothing, and connections that wait long enough go on. */
    @Test
    void aNodeWhosePacketsToRedisAreDropped() throws Exception {
        Needed.program(Nginx.PROGRAM);
        Needed.redisNetwork();
        try (RedisNetwork network = RedisNetwork.start();
                CrashTalk talk = new CrashTalk(network.redis())) {
            ReferenceServer first = talk.node(network.address(1));
            ReferenceServer second = talk.node(network.address(2));
            try (Nginx nginx = Nginx.before(first.port(), second.port())) {
                talk.begin(nginx.url());
                for (int i = 0; i < 2; i++) {
                    int way = talk.isAt(first) ? 1 : 2;
                    network.cut(way);
                    talk.awaitExchange();
                    network.mend(way);
                }
                talk.end("packets between the client's node and Redis dropped, twice");
                assertEquals(List.of(), talk.losses());
            }
        }
    }

    @Test
    void nginx() throws Exception {
        Needed.program(Nginx.PROGRAM);
        try (RedisServer redis = RedisServer.start();
                CrashTalk talk = new CrashTalk(redis);
                Nginx nginx = Nginx.before(
                        talk.node(redis.address(0)).port(),
                        talk.node(redis.address(0)).port())) {
            talk.begin(nginx.url());
            for (int i = 0; i < 2; i++) {
                nginx.kill();
                nginx.startAgain();
                talk.awaitExchange();
            }
            talk.end("kill -9 of nginx, twice");
            assertEquals(List.of(), talk.losses());
        }
    }
}
