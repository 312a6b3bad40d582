package dev.holdfast.internal.runtime;

import static dev.holdfast.internal.session.QueueMessages.message;
import static dev.holdfast.internal.session.QueueMessages.name;
import static dev.holdfast.internal.session.QueueMessages.names;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.OutboundQueue;
import dev.holdfast.Outcome;
import dev.holdfast.Overflow;
import dev.holdfast.SendOptions;
import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Packet;
import dev.holdfast.internal.session.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class SharedQueueTest {
    private static final OutboundQueue TEN_BYTES = OutboundQueue.ofBytes(10);
    private static final OutboundQueue BLOCKING = TEN_BYTES.withOverflow(Overflow.block(Duration.ofHours(1)));

    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> threads = new ArrayList<>();
    private SharedQueue queue = queue(TEN_BYTES);

    private SharedQueue queue(OutboundQueue settings, String... messages) {
        SharedQueue made = new SharedQueue(settings, new SharedQueue.Owner() {
            @Override
            public void onChanged() {
                told.add("changed");
            }

            @Override
            public void onEnded(Outbound message, Outcome outcome) {
                told.add(name(message) + " " + outcome);
            }
        });
        for (String message : messages) assertNull(made.offer(message(message)));
        return made;
    }

    private void saw(String... expected) {
        assertEquals(List.of(expected), new ArrayList<>(told));
        told.clear();
    }

    @Test
    void whatIsLargerThanTheServerTakesIsRejectedAtOnce() {
        queue.limitMessages(2);
        assertEquals(
                Outcome.tooLarge("message of 3 bytes, and the server takes at most 2"), queue.offer(message("n:3")));
        assertNull(queue.offer(message("n:2")));
        queue.limitMessages(Long.MAX_VALUE);
        assertNull(queue.offer(message("n:3")));
        assertEquals(5, queue.bufferedAmount());
    }

    static List<Overflow> policies() {
        return List.of(
                Overflow.reject(), Overflow.dropOldest(), Overflow.dropNewest(), Overflow.block(Duration.ofHours(1)));
    }

    @ParameterizedTest
    @MethodSource("policies")
    void whatIsLargerThanTheQueueIsRejectedAtOnce(Overflow policy) {
        queue = queue(TEN_BYTES.withOverflow(policy), "n1:6");
        told.clear();
        assertEquals(
                Outcome.tooLarge("message of 11 bytes, and the queue takes at most 10"), queue.offer(message("n2:11")));
        assertEquals(6, queue.bufferedAmount());
        saw();
    }

    @Test
    void whateverWayAMessageIsTakenItIsAbandonedUntilItHasEnded() {
        Outbound restored = message("n0");
        queue.restoreTaken(restored);
        for (String message : new String[] {"n1", "n2", "n3", "n4:5", "n5"}) queue.offer(message(message));
        Outbound first = queue.poll(10);
        Outbound second = queue.poll(10);
        queue.poll(10);
        assertEquals("n4:5", name(queue.pollLarger(4)));
        queue.ended(second);
        queue.ended(second);
        // One that never was in the queue.
        queue.ended(message("n9"));
        assertEquals("n0 n1 n3 n4:5 n5", names(queue.abandon()));
        queue.allEnded();
        assertEquals(0, queue.bufferedAmount());
        assertEquals(List.of(), queue.abandon());
        assertEquals("n1", name(first));
        assertEquals(Outcome.Kind.CANCELLED, queue.offer(message("n6")).kind());
    }

    @Test
    void whatExpiresIsAbandonedUntilItHasEnded() {
        Outbound message =
                new Outbound(Payload.text("n"), 1, "n", SendOptions.defaults().withExpiry(Duration.ofNanos(5)));
        message.sentAt(0);
        queue.offer(message);
        assertEquals(List.of(message), queue.takeExpired(5));
        assertEquals(List.of(message), queue.abandon());
    }

    /** There may be no memory for the list of what is taken. */
    @Test
    void anErrorAmongMessagesThatAreTakenTogetherLosesNone() {
        List<Outbound> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(message("n" + i));
            queue.offer(all.get(i));
        }
        List<Outbound> full = new ArrayList<>() {
            @Override
            public boolean add(Outbound message) {
                if (size() == 3) throw new OutOfMemoryError("no place");
                return super.add(message);
            }
        };
        assertThrows(OutOfMemoryError.class, () -> queue.poll(5, 100, 100, 100, full));
        assertEquals(all.subList(0, 3), full);
        assertEquals(Set.copyOf(all), Set.copyOf(queue.abandon()));
    }

    @Test
    void whatWasTakenAndWaitsNoMoreHasLeft() {
        Outbound message = message("n1");
        queue.offer(message);
        assertFalse(queue.hasLeft(message));
        queue.poll(10);
        assertTrue(queue.hasLeft(message));
    }

    @Test
    void tellsOnlyWhatTheMachineGoesByAndOnlyOnce() {
        queue = queue(OutboundQueue.ofBytes(100));
        queue.offer(message("n1"));
        saw("changed");
        queue.offer(message("c2"));
        saw();
        queue.rearm();
        queue.offer(message("n3"));
        queue.offer(message("c4"));
        saw();
        // What goes before all else, or expires before it, the machine must know of.
        queue.offer(message("n5@9"));
        saw("changed");
        queue.rearm();
        queue.offer(message("b6@10"));
        saw();
        assertEquals("c2", name(queue.poll(1)));
        assertEquals("c4", name(queue.poll(1)));
        queue.offer(message("c7"));
        saw("changed");
    }

    @Test
    void tellsWhenThePressureChanges() {
        queue = queue(TEN_BYTES, "n1:1");
        queue.rearm();
        told.clear();
        Outbound large = message("n2:6");
        queue.offer(large);
        assertTrue(queue.isPressed());
        saw("changed");
        queue.rearm();
        assertTrue(queue.recall(large));
        assertFalse(queue.isPressed());
        saw("n2:6 CANCELLED (CANCELLED_BY_CALLER): recalled", "changed");
        assertFalse(queue.recall(large));
    }

    @Test
    void countsWhatIsBufferedUntilItIsWrittenOrOver() {
        queue = queue(TEN_BYTES.withOverflow(Overflow.dropOldest()));
        Outbound first = message("n1:4");
        queue.offer(first);
        queue.offer(message("n2:3/k"));
        assertEquals(7, queue.bufferedAmount());
        queue.offer(message("n3:2/k"));
        assertEquals(6, queue.bufferedAmount());
        queue.poll(4);
        assertEquals(6, queue.bufferedAmount());
        queue.offer(message("n4:10"));
        assertEquals(14, queue.bufferedAmount());
        queue.unbuffer(first.bytes());
        assertEquals(10, queue.bufferedAmount());
        queue.end();
        assertEquals(0, queue.bufferedAmount());
        saw("changed", "n2:3/k CONFLATED", "n3:2/k DROPPED (DISPLACED, DROP_OLDEST): made room for another message");
    }

    @Test
    void nothingIsTakenAfterTheEndAndWhatWasTakenIsKept() {
        queue.offer(message("n1"));
        queue.close();
        assertEquals(
                Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "the client is closing"), queue.offer(message("n2")));
        assertEquals("n1", names(queue.end()));
        queue.close();
        assertEquals(
                Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "the client is closed"), queue.offer(message("n3")));
    }

    @Test
    void whatExpiredIsBufferedNoMore() {
        queue = queue(TEN_BYTES, "n1:2@5", "n2:3");
        assertEquals(5, queue.nextExpiry());
        assertEquals("n1:2@5", names(queue.takeExpired(5)));
        assertEquals(3, queue.bufferedAmount());
        assertEquals(3, queue.nextBytes());
    }

    // ---- blocking ----

    /** Offers on a thread of its own, and returns when that waits or is done. */
    private CompletableFuture<Outcome> offerElsewhere(String text) {
        CompletableFuture<Outcome> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            Outcome outcome = queue.offer(message(text));
            if (Thread.currentThread().isInterrupted()) told.add("interrupted");
            done.complete(outcome);
        });
        thread.setDaemon(true);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) LockSupport.parkNanos(100_000);
        threads.add(thread);
        return done;
    }

    private static Outcome get(CompletableFuture<Outcome> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    @Test
    void waitsForRoom() throws Exception {
        queue = queue(BLOCKING, "n1:6", "n2:4");
        CompletableFuture<Outcome> blocked = offerElsewhere("n3:5");
        assertFalse(blocked.isDone());
        queue.poll(10);
        assertNull(get(blocked));
        assertEquals("n2:4 n3:5", names(queue.end()));
    }

    @Test
    void waitsForItsTimeAndNoLonger() {
        queue = queue(TEN_BYTES.withOverflow(Overflow.block(Duration.ofMillis(20))), "n1:6");
        long before = System.nanoTime();
        Outcome outcome = queue.offer(message("n2:5"));
        assertTrue(System.nanoTime() - before >= 20_000_000);
        assertEquals(Outcome.dropped(Overflow.Policy.BLOCK, Outcome.Reason.QUEUE_FULL, "no room in time"), outcome);
        assertEquals(Overflow.Policy.BLOCK, outcome.droppedBy());
        assertEquals("n1:6", names(queue.end()));
    }

    @Test
    void anInterruptedThreadStopsWaitingAndStaysInterrupted() throws Exception {
        queue = queue(BLOCKING, "n1:6");
        told.clear();
        CompletableFuture<Outcome> blocked = offerElsewhere("n2:5");
        threads.get(0).interrupt();
        assertEquals(
                Outcome.dropped(
                        Overflow.Policy.BLOCK, Outcome.Reason.INTERRUPTED, "interrupted while it waited for room"),
                get(blocked));
        saw("interrupted");
        Thread.currentThread().interrupt();
        assertNull(queue.offer(message("n3:4")), "need not wait");
        assertTrue(Thread.interrupted());
    }

    @Test
    void theEndSendsThoseThatWaitAway() throws Exception {
        queue = queue(BLOCKING, "n1:6");
        CompletableFuture<Outcome> one = offerElsewhere("n2:5");
        CompletableFuture<Outcome> other = offerElsewhere("c3:5");
        queue.close();
        assertEquals(Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "the client is closing"), get(one));
        assertEquals(Outcome.cancelled(Outcome.Reason.CLIENT_CLOSED, "the client is closing"), get(other));
        assertEquals("n1:6", names(queue.end()));
    }

    @Test
    void thoseThatWaitAreLetInByPriorityAndAge() throws Exception {
        queue = queue(BLOCKING, "n1:2", "n2:8");
        CompletableFuture<Outcome> large = offerElsewhere("n3:9");
        CompletableFuture<Outcome> small = offerElsewhere("n4:1");
        CompletableFuture<Outcome> high = offerElsewhere("h5:1");
        queue.poll(10);
        assertNull(get(high));
        // There is room for a small one, but none must pass the large one.
        CompletableFuture<Outcome> late = offerElsewhere("n6:1");
        assertFalse(small.isDone() || late.isDone());
        assertEquals("h5:1", name(queue.poll(10)));
        assertEquals("n2:8", name(queue.poll(10)));
        assertNull(get(large));
        assertNull(get(small));
        assertEquals("n3:9", name(queue.poll(10)));
        assertNull(get(late));
        assertEquals("n4:1 n6:1", names(queue.end()));
    }

    @Test
    void whatIsTakenTogetherMakesRoomForSeveralAndStaysUnfinished() throws Exception {
        queue = queue(BLOCKING, "n1:5", "n2:4", "n3:1");
        CompletableFuture<Outcome> fourth = offerElsewhere("n4:5");
        CompletableFuture<Outcome> fifth = offerElsewhere("n5:4");
        List<Outbound> together = new ArrayList<>();
        queue.poll(2, 10, 10, 10, together);
        assertEquals("n1:5 n2:4", names(together));
        assertNull(get(fourth));
        assertNull(get(fifth));
        assertEquals(1, queue.nextBytes());
        assertEquals(19, queue.bufferedAmount());
        assertFalse(queue.recall(together.get(1)));
        assertEquals("n1:5 n2:4 n3:1 n4:5 n5:4", names(queue.unfinished()));
    }

    @Test
    void aNewerValueNeedNotWaitWhereItTakesNoMoreRoom() throws Exception {
        queue = queue(BLOCKING, "n1:5/k", "n2:5");
        CompletableFuture<Outcome> blocked = offerElsewhere("n3:5");
        assertNull(queue.offer(message("n4:5/k")));
        queue.close();
        assertEquals(Outcome.Kind.CANCELLED, get(blocked).kind());
        assertEquals("n4:5/k n2:5", names(queue.end()));
    }

    @Test
    void oneThatGivesUpMakesWayForTheNext() throws Exception {
        queue = queue(BLOCKING, "n1:6");
        CompletableFuture<Outcome> large = offerElsewhere("n2:9");
        CompletableFuture<Outcome> small = offerElsewhere("n3:4");
        assertFalse(small.isDone());
        threads.get(0).interrupt();
        assertEquals(Outcome.Kind.DROPPED, get(large).kind());
        assertNull(get(small));
    }

    @Test
    void aReplyDoesNotWaitForRoom() {
        queue = queue(BLOCKING, "n1:10");
        Outbound reply = new Outbound(
                Payload.packet(Packet.of("r", Collections.emptyList(), null).asReply()), 1, "r");
        assertTrue(queue.mayBlock(message("n2")));
        assertFalse(queue.mayBlock(reply));
        assertNull(queue.offer(reply));
        assertEquals(11, queue.bufferedAmount());
        assertEquals("n1:10", name(queue.poll(10)));
        assertEquals("r", name(queue.poll(10)));
    }
}
