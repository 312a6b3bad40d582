package dev.holdfast.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    @Test
    void aLaneWithoutAThreadGoesOnWithTheNextTask() {
        AtomicBoolean noThread = new AtomicBoolean(true);
        SerialExecutor lane = new SerialExecutor(task -> {
            if (noThread.get()) throw new InternalError("unable to create native thread");
            task.run();
        });
        List<String> done = new ArrayList<>();
        assertThrows(InternalError.class, () -> lane.execute(() -> done.add("first")));
        noThread.set(false);
        lane.execute(() -> done.add("second"));
        assertEquals(List.of("first", "second"), done);
    }
}
