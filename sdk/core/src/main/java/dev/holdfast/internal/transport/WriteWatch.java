package dev.holdfast.internal.transport;

import dev.holdfast.internal.time.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okio.AsyncTimeout;

/**
 * Writes to a socket, and detects a write that makes no progress. A timer for each write would wake the timer's thread for
 * each write. Instead, a write sets a timer only if none is set. When the timer fires during a later write, it is set again
 * for the rest of that write's time limit. So its thread wakes about once per time limit.
 */
final class WriteWatch extends OutputStream {
    /** The maximum bytes of one write. Each write has the whole time limit. */
    private static final int PIECE_BYTES = 128 * 1024;
    /** The maximum bytes of one write after a slow one, which took more than 1/{@link #SLOW_PART} of the time limit. */
    private static final int SLOW_PIECE_BYTES = 8 * 1024;

    private static final int SLOW_PART = 10;

    private final OutputStream out;
    private final Ticker ticker;
    private final long limitNanos;
    private final Runnable onStalled;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final Timer timer = new Timer();

    /** Counts the begins and ends of writes: odd during a write. */
    private final AtomicInteger steps = new AtomicInteger();

    /** The time at which the current write began. Set before {@link #steps} becomes odd. */
    private volatile long begunAt;

    private volatile long lastWriteAt;

    private int pieceBytes = PIECE_BYTES;

    /** The step of the write for which the timer is set. Only one thread at a time sets the timer. */
    private int watchedStep;

    WriteWatch(OutputStream out, Ticker ticker, long limitNanos, Runnable onStalled) {
        this.out = out;
        this.ticker = ticker;
        this.limitNanos = limitNanos;
        this.onStalled = onStalled;
        this.lastWriteAt = ticker.nanos();
    }

    /** Returns the ticker's nanoseconds when bytes last went out. */
    long lastWriteAt() {
        return lastWriteAt;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int byteCount) throws IOException {
        int end = offset + byteCount;
        for (int at = offset; at < end; ) {
            int length = Math.min(pieceBytes, end - at);
            long begun = ticker.nanos();
            begin(begun);
            out.write(bytes, at, length);
            end();
            long now = ticker.nanos();
            lastWriteAt = now;
            pieceBytes = now - begun > limitNanos / SLOW_PART ? SLOW_PIECE_BYTES : PIECE_BYTES;
            at += length;
        }
    }

    /** Flushes the stream. One that is not a socket's own may write here what it has buffered. */
    @Override
    public void flush() throws IOException {
        begin(ticker.nanos());
        out.flush();
        end();
    }

    private void begin(long now) {
        begunAt = now;
        int step = steps.incrementAndGet();
        if (!watching.get()) watch(step, limitNanos);
    }

    private void end() {
        steps.getAndIncrement();
    }

    private void watch(int step, long nanos) {
        if (watching.getAndSet(true)) return;
        watchedStep = step;
        timer.timeout(Math.max(1, nanos), TimeUnit.NANOSECONDS);
        timer.enter();
    }

    /** Stops the timer. Call it when nothing is written any more. */
    @Override
    public void close() {
        if (watching.getAndSet(true)) timer.exit();
    }

    private final class Timer extends AsyncTimeout {
        @Override
        protected void timedOut() {
            exit();
            int watched = watchedStep;
            int step = steps.get();
            if (step == watched) {
                // The flag stays set, so that the timer is not set again.
                onStalled.run();
                return;
            }
            watching.set(false);
            step = steps.get();
            boolean writing = (step & 1) != 0;
            if (writing) watch(step, limitNanos - (ticker.nanos() - begunAt));
        }
    }
}
