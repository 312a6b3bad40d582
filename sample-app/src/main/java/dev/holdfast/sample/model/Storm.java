package dev.holdfast.sample.model;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All faults at random, one after another, each for a while. Confined to the window's thread. */
final class Storm {
    private static final List<Fault> FAULTS = List.of(Fault.values()).stream()
            .filter(fault -> fault != Fault.SUSPEND || FaultDesk.canSuspend())
            .toList();

    private static final Duration SUSPENSION = Duration.ofSeconds(1);

    private final FaultDesk desk;
    private final Random random;
    private final Queue<Fault> round = new ArrayDeque<>();
    private @Nullable Fault lasting;
    private long nextAt;

    Storm(FaultDesk desk, Random random) {
        this.desk = desk;
        this.random = random;
    }

    /** Does what is due. Each fault comes once before any comes again. */
    void tick(long nanoTime) {
        if (nanoTime < nextAt) return;
        if (lasting != null) {
            desk.on(lasting).set(false);
            lasting = null;
            nextAt = nanoTime + millis(300, 1000);
            return;
        }
        Fault fault = round.poll();
        if (fault == null) {
            round.addAll(shuffled());
            desk.delayMillis().set(random.nextInt(3) * 50);
            desk.kilobytesPerSecond().set(random.nextInt(3) * 32);
            return;
        }
        if (fault.isLasting()) {
            desk.on(fault).set(true);
            lasting = fault;
        } else if (fault == Fault.SUSPEND) {
            desk.suspend(SUSPENSION);
        } else {
            desk.strike(fault);
        }
        nextAt = nanoTime + millis(500, 2000);
    }

    private List<Fault> shuffled() {
        List<Fault> faults = new ArrayList<>(FAULTS);
        Collections.shuffle(faults, random);
        return faults;
    }

    private long millis(int least, int most) {
        return TimeUnit.MILLISECONDS.toNanos(least + random.nextInt(most - least));
    }
}
