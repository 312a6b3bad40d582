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
 * The listeners of a {@link NetworkMonitor}, and the last state that each one received. One thread at a time calls
 * them, one after another and without a lock. Another thread that has a change to report leaves the calls to that
 * thread and returns. A listener may call back into the monitor; an exception of a listener is reported as uncaught.
 * Safe from any thread.
 */
final class Watchers {
    /** Guards the fields here and the monitor's own state. */
    final ReentrantLock lock = new ReentrantLock();

    private final Condition returned = lock.newCondition();

    @GuardedBy("lock")
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    /** The listeners still to be called in this round. */
    @GuardedBy("lock")
    private final ArrayDeque<Watcher> round = new ArrayDeque<>();

    /** Null while the state of the network is unknown. */
    @GuardedBy("lock")
    private @Nullable Boolean available;

    /** The number of the current network. */
    @GuardedBy("lock")
    private long network;

    /** The thread that is calling the listeners, if any. */
    @GuardedBy("lock")
    private @Nullable Thread caller;
    /** The watcher whose listener is being called, if any. */
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

        /** Returns the call that is due, and counts it as made. */
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

    /** Records that a network is available, the same as before if there was one. */
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

    /** Records that another network is available. */
    void changed() {
        note(true);
        report();
    }

    /** Records that no network is available. */
    void lost() {
        note(false);
        report();
    }

    /** Records that no network is available, or another one. Call {@link #report} after releasing the lock. */
    void note(boolean isAvailable) {
        lock.lock();
        try {
            available = isAvailable;
            if (isAvailable) network++;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the state of the network. */
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

    /**
     * Calls the listeners that are behind. If another thread is calling listeners, that thread continues until none is
     * behind.
     */
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

    @SuppressWarnings("GuardedBy") // The check does not know that a watcher's lock is this one.
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
