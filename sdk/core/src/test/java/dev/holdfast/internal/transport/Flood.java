package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.internal.transport.RawServer.Peer;
import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A thread of the server's that sends the same bytes over and over until the client is gone. */
final class Flood {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** So long without a block means that none gets through any more. */
    private static final long STANDSTILL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Peer peer;
    private final byte[] block;
    private final Queue<byte[]> between = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "flood");
    private volatile boolean stopped;
    private final AtomicLong sentBytes = new AtomicLong();

    private Flood(Peer peer, byte[] block) {
        this.peer = peer;
        this.block = block;
    }

    static Flood start(Peer peer, byte[] block) {
        Flood flood = new Flood(peer, block);
        flood.thread.setDaemon(true);
        flood.thread.start();
        return flood;
    }

    private void run() {
        try {
            while (!stopped) {
                for (byte[] bytes; (bytes = between.poll()) != null; ) peer.write(bytes);
                peer.write(block);
                sentBytes.addAndGet(block.length);
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    /** Sends other bytes behind the block that is being sent. */
    void send(byte[] bytes) {
        between.add(bytes);
    }

    long sentBytes() {
        return sentBytes.get();
    }

    /** Waits until so many more bytes have gone out: about as many as the client has taken. */
    void awaitSent(long moreBytes) {
        long enough = sentBytes() + moreBytes;
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (sentBytes() < enough) {
            if (System.nanoTime() > deadline) fail("the client took only " + sentBytes() + " bytes");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Waits until nothing goes out any more. Real time has to pass: nothing tells that nothing happens. */
    void awaitStandstill() {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        long seen = -1;
        while (seen != sentBytes()) {
            if (System.nanoTime() > deadline) fail("the client takes on and on: " + sentBytes() + " bytes");
            seen = sentBytes();
            LockSupport.parkNanos(STANDSTILL_NANOS);
        }
    }

    /** Sends no more blocks. What is being sent now is sent whole. */
    void stop() throws InterruptedException {
        stopped = true;
        awaitEnded();
    }

    /** Waits until the client is gone. */
    void awaitEnded() throws InterruptedException {
        thread.join(TimeUnit.NANOSECONDS.toMillis(LIMIT_NANOS));
        assertFalse(thread.isAlive(), "the client still takes, or holds, what the server sends");
    }
}
