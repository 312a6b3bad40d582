package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.sample.node.Needed;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import dev.holdfast.testkit.Direction;
import dev.holdfast.testkit.FaultProxy;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/**
 * What docs/servers.md promises if a Redis is killed. In each test the client has seen nothing of what is lost, so only the
 * server can know of it.
 */
@Timeout(300)
class RedisCrashTest extends ServerHarness {
    @BeforeAll
    static void need() {
        Needed.program(RedisServer.PROGRAM);
    }

    /** A connection that waits longer than Jedis does by default, because a busy machine takes seconds to answer. */
    private static Jedis jedis(RedisServer redis) {
        return new Jedis("127.0.0.1", redis.port(), 60_000);
    }

    @Test
    void aRedisThatWritesAlwaysLosesNothingAndTheSessionGoesOn() throws Exception {
        RedisServer redis = keep(RedisServer.durable("always"));
        Talk talk = new Talk(redis);
        talk.leave();
        talk.session.send(json("while away"));
        redis.kill();
        redis.startAgain();

        HandClient again;
        do {
            // Each of the server's connections to the Redis that is gone may fail once, also after the resume.
            again = talk.again();
            talk.ticket = expectResumed(again);
            assertEquals(1, talk.ticket.handledSeq());
            again.expectMsg("\"while away\"");
            again.expect("live");
            again.msg(2, "2");
        } while (again.failsNext());
        assertEquals(2, again.expect("ack").get("c").asLong());
        assertEquals("2", handled().text());
    }

    @Test
    void whatARedisHadNotWrittenToTheDiskEndsTheSession() throws Exception {
        RedisServer redis = keep(RedisServer.durable("everysec"));
        Talk talk = new Talk(redis);
        Path disk = redis.save();
        talk.leave();
        talk.session.send(json("while away"));
        redis.kill();
        redis.restore(disk);
        redis.startAgain();

        HandClient again = talk.again();
        assertEquals(1, expectNew(again, "epoch").handledSeq());
        assertFalse(talk.session.alive());
    }

    @Test
    void aMessageIsNotHandledTwiceBecauseARedisForgotIt() throws Exception {
        RedisServer redis = keep(RedisServer.durable("everysec"));
        Talk talk = new Talk(redis);
        Path disk = redis.save();
        talk.client.msg(2, "2").expect("ack");
        handled();
        talk.leave();
        redis.kill();
        redis.restore(disk);
        redis.startAgain();

        // To a client that has not heard of the acknowledgement, 1 is right as well.
        assertEquals(1, expectNew(talk.again(), "epoch").handledSeq());
    }

    @Test
    void aReplicaThatLaggedBehindEndsTheSession() throws Exception {
        try (FaultProxy link = FaultProxy.start(1)) {
            RedisServer primary = keep(RedisServer.durable("always"));
            RedisServer replica = keep(RedisServer.durable("always"));
            link.retarget(primary.port());
            try (Jedis jedis = jedis(replica)) {
                jedis.replicaof("127.0.0.1", link.port());
            }
            Talk talk = new Talk(primary);
            try (Jedis jedis = jedis(primary)) {
                // Redis waits for what this connection has written, and for all before it.
                jedis.set("written", "now");
                await(() -> jedis.waitReplicas(1, 1_000) == 1);
            }
            link.blackHole(Direction.BOTH, true);
            talk.leave();
            talk.session.send(json("while away"));
            promote(primary, replica);

            HandClient again = talk.again();
            assertEquals(1, expectNew(again, "epoch").handledSeq());
        }
    }

    /** Kills a primary and has its replica take its place and its address, as an address that moves does. */
    private static void promote(RedisServer primary, RedisServer replica) {
        primary.kill();
        try (Jedis jedis = jedis(replica)) {
            jedis.replicaofNoOne();
        }
        moveTo(primary, replica);
    }

    private static void moveTo(RedisServer gone, RedisServer other) {
        try (Jedis jedis = jedis(other)) {
            jedis.configSet("port", Integer.toString(gone.port()));
        }
    }

    @Test
    void aNewPrimaryThatIsRestartedLosesNothingEither() throws Exception {
        RedisServer primary = keep(RedisServer.durable("always"));
        RedisServer replica = keep(RedisServer.durable("always"));
        try (Jedis jedis = jedis(replica)) {
            jedis.replicaof("127.0.0.1", primary.port());
            awaitInSync(jedis);
            awaitFile(jedis);
            primary.kill();
            jedis.replicaofNoOne();
        }
        Talk talk = new Talk(replica);
        talk.leave();
        talk.session.send(json("while away"));
        replica.kill();
        replica.startAgain();

        HandClient again = talk.again();
        expectResumed(again);
        again.expectMsg("\"while away\"");
    }

