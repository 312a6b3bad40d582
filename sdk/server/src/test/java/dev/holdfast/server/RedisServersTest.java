package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.args.ClientPauseMode;

/** Two servers that share a Redis, and clients by hand without a network. */
@Timeout(60)
class RedisServersTest {
    private static RedisProcess process;

    private final BlockingQueue<ServerSession> sessions = new LinkedBlockingQueue<>();

    private final BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

    /** The threads that were given an open; they are done with it when they wait for the next task. */
    private final BlockingQueue<Thread> openers = new LinkedBlockingQueue<>();

    /** How far the stores' clocks are ahead. */
    private final AtomicLong ahead = new AtomicLong();

    private RedisClient redis;
    private RedisSessionStore oneStore;
    private RedisSessionStore otherStore;
    private HoldfastServer one;
    private HoldfastServer other;

    @BeforeAll
    static void startRedis() throws Exception {
        process = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        if (process != null) process.close();
    }

    @BeforeEach
    void start() {
        redis = RedisClient.create(process.address());
        redis.flushDB();
        oneStore = store();
        otherStore = store();
        one = server(oneStore);
        other = server(otherStore);
    }

    private RedisSessionStore store() {
        return new RedisSessionStore(process.address(), () -> System.nanoTime() + ahead.get());
    }

    private HoldfastServer server(SessionStore store) {
        return HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .store(store)
                .ackDelay(Duration.ofMillis(1))
                .authenticator(credential -> {
                    openers.add(Thread.currentThread());
                    return new Authenticator.User("ada");
                })
                .onSession(sessions::add)
                .onError(failures::add)
                .build();
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        oneStore.close();
        otherStore.close();
        redis.close();
    }

    private ServerSession session() throws InterruptedException {
        ServerSession session = sessions.poll(30, TimeUnit.SECONDS);
        assertTrue(session != null, "nobody opened a session");
        return session;
    }

    private static JsonNode open(HandTransport client) throws Exception {
        JsonNode welcome = client.say("{'t':'open'}").expect("welcome");
        client.expect("live");
        return welcome;
    }

    private static HandTransport resume(HoldfastServer server, JsonNode welcome, String last) {
        return HandTransport.connect(server)
                .say("{'t':'open','sid':'" + welcome.get("sid").asText() + "','key':'"
                        + welcome.get("key").asText() + "','last':'" + last + "'}");
    }

