package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InMemorySessionStoreTest extends ServerHarness {
    @Test
    void aSessionExpires() throws Exception {
        AtomicLong now = new AtomicLong();
        SessionStore store = new InMemorySessionStore(now::get);
        // The hour between two sweeps leaves the resume itself to find it.
        ReferenceServer server = start(options().withStore(store).withTtl(Duration.ofHours(1)));
        HandClient client = open(server);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1").expect("ack");
        ServerSession session = session();

        now.addAndGet(Duration.ofHours(2).toNanos());
        store.sweep();
        assertTrue(session.alive(), "a connected session does not expire");
        client.abort();
        await(() -> !session.connected());
        now.addAndGet(Duration.ofMinutes(59).toNanos());
        HandClient inTime = resume(server, ticket);
        Ticket renewed = expectResumed(inTime);
        inTime.expect("live");
        inTime.abort();
        await(() -> !session.connected());
        now.addAndGet(Duration.ofMinutes(61).toNanos());

        assertEquals(1, expectNew(resume(server, renewed), "expired").handledSeq());
    }
}