    private static void awaitInSync(Jedis replica) throws Exception {
        await(() -> replica.info("replication").contains("master_link_status:up"));
    }

    /** Waits until a replica has written what its primary had: until then a crash costs all of it. */
    private static void awaitFile(Jedis replica) throws Exception {
        await(() -> replica.info("persistence").contains("aof_rewrite_in_progress:0"));
    }

    @Test
    void aNewPrimaryThatIsKilledBeforeItsFirstFileEndsTheSession() throws Exception {
        RedisServer primary = keep(RedisServer.durable("always"));
        RedisServer replica = keep(RedisServer.durable("always"));
        Talk talk = new Talk(primary);
        try (Jedis jedis = jedis(replica)) {
            jedis.replicaof("127.0.0.1", primary.port());
            awaitInSync(jedis);
            awaitFile(jedis);
            jedis.replicaofNoOne();
            talk.leave();
            talk.session.send(json("while away"));
            // From now on the replica's file is behind: it needs minutes for a new one.
            jedis.configSet("rdb-key-save-delay", "60000000");
            jedis.replicaof("127.0.0.1", primary.port());
            awaitInSync(jedis);
        }
        promote(primary, replica);
        expectNew(untilItWorks(() -> open(talk.server)), "new");
        replica.kill();
        replica.startAgain();
        moveTo(primary, replica);

        assertEquals(1, expectNew(talk.again(), "epoch").handledSeq());
    }

    @Test
    void aRedisThatIsToldToWriteLessOftenCountsAsOneThatForgets() throws Exception {
        RedisServer redis = keep(RedisServer.durable("always"));
        Talk talk = new Talk(redis);
        try (Jedis jedis = jedis(redis)) {
            jedis.configSet("appendfsync", "everysec");
            await(() -> "0".equals(jedis.hget("holdfast:process", "durable")));
        }
        talk.leave();
        redis.kill();
        redis.startAgain();
        expectNew(talk.again(), "epoch");
    }

    @Test
    void anOlderFileEndsTheSessionEvenIfTheProcessBeforeWroteAlways() throws Exception {
        RedisServer redis = keep(RedisServer.durable("always"));
        Talk talk = new Talk(redis);
        try (Jedis jedis = jedis(redis)) {
            jedis.save();
        }
        talk.leave();
        talk.session.send(json("while away"));
        redis.kill();
        redis.startAgain("--appendonly", "no");

        HandClient again = talk.again();
        assertEquals(1, expectNew(again, "epoch").handledSeq());
    }

    @Test
    void aConnectedClientIsToldByItself() throws Exception {
        RedisServer redis = keep(RedisServer.durable("everysec"));
        Talk talk = new Talk(redis);
        redis.kill();
        redis.startAgain();
        talk.expectEnd();
        expectNew(talk.again(), "epoch");
    }

    @Test
    void aRedisThatKeepsNothingEndsTheSession() throws Exception {
        RedisServer redis = keep(RedisServer.start());
        Talk talk = new Talk(redis);
        redis.kill();
        redis.startAgain();
        talk.expectEnd();
        assertEquals(0, expectNew(talk.again(), "unknown").handledSeq());
    }

    /** Connects. The server's connections to the Redis that is gone fail first, and a client tries again. */
    private static HandClient untilItWorks(Callable<HandClient> connecting) throws Exception {
        while (true) {
            HandClient client = connecting.call();
            if (!client.failsNext()) return client;
            client.close();
        }
    }

    /** A client that has had one message handled and has received one. */
    private final class Talk {
        final ReferenceServer server;
        final HandClient client;
        final ServerSession session;
        Ticket ticket;

        Talk(RedisServer redis) throws Exception {
            server = start(options().withStore(keep(SessionStore.at(redis.address(0)))));
            client = open(server);
            Ticket first = expectNew(client, "new");
            session = session();
            client.msg(1, "1").expect("ack");
            assertEquals("1", handled().text());
            session.send(json("a"));
            JsonNode message = client.expect("msg");
            ticket = first.at(message.get("id").asText());
        }

        HandClient again() throws Exception {
            return untilItWorks(() -> resume(server, ticket));
        }

        /** The end of the connection: with the session, or earlier because the Redis that is gone does not answer. */
        void expectEnd() throws Exception {
            int code = client.expectEnd();
            assertTrue(code == 1001 || code == 1011, () -> "closed with " + code);
        }

        void leave() {
            client.abort();
            await(() -> !session.connected());
        }
    }
}
