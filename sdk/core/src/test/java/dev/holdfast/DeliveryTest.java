package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryTest {
    private boolean waits = true;
    private boolean inCallback;
    private final Delivery delivery = new Delivery(Payload.text("m"), 1, SendOptions.defaults(), new Delivery.Owner() {
        @Override
        public boolean recall(Outbound message) {
            return waits;
        }

        @Override
        public boolean giveUp(Outbound message) {
            return false;
        }

        @Override
        public boolean mustNotWait() {
            return inCallback;
        }

        @Override
        public Payloads payloads() {
            return new Payloads(null);
        }
    });

    @Test
    void writtenComesBeforeTheOutcome() {
        List<String> order = new ArrayList<>();
        CompletableFuture<?> one = delivery.outcome().thenAccept(outcome -> order.add(outcome.toString()));
        CompletableFuture<?> other = delivery.written().thenAccept(written -> order.add("written " + written));
        // Written was not told of: the acknowledgement was faster.
        Runnable rest = delivery.end(Outcome.acknowledged());
        assertEquals(Delivery.Stage.ENDED, delivery.stage());
        assertFalse(one.isDone() || other.isDone(), "not from here");
        rest.run();
        assertEquals(List.of("written true", "ACKNOWLEDGED"), order);
        assertTrue(delivery.written().join());
        assertNull(delivery.markWritten());
    }

    @Test
    void writtenIsKnownAsSoonAsItIs() {
        CompletableFuture<Boolean> asked = delivery.written();
        assertEquals(Delivery.Stage.QUEUED, delivery.stage());
        Runnable rest = delivery.markWritten();
        assertEquals(Delivery.Stage.WRITTEN, delivery.stage());
        assertFalse(asked.isDone());
        assertTrue(delivery.written().join());
        rest.run();
        assertTrue(asked.join());
        assertNull(delivery.end(Outcome.unknown(Outcome.Reason.SESSION_LOST, "lost")), "nobody is left to tell");
        assertTrue(delivery.written().join());
    }

    /** The client itself rejected it: it was larger than the server says that it takes. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void whatWasRejectedBeforeASocketTookItWasNotWritten(long seq) {
        if (seq > 0) delivery.outbound().restored(seq);
        delivery.end(Outcome.tooLarge("11 bytes"));
        assertFalse(delivery.written().join());
    }

    @ParameterizedTest
    @CsvSource({"CANCELLED, false", "EXPIRED, false", "UNKNOWN, false", "REJECTED, false", "WRITTEN, true"})
    void writtenDoesNotHangAfterTheEnd(Outcome.Kind kind, boolean written) {
        CompletableFuture<Boolean> asked = delivery.written();
        delivery.end(outcome(kind)).run();
        assertEquals(written, asked.join());
        assertEquals(written, delivery.written().join());
    }

    private static Outcome outcome(Outcome.Kind kind) {
        switch (kind) {
            case CANCELLED:
                return Outcome.cancelled(Outcome.Reason.CANCELLED_BY_CALLER, "recalled");
            case EXPIRED:
                return Outcome.expired();
            case UNKNOWN:
                return Outcome.unknown(Outcome.Reason.SESSION_LOST, "lost");
            case REJECTED:
                return Outcome.rejected("no", null);
            default:
                return Outcome.written();
        }
    }

    @Test
    void whatNobodyAskedForNeedsNobodyToTell() {
        assertNull(delivery.markWritten());
        assertNull(delivery.end(Outcome.written()));
    }

    @Test
    void endsOnce() {
        assertNull(delivery.end(Outcome.expired()));
        assertThrows(IllegalStateException.class, () -> delivery.end(Outcome.expired()));
    }

    @Test
    void aFutureThatIsCancelledIsTheCallersOwn() {
        CompletableFuture<Boolean> given = delivery.written();
        assertTrue(given.cancel(true));
        CompletableFuture<Boolean> another = delivery.written();
        delivery.markWritten().run();
        assertTrue(another.join());
    }

    @Test
    void futuresAreNotWaitedForWhereTheyWouldNeverComplete() throws Exception {
        CompletableFuture<Outcome> outcome = delivery.outcome();
        CompletableFuture<Integer> derived = outcome.thenApply(Outcome::hashCode);
        CompletableFuture<Boolean> written = delivery.written();
        inCallback = true;
        for (CompletableFuture<?> future : List.of(outcome, written, derived, delivery.outcome())) {
            assertThrows(IllegalStateException.class, () -> future.get(1, TimeUnit.MILLISECONDS));
            assertThrows(IllegalStateException.class, future::get);
            assertThrows(IllegalStateException.class, future::join);
            assertFalse(future.isDone());
        }
        inCallback = false;
        assertThrows(TimeoutException.class, () -> outcome.get(1, TimeUnit.MILLISECONDS));
        delivery.end(Outcome.written()).run();
        inCallback = true;
        assertEquals(Outcome.written(), outcome.get());
        assertEquals(Outcome.written().hashCode(), derived.join());
        assertTrue(written.get(1, TimeUnit.DAYS));
        // Nothing that is left to run needs this thread.
        assertEquals(1, outcome.thenApplyAsync(known -> 1).join());
    }

    @Test
    void whatIsDerivedBeforeTheEndIsWaitedForAfterIt() {
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Integer> derived = delivery.outcome().thenApplyAsync(outcome -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return 1;
        });
        delivery.end(Outcome.written()).run();
        inCallback = true;
        CompletableFuture<Integer> more = derived.thenApply(one -> one + 1);
        goOn.countDown();
        assertEquals(1, derived.join());
        assertEquals(2, more.join());
    }

    @Test
    void onlyWhatWaitsIsRecalled() {
        assertTrue(delivery.cancel());
        waits = false;
        assertFalse(delivery.cancel());
        waits = true;
        assertNull(delivery.end(Outcome.acknowledged()));
        assertFalse(delivery.cancel());
    }
}
