package dev.holdfast.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.Backoff;
import dev.holdfast.ClientState;
import dev.holdfast.CloseReason;
import dev.holdfast.Delivery;
import dev.holdfast.Heartbeat;
import dev.holdfast.HoldfastClient;
import dev.holdfast.HoldfastListener;
import dev.holdfast.Message;
import dev.holdfast.Outcome;
import dev.holdfast.Session;
import dev.holdfast.SessionLoss;
import dev.holdfast.sample.server.ReferenceServer;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import okio.ByteString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The SDK and the reference server, over real sockets. */
class ClientAgainstServerTest {
    private static final int PATIENCE_SECONDS = 30;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** Long enough for a busy machine to answer a ping. */
    private static final Duration DEADLINE = Duration.ofSeconds(4);

    private static final Duration ACK_DELAY = Duration.ofMillis(10);

    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private final BlockingQueue<ServerSession> sessions = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> handledByServer = new LinkedBlockingQueue<>();
    private final ReferenceServer server =
            ReferenceServer.start(ReferenceServer.Options.defaults().withAckDelay(ACK_DELAY));
    private HoldfastClient client = client();

    ClientAgainstServerTest() throws Exception {
        server.onSession(sessions::add);
        server.onMessage((session, seq, payload) -> {
            String text = payload instanceof Payload.Json json
                    ? json.value().toString()
                    : ByteString.of(((Payload.Binary) payload).bytes()).hex();
            handledByServer.add(seq + " " + text);
            return text.contains("bad") ? HandlerResult.rejected("no", "not that one") : HandlerResult.accepted();
        });
    }

    private HoldfastClient client() {
        return HoldfastClient.builder(server.url())
                .session(Session.resumable())
                .backoff(Backoff.exponential(Duration.ofMillis(5), Duration.ofMillis(50)))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        told.add(message.isBinary() ? message.bytes().hex() : message.text());
                    }

                    @Override
                    public void onSessionLost(HoldfastClient from, SessionLoss loss) {
                        told.add("lost " + loss.reason());
                    }

                    @Override
                    public void onClosed(HoldfastClient from, CloseReason reason) {
                        told.add("closed " + reason);
                    }
                })
                .build();
    }

    @AfterEach
    void stop() {
        client.cancel();
        server.close();
    }

    @Test
    void everyKindOfMessageBothWays() throws Exception {
        client.connect();
        client.send("text \"é\"");
        client.send(Map.of("a", 1));
        client.send(ByteString.decodeHex("00ff"));
        assertEquals("1 \"text \\\"é\\\"\"", take(handledByServer));
        assertEquals("2 {\"a\":1}", take(handledByServer));
        assertEquals("3 00ff", take(handledByServer));

        ServerSession session = take(sessions);
        session.send(JSON.valueToTree("text é"));
        session.send(JSON.readTree("{\"b\":[2]}"));
        session.sendBinary(new byte[] {1, 2});
        assertEquals("text é", take(told));
        assertEquals("{\"b\":[2]}", take(told));
        assertEquals("0102", take(told));
    }

    @Test
    void aRefusalIsTold() throws Exception {
        client.connect();
        Delivery good = client.send("good");
        Delivery bad = client.send("bad");
        Delivery after = client.send("after");
        assertEquals(Outcome.acknowledged(), outcome(good));
        assertEquals(Outcome.rejected("no", "not that one"), outcome(bad));
        assertEquals(Outcome.acknowledged(), outcome(after));
    }

    @Test
    void disconnectKeepsTheSession() throws Exception {
        client.connect();
        ServerSession session = take(sessions);
        session.send(JSON.valueToTree("one"));
        assertEquals("one", take(told));
        client.disconnect();
        awaitTrue(() -> client.state() == ClientState.IDLE && !session.connected());
        session.send(JSON.valueToTree("two"));
        Delivery waiting = client.send("while away");
        client.connect();
        assertEquals("two", take(told));
        assertEquals(Outcome.acknowledged(), outcome(waiting));
        assertNull(sessions.poll());
        assertEquals(1, server.stats().resumed());
    }

    @Test
    void closeEndsTheSessionAfterWhatWasSent() throws Exception {
        client.connect();
        ServerSession session = take(sessions);
        Delivery last = client.send("last words");
        client.close();
        assertEquals("closed 1000", take(told));
        assertEquals(Outcome.acknowledged(), outcome(last));
        awaitTrue(() -> !session.alive());
        assertEquals(0, client.bufferedAmount());
        assertEquals(Outcome.Kind.CANCELLED, outcome(client.send("too late")).kind());
    }

    @Test
    void aDrainingServerIsLeftAndFoundAgain() throws Exception {
        client.connect();
        ServerSession session = take(sessions);
        awaitTrue(() -> client.state() == ClientState.OPEN);
        server.drain(Duration.ofMillis(20));
        awaitTrue(() -> server.stats().resumed() == 1);
        session.send(JSON.valueToTree("still here"));
        assertEquals("still here", take(told));
    }

    @Test
    void aLostSessionIsTold() throws Exception {
        client.connect();
        take(sessions);
        // A session that the client has not heard of can't be lost to it.
        awaitTrue(() -> client.state() == ClientState.OPEN);
        server.expireSessions();
        assertEquals("lost expired", take(told));
        assertNotNull(take(sessions));
        assertEquals(Outcome.acknowledged(), outcome(client.send("to the new one")));
    }

    @Test
    void aSlowListenerHoldsTheServerBackAndLosesNothing() throws Exception {
        client.cancel();
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<Integer> numbers = new LinkedBlockingQueue<>();
        client = HoldfastClient.builder(server.url())
                .session(Session.resumable())
                .inboundLimitBytes(64 * 1024)
                .heartbeat(Heartbeat.every(INTERVAL).withDeadline(DEADLINE))
                .listener(new HoldfastListener() {
                    @Override
                    public void onMessage(HoldfastClient from, Message message) {
                        await(go);
                        numbers.add(
                                Integer.parseInt(message.text().substring(0, 5).trim()));
                    }
                })
                .build();
        client.connect();
        ServerSession session = take(sessions);
        int count = 2_000;
        for (int i = 0; i < count; i++) session.send(JSON.valueToTree(String.format("%-5d", i) + "x".repeat(5_000)));
        // Long enough for a heartbeat to take a client that does not read for one with a dead connection.
        LockSupport.parkNanos(
                INTERVAL.plus(DEADLINE).multipliedBy(3).dividedBy(2).toNanos());
        go.countDown();
        for (int i = 0; i < count; i++) assertEquals(i, take(numbers));
        assertEquals(0, server.stats().resumed());
    }

    private static void awaitTrue(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < limit, "waited too long");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private static Outcome outcome(Delivery delivery) throws Exception {
        return delivery.outcome().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(taken, "nothing came");
        return taken;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
