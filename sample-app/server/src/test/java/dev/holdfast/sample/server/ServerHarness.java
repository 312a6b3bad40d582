package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.Payload;
import dev.holdfast.server.ServerSession;
import dev.holdfast.server.SessionStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** A server whose sessions and handled messages the test can take, and clients that are closed when it is over. */
abstract class ServerHarness {
    private static final int PATIENCE_SECONDS = 60;

    final BlockingQueue<ServerSession> sessions = new LinkedBlockingQueue<>();
    final BlockingQueue<Handled> handled = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> toClose = new ArrayList<>();

    /** A message that the application was given. */
    record Handled(String sid, long seq, Payload payload) {
        String text() {
            return payload instanceof Payload.Json json ? json.value().toString() : "binary";
        }
    }

    /** What a client must know to resume. */
    record Ticket(String sid, String key, String last, long handledSeq) {
        static Ticket of(JsonNode welcome) {
            return new Ticket(
                    welcome.get("sid").asText(),
                    welcome.get("key").asText(),
                    welcome.get("last").asText(),
                    welcome.get("c").asLong());
        }

        Ticket at(String position) {
            return new Ticket(sid, key, position, handledSeq);
        }
    }

    static ReferenceServer.Options options() {
        return ReferenceServer.Options.defaults().withAckDelay(Duration.ofMillis(10));
    }

    /** Where the sessions are kept. */
    SessionStore newStore() {
        return SessionStore.inMemory();
    }

    ReferenceServer start(ReferenceServer.Options options) {
        ReferenceServer server =
                keep(ReferenceServer.start(options.store() == null ? options.withStore(keep(newStore())) : options));
        server.onSession(sessions::add);
        server.onMessage((session, seq, payload) -> {
            handled.add(new Handled(session.sid(), seq, payload));
            return HandlerResult.accepted();
        });
        return server;
    }

    <T extends AutoCloseable> T keep(T closeable) {
        toClose.add(0, closeable);
        return closeable;
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : toClose) {
            closeable.close();
        }
    }

    HandClient open(ReferenceServer server) throws Exception {
        return keep(HandClient.open(server));
    }

    HandClient resume(ReferenceServer server, Ticket ticket) throws Exception {
        return keep(HandClient.resume(server, ticket.sid(), ticket.key(), ticket.last()));
    }

    Ticket expectNew(HandClient client, String reason) throws Exception {
        JsonNode welcome = client.expect("welcome");
        assertFalse(welcome.get("resumed").asBoolean(), welcome::toString);
        assertEquals(reason, welcome.get("reason").asText());
        client.expect("live");
        return Ticket.of(welcome);
    }

    /** The welcome of a resume; the replay and {@code live} are left to the test. */
    Ticket expectResumed(HandClient client) throws Exception {
        JsonNode welcome = client.expect("welcome");
        assertTrue(welcome.get("resumed").asBoolean(), welcome::toString);
        return Ticket.of(welcome);
    }

    ServerSession session() throws Exception {
        return taken(sessions);
    }

    Handled handled() throws Exception {
        return taken(handled);
    }

    private static <T> T taken(BlockingQueue<T> queue) throws Exception {
        T item = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull(item, "nothing came");
        return item;
    }

    /** Waits for what nobody announces. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "did not come true");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    static JsonNode json(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }

    /** A binary message as a client sends it. */
    static byte[] binary(long seq, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(9 + bytes.length)
                .put((byte) 1)
                .putLong(seq)
                .put(bytes)
                .array();
    }
}
