package dev.holdfast.server;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A timer for one connection's acknowledgements: one is due after a number of messages, a number of bytes, or a delay.
 */
final class AckCoalescer {
    private static final long MAX_BYTES = 256 * 1024;

    private final int every;
    private final Duration delay;
    private final ScheduledExecutorService timer;
    private final Runnable send;

    private final ReentrantLock lock = new ReentrantLock();
    private int messages;
    private long bytes;
    private boolean scheduled;

    AckCoalescer(int every, Duration delay, ScheduledExecutorService timer, Runnable send) {
        this.every = every;
        this.delay = delay;
        this.timer = timer;
        this.send = send;
    }

    /** Counts one more message that needs an acknowledgement. */
    void owe(int size) {
        boolean due;
        boolean schedule = false;
        lock.lock();
        try {
            messages++;
            bytes += size;
            due = messages >= every || bytes >= MAX_BYTES;
            if (!due && !scheduled) {
                scheduled = true;
                schedule = true;
            }
        } finally {
            lock.unlock();
        }
        if (due) {
            flush();
        } else if (schedule) {
            var unused = timer.schedule(this::onTimer, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Sends the acknowledgement that is due, if any. */
    void flush() {
        lock.lock();
        try {
            if (messages == 0) {
                return;
            }
            messages = 0;
            bytes = 0;
        } finally {
            lock.unlock();
        }
        send.run();
    }

    private void onTimer() {
        lock.lock();
        try {
            scheduled = false;
        } finally {
            lock.unlock();
        }
        flush();
    }
}
