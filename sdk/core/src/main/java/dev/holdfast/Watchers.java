package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.internal.concurrent.Uncaught;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of a {@link NetworkMonitor}, and what each has heard. One thread at a time calls them, one after another
 * and with no lock held; a thread that has something to report meanwhile leaves it to that one and returns. A listener may
 * come back in from its call, and what it throws is reported as uncaught. Safe from any thread.
 */
final class Watchers {
    /** Guards everything here, and what the monitor keeps beside it. */
    final ReentrantLock lock = new ReentrantLock();

    private final Condition returned = lock.newCondition();

    @GuardedBy("lock")
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    /** Those whose turn is still to come. */
    @GuardedBy("lock")
    private final ArrayDeque<Watcher> round = new ArrayDeque<>();

    /** Null while it is not known whether there is a network. */
    @GuardedBy("lock")
    private @Nullable Boolean available;

    /** Counts the networks. */
    @GuardedBy("lock")
    private long network;

    /** The thread that calls the listeners, while one does. */
    @GuardedBy("lock")
    private @Nullable Thread caller;
    /** The one whose listener it is calling. */
    @GuardedBy("lock")
    private @Nullable Watcher called;

    private final class Watcher implements NetworkMonitor.Registration {
        final NetworkMonitor.Listener listener;
        final Runnable onClosed;

        @GuardedBy("lock")
        @Nullable
        Boolean heardAvailable;

        @GuardedBy("lock")
        long heardNetwork;

        Watcher(NetworkMonitor.Listener listener, Runnable onClosed) {
            this.listener = listener;
            this.onClosed = onClosed;
        }

        @GuardedBy("lock")
        boolean isBehind() {
            Boolean now = available;
            return now != null && (!now.equals(heardAvailable) || (now && heardNetwork != network));
        }

        /** The call that is due, which counts as made. */
        @GuardedBy("lock")
        Runnable call() {
            Boolean now = available;
            boolean changed = now != null && now.equals(heardAvailable);
            heardAvailable = now;
            heardNetwork = network;
            if (changed) return listener::onChanged;
            return Boolean.TRUE.equals(now) ? listener::onAvailable : listener::onLost;
        }

        @Override
        public void close() {
            boolean removed;
            lock.lock();
            try {
                removed = watchers.remove(this);
                while (called == this && caller != Thread.currentThread()) returned.awaitUninterruptibly();
            } finally {
                lock.unlock();
            }
            if (removed) onClosed.run();
        }
    }

    /**
     * Adds a listener and calls it, if there is something to report.
     *
     * @param onClosed called once, when the registration is closed
     */
    NetworkMonitor.Registration add(NetworkMonitor.Listener listener, Runnable onClosed) {
        Watcher watcher = new Watcher(listener, onClosed);
        lock.lock();
        try {
            watchers.add(watcher);
        } finally {
            lock.unlock();
        }
        report();
        return watcher;
    }

    /** There is a network, the same as before if there was one. */
    void available() {
        lock.lock();
        try {
            if (Boolean.TRUE.equals(available)) return;
            note(true);
        } finally {
            lock.unlock();
        }
        report();
    }

    /** There is a network, but another one than before. */
    void changed() {
        note(true);
        report();
    }

    /** There is none. */
    void lost() {
        note(false);
        report();
    }

    /** There is none, or another one. {@link #report} is to follow when the lock is free. */
    void note(boolean isAvailable) {
        lock.lock();
        try {
            available = isAvailable;
            if (isAvailable) network++;
        } finally {
            lock.unlock();
        }
    }

    /** What was known is not known any more. */
    void forget() {
        lock.lock();
        try {
            available = null;
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return watchers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Calls the listeners that are behind, unless a thread is at it: that one then goes on until none is. */
    void report() {
        lock.lock();
        try {
            if (caller != null) return;
            caller = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        for (Runnable call; (call = nextCall()) != null; ) Uncaught.run(call);
    }

    @SuppressWarnings("GuardedBy") // It cannot tell that a watcher's lock is this one.
    private @Nullable Runnable nextCall() {
        lock.lock();
        try {
            called = null;
            returned.signalAll();
            while (true) {
                for (Watcher watcher; (watcher = round.poll()) != null; ) {
                    if (!watchers.contains(watcher) || !watcher.isBehind()) continue;
                    called = watcher;
                    return watcher.call();
                }
                for (Watcher watcher : watchers) {
                    if (watcher.isBehind()) round.add(watcher);
                }
                if (round.isEmpty()) {
                    caller = null;
                    return null;
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
