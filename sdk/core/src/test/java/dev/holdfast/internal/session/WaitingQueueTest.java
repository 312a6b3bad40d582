package dev.holdfast.internal.session;

import static dev.holdfast.internal.session.QueueMessages.message;
import static dev.holdfast.internal.session.QueueMessages.name;
import static dev.holdfast.internal.session.QueueMessages.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Overflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingQueueTest {
    private WaitingQueue queue = new WaitingQueue(OutboundQueue.ofBytes(1_000));

    private static Overflow overflow(String policy) {
        switch (Overflow.Policy.valueOf(policy)) {
            case DROP_OLDEST:
                return Overflow.dropOldest();
            case DROP_NEWEST:
                return Overflow.dropNewest();
            case BLOCK:
                return Overflow.block(Duration.ofSeconds(1));
            default:
                return Overflow.reject();
        }
    }

    private List<Outbound> offerAll(String messages) {
        List<Outbound> all = new ArrayList<>();
        for (String text : messages.split(" ", -1)) {
            all.add(message(text));
            assertTrue(queue.offer(all.get(all.size() - 1)).isTaken(), text);
        }
        return all;
    }

    @Test
    void ordersByPriorityAndThenByAge() {
        offerAll("b1 n2 c3 h4 n5 b6 c7 h8");
        assertEquals("c3 c7 h4 h8 n2 n5 b1 b6", names(queue.end()));
        assertEquals(-1, queue.nextBytes());
        assertEquals(0, queue.bytes());
        assertEquals(0, queue.count());
    }

    @Test
    void pollsSeveralUntilOneOfTheLimits() {
        offerAll("n1:5 n2:4 h3:3 n4:2");
        assertEquals("", polled(0, 9, 99, 99));
        assertEquals("", polled(9, 2, 99, 99));
        assertEquals("h3:3", polled(1, 9, 99, 99));
        assertEquals("n1:5", polled(9, 9, 99, 5));
        assertEquals("n2:4", polled(9, 9, 5, 99));
        assertEquals("n4:2", polled(9, 9, 99, 99));
    }

    @Test
    void pollsAPacketAlone() {
        offerAll("n1");
        for (String text : List.of("p2", "p3")) {
            Packet packet = Packet.of(text, List.of(), null);
            assertTrue(
                    queue.offer(new Outbound(Payload.packet(packet), 1, text)).isTaken());
        }
        offerAll("n4");
        assertEquals("n1", polled(9, 9, 99, 99));
        assertEquals("p2", polled(9, 9, 99, 99));
        assertEquals("p3", polled(9, 9, 99, 99));
        assertEquals("n4", polled(9, 9, 99, 99));
    }

    private String polled(int maxMessages, long maxBytes, long maxTogether, long enough) {
        List<Outbound> together = new ArrayList<>();
        queue.poll(maxMessages, maxBytes, maxTogether, enough, together);
        return names(together);
    }

    @Test
    void pollsTheNextUnlessItIsTooLarge() {
        offerAll("n1:5 n2:1");
        assertEquals(5, queue.nextBytes());
        assertNull(queue.poll(4));
        assertEquals("n1:5", name(queue.poll(5)));
        assertEquals("n2:1", name(queue.poll(5)));
        assertNull(queue.poll(5));
    }

    /** In a queue of three messages. An empty last column means that nothing has changed and the new one is not taken. */
    @ParameterizedTest
    @CsvSource({
        "REJECT,      b1 b2 b3, c4, '',       ''",
        "BLOCK,       b1 b2 b3, c4, '',       ''",
        "DROP_OLDEST, n1 n2 n3, n4, n2 n3 n4, n1",
        "DROP_OLDEST, b1 n2 b3, n4, n2 n4 b3, b1",
        "DROP_OLDEST, b1 n2 b3, b4, n2 b3 b4, b1",
        "DROP_OLDEST, n1 b2 h3, c4, c4 h3 n1, b2",
        "DROP_OLDEST, h1 h2 h3, c4, c4 h2 h3, h1",
        "DROP_OLDEST, c1 c2 c3, c4, c2 c3 c4, c1",
        "DROP_OLDEST, n1 n2 h3, b4, '',       ''",
        "DROP_OLDEST, c1 h2 n3, b4, '',       ''",
        "DROP_NEWEST, n1 n2 n3, n4, '',       ''",
        "DROP_NEWEST, n1 b2 b3, n4, n1 n4 b2, b3",
        "DROP_NEWEST, h1 h2 n3, c4, c4 h1 h2, n3",
        "DROP_NEWEST, n1 b2 h3, c4, c4 h3 n1, b2",
        "DROP_NEWEST, c1 h2 n3, b4, '',       ''",
        "DROP_NEWEST, c1 c2 c3, c4, '',       ''",
        // A newer value of a key takes no more room, whatever the policy.
        "REJECT,      n1/k n2 n3, n4/k, n4/k n2 n3, ''",
        "DROP_NEWEST, n1/k n2 n3, h4/k, h4/k n2 n3, ''",
        "DROP_OLDEST, n1 n2/k n3, b4/k, n1 n3 b4/k, ''",
    })
    void whatGivesWayByMessages(String policy, String waiting, String incoming, String then, String dropped) {
        queue = new WaitingQueue(OutboundQueue.ofBytes(1_000).withMaxMessages(3).withOverflow(overflow(policy)));
        offerAll(waiting);
        check(incoming, then, dropped);
    }

    /** In a queue of ten bytes. */
    @ParameterizedTest
    @CsvSource({
        "REJECT,      n1:4 n2:4,           n3:3,   '',          ''",
        "REJECT,      n1:4 n2:4,           n3:2,   n1:4 n2:4 n3:2, ''",
        "DROP_OLDEST, n1:4 n2:4,           n3:8,   n3:8,        n1:4 n2:4",
        "DROP_OLDEST, n1:4 n2:4,           n3:6,   n2:4 n3:6,   n1:4",
        "DROP_OLDEST, n1:4 b2:2 b3:2,      n4:9,   n4:9,        b2:2 b3:2 n1:4",
        // Not even half of it where all of it is not enough.
        "DROP_OLDEST, c1:4 n2:4,           n3:8,   '',          ''",
        "DROP_NEWEST, n1:4 b2:2 b3:2,      n4:5,   n1:4 n4:5,   b3:2 b2:2",
        "DROP_NEWEST, n1:4 b2:2 b3:2,      n4:3,   n1:4 n4:3 b2:2, b3:2",
        "DROP_NEWEST, n1:4 b2:2 b3:2,      n4:7,   '',          ''",
        // A value that finds no room leaves the older one where it is.
        "REJECT,      n1:2/k n2:8,         n3:5/k, '',          ''",
        "DROP_NEWEST, n1:2/k n2:8,         n3:5/k, '',          ''",
        "DROP_OLDEST, n1:2/k n2:8,         n3:5/k, n3:5/k,      n2:8",
        "DROP_OLDEST, h1:2/k n2:8,         n3:5/k, n3:5/k,      n2:8",
        "DROP_OLDEST, n1:2/k c2:8,         n3:5/k, '',          ''",
        "DROP_OLDEST, b1:1 n2:2/k n3:7,    n4:3/k, n4:3/k n3:7, b1:1",
        "REJECT,      n1:5/k n2:5,         n3:2/k, n3:2/k n2:5, ''",
    })
    void whatGivesWayByBytes(String policy, String waiting, String incoming, String then, String dropped) {
        queue = new WaitingQueue(OutboundQueue.ofBytes(10).withOverflow(overflow(policy)));
        offerAll(waiting);
        check(incoming, then, dropped);
    }

    private void check(String incoming, String then, String dropped) {
        long bytes = queue.bytes();
        int count = queue.count();
        Outbound message = message(incoming);
        boolean fits = queue.fits(message);
        Admission admission = queue.offer(message);
        assertEquals(!then.isEmpty(), admission.isTaken());
        assertEquals(dropped, names(admission.dropped()));
        assertEquals(admission.isTaken() && dropped.isEmpty(), fits);
        if (admission.isTaken()) {
            assertEquals(then, names(queue.end()));
        } else {
            assertNull(admission.conflated());
            assertEquals(bytes, queue.bytes());
            assertEquals(count, queue.count());
            assertFalse(names(queue.end()).contains(incoming));
        }
    }

    @Test
    void theNewestOfAKeyTakesTheOldestsPlace() {
        List<Outbound> all = offerAll("n1/k n2 n3/j");
        Outbound newer = message("n4/k");
        assertSame(all.get(0), queue.offer(newer).conflated());
        Outbound newest = message("n5/k");
        assertSame(newer, queue.offer(newest).conflated());
        assertEquals("n5/k n2 n3/j", names(queue.end()));
    }

    @Test
    void aKeyWhoseMessageIsGoneIsAnyMessages() {
        offerAll("n1/k");
        queue.poll(1);
        Admission admission = queue.offer(message("n2/k"));
        assertNull(admission.conflated());
        assertEquals("n2/k", names(queue.end()));
        assertNull(queue.offer(message("n3/k")).conflated());
    }

    @Test
    void aMessageIsRecalledWhileItWaits() {
        List<Outbound> all = offerAll("n1 n2@5/k n3");
        assertTrue(queue.recall(all.get(1)));
        assertFalse(queue.recall(all.get(1)));
        assertEquals(SessionMachine.NEVER, queue.nextExpiry());
        assertNull(queue.offer(message("n4/k")).conflated());
        queue.poll(1);
        assertFalse(queue.recall(all.get(0)));
        assertEquals("n3 n4/k", names(queue.end()));
    }

    @Test
    void expiresInTheOrderOfTheTimes() {
        offerAll("n1@9 h2@3 n3 n4@7 b5@3");
        assertEquals(3, queue.nextExpiry());
        assertEquals("", names(queue.takeExpired(2)));
        queue.poll(1);
        assertEquals(3, queue.nextExpiry());
        assertEquals("b5@3", names(queue.takeExpired(3)));
        assertEquals("n4@7 n1@9", names(queue.takeExpired(100)));
        assertEquals(SessionMachine.NEVER, queue.nextExpiry());
        assertEquals("n3", names(queue.end()));
    }

    @Test
    void isPressedFromTheHighMarkToTheLow() {
        queue = new WaitingQueue(OutboundQueue.ofBytes(10).withWaterMarks(6, 2));
        offerAll("n1:3 n2:3");
        assertFalse(queue.isPressed());
        offerAll("n3:1");
        assertTrue(queue.isPressed());
        queue.poll(9);
        assertTrue(queue.isPressed());
        queue.poll(9);
        assertFalse(queue.isPressed());
        offerAll("n4:3");
        assertFalse(queue.isPressed());
    }

    @Test
    void theMarksCountForMessagesToo() {
        queue = new WaitingQueue(
                OutboundQueue.ofBytes(1_000).withMaxMessages(10).withWaterMarks(500, 100));
        offerAll("n1:0 n2:0 n3:0 n4:0 n5:0");
        assertFalse(queue.isPressed());
        offerAll("n6:0");
        assertTrue(queue.isPressed());
        for (int i = 0; i < 4; i++) queue.poll(0);
        assertTrue(queue.isPressed());
        queue.poll(0);
        assertFalse(queue.isPressed());
    }

    private static Outbound reply(String text, long bytes) {
        Packet packet = Packet.of(text, List.of(), null).asReply();
        return new Outbound(Payload.packet(packet), bytes, text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"REJECT", "BLOCK", "DROP_OLDEST", "DROP_NEWEST"})
    void aReplyHasRoomInAFullQueueAndIsNotDropped(String policy) {
        queue = new WaitingQueue(OutboundQueue.ofBytes(10).withMaxMessages(3).withOverflow(overflow(policy)));
        assertTrue(queue.offer(reply("r1", 10)).isTaken());
        offerAll("n1 n2 b3");
        assertFalse(queue.offer(reply("r2", 1)).isTaken(), "the replies have as many bytes as the queue");
        Admission third = queue.offer(message("n4"));
        assertEquals(policy.startsWith("DROP"), third.isTaken());
        assertEquals(third.isTaken() ? "b3" : "", names(third.dropped()));
        assertEquals(third.isTaken() ? "r1 n1 n2 n4" : "r1 n1 n2 b3", names(queue.waiting()));
        Admission fourth = queue.offer(message("n5"));
        boolean oldest = policy.equals("DROP_OLDEST");
        assertEquals(oldest ? "n1" : "", names(fourth.dropped()));
        assertEquals("r1", name(queue.poll(10)));
        assertEquals(3, queue.count());
        assertEquals(3, queue.bytes());
        for (int i = 1; i <= 3; i++) assertTrue(queue.offer(reply("s" + i, 0)).isTaken());
        assertFalse(queue.offer(reply("s4", 0)).isTaken(), "the replies are as many as the queue's messages");
        assertEquals(6, queue.end().size());
        assertEquals(0, queue.bytes());
        assertTrue(queue.offer(reply("t", 11)).isTaken(), "one reply may have any size");
    }

    @Test
    void aReplyKeepsItsPlaceAndMakesNoRoom() {
        queue = new WaitingQueue(OutboundQueue.ofBytes(10).withMaxMessages(1).withOverflow(Overflow.dropNewest()));
        offerAll("b1");
        queue.offer(reply("r", 1));
        assertEquals("b1", names(queue.offer(message("n2")).dropped()));
        assertEquals("r n2", names(queue.waiting()));
        assertFalse(queue.offer(message("n3")).isTaken());
    }
}
