package dev.holdfast.sample.fault;

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
 * One direction of a proxied connection: a thread that reads, a thread that writes, and between them a queue in which bytes
 * wait for their time. The end of the stream and its reset travel through the queue like bytes, so that they are as late
 * as those, and as silent in a black hole.
 */
final class Pipe {
    private static final int CHUNK_BYTES = 16 * 1024;

    /** Small, so that a slow receiver is felt by the sender as it would be without a proxy. */
    private static final int QUEUE_BYTES = 64 * 1024;

    /** What is on its way at a time through a long and fast line. */
    private static final int DELAYED_QUEUE_BYTES = 8 * 1024 * 1024;

    /** A throttled stream flows in steps of this part of a second. */
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

    /** When the next bytes may leave under a throttle. The writer's own. */
    private long nextStep = System.nanoTime();

    /** What a pipe tells the connection that it is a part of. */
    interface Events {
        /** The end of the stream has been passed on. */
        void onEnd();

        /** The stream is broken, and whoever is at the other end is to see it. */
        void onBroken();

        /** The sender of a forgotten stream is gone, which nobody is to see. */
        void onSilentEnd();
    }

    Pipe(Faults faults, Direction direction, Socket from, Socket to, Events events) {
        this.faults = faults;
        this.direction = direction;
        this.from = from;
        this.to = to;
        this.events = events;
    }

    /** Reads until the end. */
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

    /** Writes until the end. */
    void write() {
        try {
            OutputStream out = to.getOutputStream();
            for (Parcel parcel = take(); parcel != null; parcel = take()) {
                switch (parcel.kind()) {
                    case BYTES -> write(out, parcel.bytes());
                    case END -> {
                        to.shutdownOutput();
                        events.onEnd();
                        return;
                    }
                    case RESET -> {
                        events.onBroken();
                        return;
                    }
                }
            }
        } catch (IOException e) {
            events.onBroken();
        }
    }

    /** Looks again at the faults. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on swallows what comes, for good. */
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

    /** Waits until there may be something read; false if there never will. */
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
                // Never earlier than what came before, even if the delay has been shortened since.
                lastDue = Math.max(lastDue, System.nanoTime() + faults.delayNanos());
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

    /** Waits for the next parcel's time; null if there will be none. */
    private @Nullable Parcel take() {
        lock.lock();
        try {
            while (!closed && !silent) {
                Parcel next = queue.peek();
                long wait = next == null ? 0 : next.due() - System.nanoTime();
                if (next == null || faults.isHole(direction)) {
                    changed.awaitUninterruptibly();
                } else if (wait > 0) {
                    pause(wait);
                } else {
                    queue.remove();
                    queuedBytes -= next.bytes().length;
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

    /** Waits until bytes may leave, and says how many; 0 if none ever may. */
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

    @SuppressWarnings("WaitNotInLoop") // the callers are the loops
    private void pause(long nanos) {
        try {
            long unused = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            // Somebody wants the thread to end, and so it does.
            closed = true;
        }
    }

    private enum Kind {
        BYTES,
        END,
        RESET
    }

    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    private record Parcel(Kind kind, byte[] bytes, long due) {}
}
