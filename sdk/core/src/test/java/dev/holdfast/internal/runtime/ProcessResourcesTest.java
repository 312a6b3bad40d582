package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.concurrent.LongTask;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which threads run what all clients of a process share. */
@Timeout(30)
class ProcessResourcesTest {
    private final BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();

    private void note() {
        ran.add(Thread.currentThread());
    }

    /** Threads of the pool that wait for work, as far as a test can know: other tests may use them. */
    private Set<Thread> waiting() throws InterruptedException {
        Set<Thread> pool = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            ProcessResources.io().execute(this::note);
            Thread thread = ran.poll(10, TimeUnit.SECONDS);
            while (thread.getState() != Thread.State.TIMED_WAITING) Thread.onSpinWait();
            pool.add(thread);
        }
        return pool;
    }

    @Test
    void aLongTaskNeverTakesAThreadThatHasWorked() throws Exception {
        Set<Thread> pool = waiting();
        ProcessResources.io().execute(new LongTask(this::note));
        Thread thread = ran.poll(10, TimeUnit.SECONDS);
        assertTrue(thread.isDaemon());
        assertFalse(pool.contains(thread));
        thread.join();
        // And it does not go into the pool.
        ProcessResources.io().execute(this::note);
        assertNotEquals(thread, ran.poll(10, TimeUnit.SECONDS));
    }
}
