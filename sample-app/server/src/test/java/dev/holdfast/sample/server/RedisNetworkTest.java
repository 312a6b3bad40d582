package dev.holdfast.sample.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.sample.node.Needed;
import dev.holdfast.sample.node.RedisNetwork;
import dev.holdfast.server.HandlerResult;
import dev.holdfast.server.SessionStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two servers, of which one is cut off from Redis: its packets are dropped, and neither side is told. In the end what is handled
 * is handled once, whatever the one that was cut off has done.
 */
@Timeout(300)
class RedisNetworkTest extends ServerHarness {
    private static final int ONE = 1;
    private static final int OTHER = 2;

    private final BlockingQueue<Long> givenToOne = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> givenToOther = new LinkedBlockingQueue<>();

    private RedisNetwork network;
    private SessionStore otherStore;
    private ReferenceServer one;
    private ReferenceServer other;

    @BeforeAll
    static void need() {
        Needed.redisNetwork();
    }

    @BeforeEach
    void startServers() {
        network = keep(RedisNetwork.start());
        one = server(keep(SessionStore.at(network.address(ONE))), givenToOne);
        otherStore = keep(SessionStore.at(network.address(OTHER)));
        other = server(otherStore, givenToOther);
    }

    private ReferenceServer server(SessionStore store, BlockingQueue<Long> given) {
        ReferenceServer server = start(options().withStore(store));
        server.onMessage((session, seq, payload) -> {
            given.add(seq);
            return HandlerResult.accepted();
        });
        return server;
    }

    @Test
    void theSessionGoesOnElsewhereAndComesBack() throws Exception {
        HandClient client = open(one);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1");
        awaitAck(client, 1);

        network.cut(ONE);
        client.send("[{'t':'msg','c':2,'d':2},{'t':'msg','c':3,'d':3},{'t':'msg','c':4,'d':4}]");
        assertEquals(1011, client.expectEnd());
        assertEquals(List.of(1L, 2L), List.copyOf(givenToOne), "went on without Redis");

        HandClient moved = resume(other, ticket);
        Ticket there = expectResumed(moved);
        assertEquals(1, there.handledSeq(), "what could not be stored is not handled");
        moved.expect("live");
        moved.msg(2, "2").msg(3, "3").msg(4, "4");
        awaitAck(moved, 4);
        otherStore.find(ticket.sid()).send(json("while one is cut off"));
        String id = moved.expectMsg("\"while one is cut off\"");

        network.mend(ONE);
        HandClient back = untilItWorks(one, there.at(id));
        assertEquals(4, expectResumed(back).handledSeq());
        back.expect("live");
        back.msg(5, "5");
        awaitAck(back, 5);
        moved.expectClose(4409);
        assertEquals(List.of(2L, 3L, 4L), List.copyOf(givenToOther));
        assertEquals(List.of(1L, 2L, 5L), List.copyOf(givenToOne));
    }

    @Test
    void aServerThatIsBackDoesNotGoOnWithASessionThatAnotherHasTaken() throws Exception {
        HandClient client = open(one);
        Ticket ticket = expectNew(client, "new");
        client.msg(1, "1");
        awaitAck(client, 1);

        network.cut(ONE);
        HandClient moved = resume(other, ticket);
        expectResumed(moved);
        moved.expect("live");
        moved.msg(2, "\"of the other\"");
        awaitAck(moved, 2);
        network.mend(ONE);
        client.send("[{'t':'msg','c':2,'d':'of one'},{'t':'msg','c':3,'d':'of one'}]");

        // The server hears from Redis that it has lost the session, or has let go of it before.
        int code = client.expectEnd();
        assertTrue(code == 4409 || code == 1011, () -> "closed with " + code);
        moved.msg(3, "\"of the other\"");
        awaitAck(moved, 3);
        assertEquals(List.of(2L, 3L), List.copyOf(givenToOther));
        assertFalse(givenToOne.contains(3L), givenToOne::toString);
        assertEquals(1, one.stats().handled());
        assertEquals(2, other.stats().handled());
    }

    /** A session that is connected, without a message on the way. */
    @Test
    void aClientThatIsSilentIsSentAway() throws Exception {
        HandClient client = open(one);
        Ticket ticket = expectNew(client, "new");
        network.cut(ONE);
        client.expectClose(1011);
        HandClient moved = resume(other, ticket);
        expectResumed(moved);
        moved.expect("live");
    }

    private static void awaitAck(HandClient client, long seq) throws Exception {
        while (client.expect("ack").get("c").asLong() < seq) {
            // Acknowledged in as many steps as it took.
        }
    }

    /** The first calls on connections that were cut off may fail, and a client tries again. */
    private HandClient untilItWorks(ReferenceServer server, Ticket ticket) throws Exception {
        while (true) {
            HandClient client = resume(server, ticket);
            if (!client.failsNext()) return client;
            client.close();
        }
    }
}