    @Test
    void aTakeoverThatEndsTheSessionBecauseItsLogIsTrimmedClosesTheOlderConnectionLikeAnyOther() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode welcome = open(client);
        session().send(IntNode.valueOf(1));
        String id = client.expect("msg").get("id").asText();
        client.say("{'t':'ack','last':'" + id + "'}").say("{'t':'msg','c':1,'d':1}");
        client.expect("ack");
        JsonNode another = resume(other, welcome, welcome.get("last").asText()).expect("welcome");
        assertEquals("trimmed", another.get("reason").asText());
        client.expectClose(4409);
    }

    @Test
    void aTakeoverThatEndsTheSessionBecauseItsLogIsAnotherClosesTheOlderConnectionLikeAnyOther() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode welcome = open(client);
        ServerSession session = session();
        JsonNode another = resume(other, welcome, "999-9").expect("welcome");
        assertEquals("epoch", another.get("reason").asText());
        client.expectClose(4409);
        while (session.alive()) Thread.onSpinWait();
    }

    @Test
    void aTakeoverThatNobodyToldIsFoundAndStaysOne() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode welcome = open(client);
        ServerSession session = session();
        // As if another server had done it, whose words got lost.
        redis.hset("holdfast:session:" + welcome.get("sid").asText(), Map.of("fence", "9", "ended", "trimmed"));
        oneStore.sweep();
        client.expectClose(4409);
        assertFalse(session.alive());
    }

    @Test
    void aLogThatATakeoverHasDeletedIsNotTakenForOneThatWasCutShort() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode welcome = open(client);
        // As if another server had done it, whose words are still on their way.
        redis.hset(
                "holdfast:session:" + welcome.get("sid").asText(),
                Map.of("fence", "9", "ended", "trimmed", "trimmed", "9-9"));
        session().appended();
        client.expectClose(4409);
    }

    @Test
    void aSessionThatRedisNoLongerKnowsIsNotTakenOver() throws Exception {
        for (String said : new String[] {"{'t':'msg','c':1,'d':1}", "{'t':'ack','last':'%s'}"}) {
            HandTransport client = HandTransport.connect(one);
            JsonNode welcome = open(client);
            redis.del("holdfast:session:" + welcome.get("sid").asText());
            client.say(String.format(said, welcome.get("last").asText()));
            client.expectClose(1001);
            JsonNode another =
                    resume(one, welcome, welcome.get("last").asText()).expect("welcome");
            assertEquals("unknown", another.get("reason").asText());
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    @Test
    void aByeOfAConnectionThatHasLostTheSessionDoesNotEndIt() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode welcome = open(client);
        String record = "holdfast:session:" + welcome.get("sid").asText();
        // As if another server had taken it, whose word is still on its way.
        redis.hincrBy(record, "fence", 1);
        client.say("{'t':'bye'}");
        client.expectClose(4409);
        assertEquals("", Objects.requireNonNullElse(redis.hget(record, "ended"), ""));
        JsonNode renewed = resume(other, welcome, welcome.get("last").asText()).expect("welcome");
        assertTrue(renewed.path("resumed").asBoolean(), renewed::toString);
    }

    /** Of a session that is with another server, this one drops what it has after a while. */
    @Test
    void aSweepDoesNotDropASessionThatIsBeingResumed() throws Exception {
        JsonNode welcome = open(HandTransport.connect(one));
        ServerSession here = session();
        HandTransport moved = resume(other, welcome, welcome.get("last").asText());
        JsonNode renewed = moved.expect("welcome");
        moved.expect("live");
        while (here.connected()) Thread.onSpinWait();

        // The client comes back, and its open waits for the lane.
        CountDownLatch atWork = new CountDownLatch(1);
        here.lane().execute(one.workers(), () -> await(atWork));
        openers.clear();
        HandTransport back = resume(one, renewed, renewed.get("last").asText());
        Thread opener = openers.poll(30, TimeUnit.SECONDS);
        while (opener.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
        ahead.addAndGet(Duration.ofMinutes(5).toNanos());
        oneStore.sweep();
        atWork.countDown();
        assertTrue(back.expect("welcome").get("resumed").asBoolean());
        back.expect("live");
        moved.expectClose(4409);

        String sid = welcome.get("sid").asText();
        assertTrue(oneStore.find(sid).connected(), "a connection that no sweep renews and no word reaches");
        otherStore.find(sid).send(IntNode.valueOf(7));
        assertEquals(7, back.expect("msg").get("d").asInt());
    }

    /** Such as one that began while Redis was out of reach, and fails when clients have resumed already. */
    @Test
    void aSweepThatFailsDoesNotSendClientsAwayWhileRedisAnswersThem() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode unused = open(client);
        redis.del(RedisSessionStore.ALIVE);
        // No sweep can use it.
        redis.set(RedisSessionStore.ALIVE, "");
        for (int seq = 1; seq <= 8; seq++) {
            ahead.addAndGet(Duration.ofSeconds(1).toNanos());
            client.say("{'t':'msg','c':" + seq + ",'d':1}");
            assertEquals(seq, client.expect("ack").get("c").asLong());
        }
        oneStore.sweep();
        client.say("{'t':'msg','c':9,'d':1}");
        assertEquals(9, client.expect("ack").get("c").asLong());
    }

    /** Such as one whose replicas are gone. What only reads succeeds. */
    @Test
    void aServerWhoseRedisRefusesWhatIsWrittenLetsItsClientsGo() throws Exception {
        HandTransport client = HandTransport.connect(one);
        JsonNode unused = open(client);
        redis.configSet("min-replicas-to-write", "1");
        try {
            ahead.addAndGet(Duration.ofSeconds(6).toNanos());
            ServerSession session = session();
            assertEquals(0, session.unackedCount());
            oneStore.sweep();
            // A sweep on the server's own thread may just have written.
            while (session.connected()) {
                ahead.addAndGet(Duration.ofSeconds(6).toNanos());
                oneStore.sweep();
            }
            client.expectClose(1011);
        } finally {
            redis.configSet("min-replicas-to-write", "0");
        }
    }

    @Test
    void theEndOfAllSessionsIsThatOfThoseOfAnOlderGenerationToo() throws Exception {
        HandTransport client = HandTransport.connect(one);
        String record = "holdfast:session:" + open(client).get("sid").asText();
        client.lose();
        while (!redis.hget(record, "node").isEmpty()) Thread.onSpinWait();
        redis.hset(record, "generation", "0:older");
        assertEquals(1, otherStore.size());
        other.expireSessions();
        assertEquals(0, otherStore.size());
    }

    /** A Redis that refuses what is written, as one whose replicas are gone. */
    @Test
    void aServerThatClosesReportsOnceHowManySessionsRedisDidNotRelease() throws Exception {
        HandTransport detached = HandTransport.connect(one);
        JsonNode unused = open(detached);
        ServerSession lost = session();
        // Nothing ends the last one but the server.
        Staying staying = new Staying();
        staying.open(one);
        ServerSession held = session();
        redis.configSet("min-replicas-to-write", "1");
        try {
            one.close();
        } finally {
            redis.configSet("min-replicas-to-write", "0");
        }
        assertEquals(
                List.of(
                        "the store did not release 2 of 2 sessions: their time to live began with their last renewal. The"
                                + " server is closed"),
                failures.stream().map(Throwable::getMessage).toList());
        assertFalse(lost.connected());
        assertFalse(held.connected());
        failures.clear();
    }

    /** Another server on the same store would renew them for ever. */
    @Test
    void sessionsThatRedisHadNoTimeToReleaseAreNotHeldAnyLonger() throws Exception {
        // More than 16 threads try in 5 s, if Redis does not answer within the 2 s that Jedis waits for it.
        List<ServerSession> held = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            new Staying().open(one);
            held.add(session());
        }
        try (Jedis jedis = new Jedis(process.address())) {
            // Long, so that a slow machine makes no difference. What ends the pause is no write.
            String unused = jedis.clientPause(60_000, ClientPauseMode.WRITE);
            try {
                one.close();
            } finally {
                unused = jedis.clientUnpause();
            }
        }
        // What was under way is reported as well.
        assertEquals(
                List.of(
                        "the store did not release 70 of 70 sessions: their time to live began with their last renewal. The"
                                + " server is closed"),
                failures.stream()
                        .filter(IllegalStateException.class::isInstance)
                        .map(Throwable::getMessage)
                        .toList());
        for (ServerSession session : held) {
            while (session.connected()) Thread.onSpinWait();
        }
    }

    /** A transport whose connection does not end. */
    private static final class Staying implements Transport {
        private final CountDownLatch welcomed = new CountDownLatch(2);

        void open(HoldfastServer server) {
            Admission admission = server.admit(List.of(HoldfastServer.SUBPROTOCOL), null, null);
            ((Admission.Granted) admission).open(this).receiveText("{\"t\":\"open\"}", true);
            await(welcomed);
        }

        @Override
        public void sendText(String text, SendCallback callback) {
            welcomed.countDown();
            callback.succeeded();
        }

        @Override
        public void sendBinary(byte[] bytes, SendCallback callback) {}

        @Override
        public void ping() {}

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {}
    }

    @Test
    void aGivenUpNameIsKnownForAMinuteAfterItWasNamedLast() {
        String key = "holdfast:http:x";
        RedisNodes nodes = new RedisNodes(redis, "n1");
        assertEquals(Map.of(), nodes.giveUp(List.of("x", "y")));
        assertTrue(redis.ttl(key) > 0 && redis.ttl(key) <= 60, () -> "for " + redis.ttl(key) + " s");
        assertFalse(nodes.claim("x"));
        assertNull(nodes.holder("x"));
        assertEquals(1, redis.expire(key, 5));
        assertEquals(Map.of(), nodes.giveUp(List.of("x")));
        assertTrue(redis.ttl(key) > 5, () -> "for " + redis.ttl(key) + " s");
    }

    @Test
    void aConnectionKeepsItsNameWhenItIsGivenUp() {
        assertTrue(new RedisNodes(redis, "n1").claim("x"));
        RedisNodes nodes = new RedisNodes(redis, "n2");
        assertEquals(Map.of("x", "n1"), nodes.giveUp(List.of("w", "x", "y")));
        assertEquals("n1", nodes.holder("x"));
        assertTrue(redis.ttl("holdfast:http:x") > 60);
    }

    @Test
    void aServerEndsAnOpeningThatIsGivenUpOnAnotherServerAndHasNoSessionYet() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answers = new CountDownLatch(1);
        HoldfastServer slow = HoldfastServer.builder((session, seq, payload) -> HandlerResult.accepted())
                .store(oneStore)
                .authenticator(credential -> {
                    asked.countDown();
                    await(answers);
                    return new Authenticator.User("ada");
                })
                .build();
        try {
            JsonNode welcome = open(HandTransport.connect(other));
            String resume = "{\"t\":\"open\",\"sid\":\"" + welcome.get("sid").asText() + "\",\"key\":\""
                    + welcome.get("key").asText() + "\"}";
            HandExchange late = new HandExchange(Map.of("Holdfast-Attempt", "a".repeat(22)));
            slow.http().handle(late, resume);
            await(asked);
            // The servers hear each other.
            try (Jedis jedis = new Jedis(process.address())) {
                while (jedis.pubsubChannels("holdfast:node:*").size() < 2) Thread.onSpinWait();
            }

            HandExchange newer =
                    new HandExchange(Map.of("Holdfast-Attempt", "b".repeat(22), "Holdfast-Instead", "a".repeat(22)));
            other.http().handle(newer, resume);
            await(late.failed);
            SendCallback written = newer.callbacks.poll(30, TimeUnit.SECONDS);
            assertTrue(
                    written != null && newer.written.toString().contains("\"resumed\":true"), newer.written::toString);
            answers.countDown();
            // The tasks of the opening that was given up are over when its server is.
            slow.close();
            assertEquals("", late.written.toString());
            assertEquals(1, other.stats().resumed());
            assertEquals(0, slow.stats().resumed());
        } finally {
            answers.countDown();
            slow.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
