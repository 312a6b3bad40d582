package dev.holdfast.internal.runtime;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.concurrent.LongTask;
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

    private Thread waitingThread() throws InterruptedException {
        ProcessResources.io().execute(this::note);
        Thread thread = ran.poll(10, TimeUnit.SECONDS);
        while (thread.getState() != Thread.State.TIMED_WAITING && !Thread.interrupted()) Thread.onSpinWait();
        return thread;
    }

    @Test
    void aLongTaskNeverTakesAThreadThatHasWorked() throws Exception {
        Thread worker = waitingThread();
        ProcessResources.io().execute(new LongTask(this::note));
        Thread reader = ran.poll(10, TimeUnit.SECONDS);
        assertNotEquals(worker, reader);
        assertTrue(reader.isDaemon());
        assertTrue(reader.getName().startsWith("Holdfast I/O "), reader.getName());
        // The pool would keep it for ten seconds.
        reader.join(5000);
        assertFalse(reader.isAlive());
    }
}
