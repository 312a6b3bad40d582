package dev.holdfast;

import dev.holdfast.internal.session.Outbound;
import dev.holdfast.internal.session.Payload;
import dev.holdfast.schedules.Schedules;
import dev.holdfast.schedules.Schedules.Plant;
import dev.holdfast.schedules.Schedules.Shape;
import java.util.concurrent.CompletableFuture;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** As {@code SharedQueueConcurrencyTest}, of a receipt: who asks for its futures while it ends is told as well. */
@Tag("slow")
@Tag("schedules")
public class DeliveryConcurrencyTest {
    private static final Payloads PAYLOADS = new Payloads(null);

    private static final Outcome LOST = Outcome.unknown(Outcome.Reason.SESSION_LOST, "lost");

    private final Delivery delivery = new Delivery(Payload.text("m"), 1, SendOptions.defaults(), new Delivery.Owner() {
        @Override
        public boolean recall(Outbound message) {
            return false;
        }

        @Override
        public boolean giveUp(Outbound message) {
            return false;
        }

        @Override
        public boolean mustNotWait() {
            return false;
        }

        @Override
        public Payloads payloads() {
            return PAYLOADS;
        }
    });

    private volatile CompletableFuture<Outcome> outcome;
    private volatile CompletableFuture<Outcome> another;
    private volatile CompletableFuture<Boolean> written;

    private static void run(Runnable rest) {
        if (rest != null) rest.run();
    }

    public DeliveryConcurrencyTest() {
        Schedules.count();
    }

    @Operation(runOnce = true, nonParallelGroup = "serial context")
    public void markWritten() {
        run(delivery.markWritten());
    }

    @Operation(runOnce = true, nonParallelGroup = "serial context")
    public void end() {
        run(delivery.end(LOST));
    }

    @Operation
    public Delivery.Stage stage() {
        return delivery.stage();
    }

    @Operation
    public boolean hasOutcome() {
        return delivery.outcomeNow() != null;
    }

    @Operation(runOnce = true)
    public boolean askForTheOutcome() {
        outcome = delivery.outcome();
        return outcome.isDone();
    }

    @Operation(runOnce = true)
    public void askForTheOutcomeToo() {
        another = delivery.outcome();
    }

    @Operation(runOnce = true)
    public void askWhetherItIsWritten() {
        written = delivery.written();
    }

    @Validate
    public void nobodyWaitsInVain() {
        if (delivery.stage() == Delivery.Stage.QUEUED) return;
        if (written != null && !written.isDone()) throw new AssertionError("written hangs");
        if (delivery.stage() != Delivery.Stage.ENDED) return;
        if (outcome != null && !outcome.isDone()) throw new AssertionError("outcome hangs");
        if (another != null && !another.isDone()) throw new AssertionError("another's outcome hangs");
    }

    private static final Shape SHAPE = Shape.random(3, 2, 12, 150).linearizable();

    @Test
    void isLinearizable() {
        Schedules.survives(DeliveryConcurrencyTest.class, SHAPE);
    }

    @Test
    @Tag("planted")
    void thatForgetsWhoAskedMeanwhile() {
        Schedules.finds(
                DeliveryConcurrencyTest.class,
                SHAPE,
                new Plant(
                        Delivery.class,
                        "} while (!field.compareAndSet(this, before, how));",
                        "field.set(this, how); } while (false);"));
    }
}
