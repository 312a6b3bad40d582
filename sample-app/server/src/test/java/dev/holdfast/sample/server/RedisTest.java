package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.node.Needed;
import dev.holdfast.sample.node.RedisServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import dev.holdfast.server.StreamMessage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.RedisClient;

/** What holds of sessions in memory holds of those in Redis, and two servers share them. */
class RedisTest {
    private static final int DATABASES = 16;

    private static RedisServer redis;
    private static int stores;

    @BeforeAll
    static void startRedis() {
        Needed.program(RedisServer.PROGRAM);
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) redis.close();
    }

    /** The address of an empty database. */
    private static String newDatabase() {
        String address = redis.address(stores++ % DATABASES);
        try (RedisClient client = RedisClient.create(address)) {
            client.flushDB();
        }
        return address;
    }

    @Nested
    class Opening extends OpeningTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class Handling extends HandlingTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class Replay extends ReplayTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class Streams extends StreamsTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class ProtocolErrors extends ProtocolErrorsTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class Limits extends LimitsTest {
        @Override
        SessionStore newStore() {
            return SessionStore.at(newDatabase());
        }
    }

    @Nested
    class TwoServers extends ServerHarness {
        private final String address = newDatabase();
        private final SessionStore oneStore = keep(SessionStore.at(address));
        private final SessionStore otherStore = keep(SessionStore.at(address));
        private final ReferenceServer one = start(options().withStore(oneStore));
        private final ReferenceServer other = start(options().withStore(otherStore));

        @Test
        void aSessionThatBeganOnOneIsResumedOnTheOther() throws Exception {
            HandClient client = open(one);
            Ticket ticket = expectNew(client, "new");
            ServerSession session = session();
            client.msg(1, "1").expect("ack");
            session.send(json("a"));
            String a = client.expectMsg("\"a\"");
            session.send(json("b"));
            client.expectMsg("\"b\"");

            HandClient moved = resume(other, ticket.at(a));
            assertEquals(1, expectResumed(moved).handledSeq());
            client.expectClose(4409);
            moved.expectMsg("\"b\"");
            moved.expect("live");
            moved.msg(1, "\"again\"").msg(2, "2");
            while (moved.expect("ack").get("c").asLong() < 2) {
                // Acknowledged in as many steps as it took.
            }
            assertEquals("1", handled().text());
            assertEquals("2", handled().text());
            assertEquals(1, other.stats().sessions());
        }

        @Test
        @Timeout(60) // One a second would be what sweeps alone find.
        void whatIsSentOnOneReachesTheConnectionOnTheOtherAtOnce() throws Exception {
            HandClient client = open(one);
            expectNew(client, "new");
            ServerSession elsewhere = otherStore.find(session().sid());
            for (int i = 0; i < 100; i++) {
                elsewhere.send(json("m" + i));
                client.expectMsg("\"m" + i + "\"");
            }
        }

        @Test
        void whatWasAtWorkWhenTheOtherTookOverCountsForNothing() throws Exception {
            CountDownLatch atWork = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            one.onMessage((session, seq, payload) -> {
                atWork.countDown();
                take(goOn);
                return HandlerResult.accepted(StreamMessage.json(json("of one")));
            });
            other.onMessage(
                    (session, seq, payload) -> HandlerResult.accepted(StreamMessage.json(json("of the other"))));
            HandClient client = open(one);
            Ticket ticket = expectNew(client, "new");
            client.send("[{'t':'msg','c':1,'d':1},{'t':'msg','c':2,'d':2}]");
            take(atWork);

            HandClient moved = resume(other, ticket);
            Ticket newest = expectResumed(moved);
            assertEquals(0, newest.handledSeq());
            moved.expect("live");
            goOn.countDown();
            client.expectClose(4409);
            moved.msg(1, "1");
            String answer = moved.expectMsg("\"of the other\"");
            assertEquals(1, moved.expect("ack").get("c").asLong());
            // A resume is queued behind what its session is at.
            assertEquals(1, expectResumed(resume(one, newest.at(answer))).handledSeq());
            moved.expectClose(4409);
            assertEquals(0, one.stats().handled());
            assertEquals(0, one.stats().protocolErrors(), "it went on with the batch");
        }

        @Test
        void sessionsExpireOnBoth() throws Exception {
            HandClient client = open(one);
            Ticket ticket = expectNew(client, "new");
            client.msg(1, "1").expect("ack");
            other.expireSessions();
            client.expectClose(1001);
            assertEquals(1, expectNew(resume(one, ticket), "expired").handledSeq());
        }

        @Test
        void aHeldSessionIsKeptAndWhatAServerWasNotToldItFindsOut() throws Exception {
            HandClient client = open(one);
            expectNew(client, "new");
            ServerSession session = session();
            try (RedisClient redis = RedisClient.create(address)) {
                double before = redis.zscore("holdfast:alive", session.sid());
                await(() -> redis.zscore("holdfast:alive", session.sid()) > before);
                // As if another server had done it, whose word got lost.
                redis.hset("holdfast:session:" + session.sid(), "ended", "expired");
            }
            client.expectClose(1001);
            assertFalse(session.alive());
        }

        private void take(CountDownLatch latch) {
            try {
                assertTrue(latch.await(60, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
