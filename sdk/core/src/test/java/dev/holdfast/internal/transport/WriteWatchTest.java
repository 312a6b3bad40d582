package dev.holdfast.internal.transport;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.time.Ticker;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The watch's timer is Okio's, which knows no other time than the real one. */
@Tag("slow")
@Timeout(30)
class WriteWatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    /** Takes what is written when the test lets it. */
    private static final class GatedStream extends OutputStream {
        final Semaphore gate = new Semaphore(0);

        @Override
        public void write(int b) {
            throw new UnsupportedOperationException("byte by byte");
        }

        @Override
        public void write(byte[] bytes, int offset, int byteCount) {
            gate.acquireUninterruptibly();
        }
    }

    private final Ticker ticker = System::nanoTime;
    private final GatedStream socket = new GatedStream();
    private final CountDownLatch stalled = new CountDownLatch(1);
    private volatile long stalledAt;
    private final WriteWatch watch = new WriteWatch(socket, ticker, LIMIT.toNanos(), () -> {
        stalledAt = ticker.nanos();
        stalled.countDown();
        socket.gate.release(1000);
    });

    private void write() throws Exception {
        watch.write(new byte[10], 0, 10);
    }

    private void assertStallsAfterItsLimit() throws Exception {
        long begun = ticker.nanos();
        write();
        assertTrue(stalled.await(10, TimeUnit.SECONDS));
        long millis = TimeUnit.NANOSECONDS.toMillis(stalledAt - begun);
        assertTrue(millis >= LIMIT.toMillis(), "after " + millis + " ms");
        assertTrue(millis < LIMIT.toMillis() * 5 / 4, "after " + millis + " ms");
        watch.close();
    }

    @Test
    void theFirstWriteStallsAfterItsLimit() throws Exception {
        assertStallsAfterItsLimit();
    }

    /** Whatever the timer was set for before. */
    @Test
    void aLaterWriteStallsAfterItsLimit() throws Exception {
        socket.gate.release(1);
        write();
        LockSupport.parkNanos(LIMIT.toNanos() * 53 / 100);
        assertStallsAfterItsLimit();
    }

    @Test
    void writesThatAllMakeProgressDoNotStall() throws Exception {
        long until = ticker.nanos() + LIMIT.toNanos() * 5 / 2;
        socket.gate.release(1_000_000_000);
        while (ticker.nanos() < until) {
            write();
            watch.flush();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        watch.close();
        assertFalse(stalled.await(0, TimeUnit.SECONDS));
    }
}
