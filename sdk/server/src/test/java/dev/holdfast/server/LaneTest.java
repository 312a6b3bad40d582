package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final List<String> done = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final Lane lane = new Lane();

    @Test
    void aLaneWithoutAThreadGoesOnWithTheNextTask() {
        AtomicBoolean noThread = new AtomicBoolean(true);
        Workers workers = new Workers(
                task -> {
                    if (noThread.get()) throw new InternalError("unable to create native thread");
                    task.run();
                },
                failures::add);
        assertThrows(InternalError.class, () -> lane.execute(workers, () -> done.add("first")));
        noThread.set(false);
        lane.execute(workers, () -> done.add("second"));
        assertEquals(List.of("first", "second"), done);
        assertEquals(List.of(), failures);
    }

    @Test
    void aReportThatFailsDoesNotStopTheLane() {
        List<Runnable> threads = new ArrayList<>();
        Workers workers = new Workers(threads::add, failure -> {
            throw new AssertionError("no report", failure);
        });
        lane.execute(workers, () -> {
            throw new IllegalStateException("broken");
        });
        lane.execute(workers, () -> done.add("next"));
        threads.forEach(Runnable::run);
        assertEquals(List.of("next"), done);
    }

    @Test
    void aBrokenTaskIsReportedAndDoesNotStopTheLane() {
        List<Runnable> threads = new ArrayList<>();
        Workers workers = new Workers(threads::add, failures::add);
        Error broken = new AssertionError("broken");
        lane.execute(workers, () -> {
            throw broken;
        });
        lane.execute(workers, () -> done.add("next"));
        threads.forEach(Runnable::run);
        assertEquals(1, threads.size());
        assertEquals(List.of("next"), done);
        assertEquals(List.of(broken), failures);
    }
}
