package dev.holdfast.benchmarks.run;

import dev.holdfast.benchmarks.client.Client.Receiver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A receiver that keeps a few batches under way, the same number for every client: a client's own queue is never full,
 * and its connection is never idle. A batch ends after a fixed number of received messages.
 */
final class Turns implements Receiver {
    private static final int UNDER_WAY = 2;
    private static final long STALL_SECONDS = 20;

    private final int messagesPerBatch;
    private final int bytes;
    private final Semaphore free = new Semaphore(UNDER_WAY);

    // Confined to the receiving calls, which come one after another; the semaphore publishes them to other threads.
    private int received;
    private int wrong;

    /**
     * @param bytes the required size of each received message, so that a client that delivers half of one does not look
     *     fast
     */
    Turns(int messagesPerBatch, int bytes) {
        this.messagesPerBatch = messagesPerBatch;
        this.bytes = bytes;
    }

    @Override
    public void onText(String text) {
        onMessage(text.length());
    }

    @Override
    public void onBinary(int length) {
        onMessage(length);
    }

    private void onMessage(int length) {
        if (length != bytes) wrong++;
        if (++received < messagesPerBatch) return;
        received = 0;
        free.release();
    }

    /** Waits until another batch may begin. */
    void begin() throws InterruptedException {
        acquire(1);
    }

    /** Waits until all batches have ended. */
    void end() throws InterruptedException {
        acquire(UNDER_WAY);
        if (wrong > 0) throw new IllegalStateException(wrong + " messages did not have " + bytes + " bytes");
        free.release(UNDER_WAY);
    }

    private void acquire(int permits) throws InterruptedException {
        if (!free.tryAcquire(permits, STALL_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing has come for " + STALL_SECONDS + " s");
        }
    }
}
