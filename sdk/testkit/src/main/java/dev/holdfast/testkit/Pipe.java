package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a proxied connection: a reader thread, a writer thread, and between them a queue in which bytes wait
 * for their due time. The end of the stream and its reset travel through the queue like bytes. They are therefore
 * delayed like bytes, and a black hole holds them back too.
 */
final class Pipe {
    private static final int CHUNK_BYTES = 16 * 1024;

    /**
     * Queue capacity without a delay. It is small so that the sender notices a slow receiver as it would without a
     * proxy.
     */
    private static final int QUEUE_BYTES = 64 * 1024;

    /** Queue capacity with a delay: what is in flight on a long and fast line. */
    private static final int DELAYED_QUEUE_BYTES = 8 * 1024 * 1024;

    /** Steps per second in which a throttled stream flows. */
    private static final long STEPS_PER_SECOND = 50;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Faults faults;
    private final Direction direction;
    private final Socket from;
    private final Socket to;
    private final Events events;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final ArrayDeque<Parcel> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long lastDue = System.nanoTime();
    private boolean silent;
    private boolean closed;
    private boolean heldBack;

    /** The time at which the next bytes may leave under a throttle. Used by the writer only. */
    private long nextStep = System.nanoTime();

    /** Callbacks to the connection that owns the pipe. */
    interface Events {
        /** Called when the end of the stream has been passed on. */
        void onEnd();

        /** Called when the stream is broken and the other end must see it. */
        void onBroken();

        /** Called when the sender of a forgotten stream is gone, which the other end must not see. */
        void onSilentEnd();
    }

    Pipe(Faults faults, Direction direction, Socket from, Socket to, Events events) {
        this.faults = faults;
        this.direction = direction;
        this.from = from;
        this.to = to;
        this.events = events;
    }

    /** Reads until the end of the stream. */
    void read() {
        byte[] buffer = new byte[CHUNK_BYTES];
        try {
            InputStream in = from.getInputStream();
            while (awaitRoom()) {
                int count = in.read(buffer);
                if (count < 0) {
                    put(Kind.END, new byte[0]);
                    return;
                }
                put(Kind.BYTES, Arrays.copyOf(buffer, count));
            }
        } catch (IOException e) {
            put(Kind.RESET, new byte[0]);
        }
    }

    /** Writes until the end of the stream. */
    void write() {
        try {
            OutputStream out = to.getOutputStream();
            for (Parcel parcel = take(); parcel != null; parcel = take()) {
                switch (parcel.kind) {
                    case BYTES:
                        write(out, parcel.bytes);
                        break;
                    case END:
                        to.shutdownOutput();
                        events.onEnd();
                        return;
                    case RESET:
                        events.onBroken();
                        return;
                }
            }
        } catch (IOException e) {
            events.onBroken();
        }
    }

    /** Holds bytes back until the stream has ended or the queue is full. */
    void holdBack() {
        lock.lock();
        try {
            heldBack = true;
        } finally {
            lock.unlock();
        }
    }

    /** Queues bytes as if they had been read. */
    void put(byte[] bytes) {
        put(Kind.BYTES, bytes);
    }

    /** Makes both threads look at the faults again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Discards all further bytes. */
    void forget() {
        lock.lock();
        try {
            silent = true;
            queue.clear();
            queuedBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets both threads end. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there is room to read. Returns false if there never will be. */
    private boolean awaitRoom() {
        lock.lock();
        try {
            while (!closed && !silent && (faults.isHole(direction) || queuedBytes >= queueLimit())) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private int queueLimit() {
        return faults.delayNanos() > 0 ? DELAYED_QUEUE_BYTES : QUEUE_BYTES;
    }

    private void put(Kind kind, byte[] bytes) {
        boolean silentEnd;
        lock.lock();
        try {
            silentEnd = silent && kind != Kind.BYTES;
            if (!silent) {
                // Never before an earlier parcel, even if the delay has been shortened since.
                lastDue = Math.max(lastDue, System.nanoTime() + faults.delayNanos());
                if (kind != Kind.BYTES) heldBack = false;
                queue.add(new Parcel(kind, bytes, lastDue));
                queuedBytes += bytes.length;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (silentEnd) {
            events.onSilentEnd();
        }
    }

    /** Waits until the next parcel is due and returns it, or returns null if there will be none. */
    private @Nullable Parcel take() {
        lock.lock();
        try {
            while (!closed && !silent) {
                Parcel next = queue.peek();
                long wait = next == null ? 0 : next.due - System.nanoTime();
                if (next == null || faults.isHole(direction) || (heldBack && queuedBytes < queueLimit())) {
                    changed.awaitUninterruptibly();
                } else if (wait > 0) {
                    pause(wait);
                } else {
                    queue.remove();
                    queuedBytes -= next.bytes.length;
                    changed.signalAll();
                    return next;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void write(OutputStream out, byte[] bytes) throws IOException {
        int written = 0;
        while (written < bytes.length) {
            int count = awaitStep(bytes.length - written);
            if (count == 0) {
                return;
            }
            out.write(bytes, written, count);
            written += count;
        }
    }

    /** Waits until bytes may leave and returns how many; 0 if none ever may. */
    private int awaitStep(int wanted) {
        lock.lock();
        try {
            while (!closed && !silent) {
                long rate = faults.bytesPerSecond();
                long now = System.nanoTime();
                if (faults.isHole(direction)) {
                    changed.awaitUninterruptibly();
                } else if (rate > 0 && nextStep > now) {
                    pause(nextStep - now);
                } else if (rate > 0) {
                    int count = (int) Math.min(wanted, Math.max(1, rate / STEPS_PER_SECOND));
                    nextStep = now + count * NANOS_PER_SECOND / rate;
                    return count;
                } else {
                    return wanted;
                }
            }
            return 0;
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private void pause(long nanos) {
        try {
            long unused = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // An interrupt asks the thread to end.
            closed = true;
        }
    }

    private enum Kind {
        BYTES,
        END,
        RESET
    }

    private static final class Parcel {
        final Kind kind;
        final byte[] bytes;
        final long due;

        Parcel(Kind kind, byte[] bytes, long due) {
            this.kind = kind;
            this.bytes = bytes;
            this.due = due;
        }
    }
}
