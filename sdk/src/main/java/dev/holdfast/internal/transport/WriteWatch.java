package dev.holdfast.internal.transport;

import dev.holdfast.internal.time.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okio.AsyncTimeout;

/**
 * Writes to a socket, and notices when a write makes no progress. A timer for each write would wake the timer's thread for
 * each; this one is set when there is none, and looks now and then whether it is still the same write.
 */
final class WriteWatch extends OutputStream {
    /** As much as goes out in one piece. Each piece has the whole time limit. */
    private static final int PIECE_BYTES = 128 * 1024;
    /** The same where a piece took too long, which is this part of the limit. */
    private static final int SLOW_PIECE_BYTES = 8 * 1024;

    private static final int SLOW_PART = 10;

    /** How often it looks within the limit. */
    private static final int LOOKS = 2;

    private final OutputStream out;
    private final Ticker ticker;
    private final long limitNanos;
    private final Runnable onStalled;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final Timer timer = new Timer();

    /** How often a write has begun or ended: an even number while there is none. */
    private final AtomicInteger steps = new AtomicInteger();

    private volatile long lastWriteAt;

    private int pieceBytes = PIECE_BYTES;

    // Confined to the timer, which is set once at a time.
    private int seenSteps;
    private int seen;

    WriteWatch(OutputStream out, Ticker ticker, long limitNanos, Runnable onStalled) {
        this.out = out;
        this.ticker = ticker;
        this.limitNanos = limitNanos;
        this.onStalled = onStalled;
        this.lastWriteAt = ticker.nanos();
        timer.timeout(Math.max(1, limitNanos / LOOKS), TimeUnit.NANOSECONDS);
    }

    /** The ticker's nanoseconds when bytes last went out. */
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
            long begunAt = ticker.nanos();
            begin();
            out.write(bytes, at, length);
            end();
            lastWriteAt = ticker.nanos();
            pieceBytes = lastWriteAt - begunAt > limitNanos / SLOW_PART ? SLOW_PIECE_BYTES : PIECE_BYTES;
            at += length;
        }
    }

    /** What is not a socket's own stream may have kept what was written until now. */
    @Override
    public void flush() throws IOException {
        begin();
        out.flush();
        end();
    }

    private void begin() {
        steps.getAndIncrement();
        if (!watching.get()) watch();
    }

    private void end() {
        steps.getAndIncrement();
    }

    private void watch() {
        if (!watching.getAndSet(true)) timer.enter();
    }

    /** To be called once nothing is written any more. */
    @Override
    public void close() {
        if (watching.getAndSet(true)) timer.exit();
    }

    private final class Timer extends AsyncTimeout {
        @Override
        protected void timedOut() {
            exit();
            watching.set(false);
            int now = steps.get();
            boolean writing = (now & 1) != 0;
            seen = writing && now == seenSteps ? seen + 1 : 0;
            seenSteps = now;
            if (seen == LOOKS) {
                onStalled.run();
            } else if (writing) {
                watch();
            }
        }
    }
}
